"""What programs do behind Workflow.run, for when Raphe takes their place (exec).

fMRIPrep and MRIQC write reports and descriptions after their workflow. Where
Raphe has replaced the program, this is started at the end, with the exit status
of the run: it calls the program's main again, in which everything before the
workflow's run() is already there: the settings are those that were saved at the
hand-over, and the workflow is a stand-in that has run.
"""
import importlib
import multiprocessing
import os
import sys
from typing import Any, Callable, List, Optional


def tail(program: str, folder: str) -> List[str]:
    """Gives the command that does the rest of a program. What it needs is saved in
    folder, beside what programs.save() wrote there."""
    with open(os.path.join(folder, program + ".toml"), "w") as file:
        file.write(sys.modules[program + ".config"].dumps())
    return [sys.executable, os.path.abspath(__file__), program, folder]


class Workflow:
    """Stands for the workflow that has run, with the exit status that it had."""

    def __init__(self, status: int, settle: Callable[[], None]) -> None:
        self._status = status
        self._settle = settle
        self._real = multiprocessing.Process, multiprocessing.Manager

    def write_graph(self, *args: Any, **options: Any) -> None:
        """Was done before."""

    def run(self, *args: Any, **options: Any) -> None:
        """Ends as the run did; what comes behind it is real again."""
        multiprocessing.Process, multiprocessing.Manager = self._real
        self._settle()
        if self._status != 0:
            raise RuntimeError("Workflow did not execute cleanly; Raphe said why")


class Here(multiprocessing.Process):
    """A process whose work is done here, at once. A class that a program derives from
    it, say to watch its memory, is a process of its own."""

    def start(self) -> None:
        if type(self) is Here:
            self.run()
        else:
            super().start()

    def join(self, timeout: Optional[float] = None) -> None:
        if type(self) is not Here:
            super().join(timeout)

    @property
    def exitcode(self) -> Optional[int]:
        return 0 if type(self) is Here else super().exitcode


class Shared:
    """Stands for a manager of what processes share."""

    def __enter__(self) -> "Shared":
        return self

    def __exit__(self, *exc: Any) -> None:
        """There is nothing to end."""

    def dict(self) -> dict:
        return {}


def finish(program: str, folder: str, status: int) -> None:
    """Does what the program does after its workflow."""
    from raphe_nipype import programs

    config = importlib.import_module(program + ".config")
    saved = os.path.join(folder, program + ".toml")
    config.load(saved)
    files = config.to_filename, config.load

    def settle() -> None:
        config.to_filename, config.load = files
        programs.restore(program, folder)

    workflow = Workflow(status, settle)

    def parse(*args: Any, **options: Any) -> None:
        programs.restore(program, folder)
        config.execution.notrack = True  # the start was told to its makers before
        # Its own file has nothing to say until the workflow has run.
        config.to_filename = lambda *args, **options: saved
        config.load = lambda *args, **options: None

    def build(config_file: str, retval: dict) -> dict:
        retval.update(return_code=0, workflow=workflow)
        return retval

    parser = importlib.import_module(program + ".cli.parser")
    builder = importlib.import_module(program + ".cli.workflow")
    parser.parse_args = parse
    builder.build_workflow = build
    builder.build_boilerplate = lambda *args, **kwargs: None
    multiprocessing.Process, multiprocessing.Manager = Here, Shared
    importlib.import_module(program + ".cli.run").main()


if __name__ == "__main__":
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[0:1] = []  # this package's folder, whose modules are nobody else's
    sys.path.append(package)
    finish(sys.argv[1], sys.argv[2], int(sys.argv[3]))
