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
from typing import Any, List, Optional

PROGRAMS = ("fmriprep", "mriqc")


def tail(folder: str) -> Optional[List[str]]:
    """Gives the command that does the rest of the program that runs now, None if
    it is not known to have one. What it needs is saved in folder."""
    for program in PROGRAMS:
        config = sys.modules.get(program + ".config")
        if config is not None and program + ".cli.run" in sys.modules:
            saved = os.path.join(folder, program + ".toml")
            config.to_filename(saved)
            return [sys.executable, os.path.abspath(__file__), program, saved]
    return None


class Workflow:
    """Stands for the workflow that has run, with the exit status that it had."""

    def __init__(self, status: int) -> None:
        self._status = status
        self._real = multiprocessing.Process, multiprocessing.Manager

    def write_graph(self, *args: Any, **options: Any) -> None:
        """Was done before."""

    def run(self, *args: Any, **options: Any) -> None:
        """Ends as the run did; what comes behind it is real again."""
        multiprocessing.Process, multiprocessing.Manager = self._real
        if self._status != 0:
            raise RuntimeError("Workflow did not execute cleanly; Raphe said why")


class Here:
    """Stands for a process: does its work here, at once."""

    exitcode = 0

    def __init__(self, target: Any, args: tuple = (), kwargs: Optional[dict] = None) -> None:
        self._work = target, args, kwargs or {}

    def start(self) -> None:
        target, args, kwargs = self._work
        target(*args, **kwargs)

    def join(self) -> None:
        """It is over."""


class Shared:
    """Stands for a manager of what processes share."""

    def __enter__(self) -> "Shared":
        return self

    def __exit__(self, *exc: Any) -> None:
        """There is nothing to end."""

    def dict(self) -> dict:
        return {}


def finish(program: str, saved: str, status: int) -> None:
    """Does what the program does after its workflow."""
    workflow = Workflow(status)

    def build(config_file: str, retval: dict) -> dict:
        retval.update(return_code=0, workflow=workflow)
        return retval

    config = importlib.import_module(program + ".config")
    config.load(saved)
    config.execution.notrack = True  # the start was told to its makers before
    parser = importlib.import_module(program + ".cli.parser")
    builder = importlib.import_module(program + ".cli.workflow")
    parser.parse_args = lambda *args, **kwargs: None
    builder.build_workflow = build
    builder.build_boilerplate = lambda *args, **kwargs: None
    multiprocessing.Process, multiprocessing.Manager = Here, Shared
    importlib.import_module(program + ".cli.run").main()


if __name__ == "__main__":
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[0:1] = []  # this package's folder, whose modules are nobody else's
    sys.path.append(package)
    finish(sys.argv[1], sys.argv[2], int(sys.argv[3]))
