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
import pathlib
import pickle
import sys
from typing import Any, Callable, Dict, List, Optional

PROGRAMS = ("fmriprep", "mriqc")


def tail(folder: str) -> Optional[List[str]]:
    """Gives the command that does the rest of the program that runs now, None if
    it is not known to have one. What it needs is saved in folder."""
    for program in PROGRAMS:
        config = sys.modules.get(program + ".config")
        if config is not None and program + ".cli.run" in sys.modules:
            saved = os.path.join(folder, program + ".toml")
            with open(saved, "w") as file:
                file.write(config.dumps())
            with open(saved + ".pickle", "wb") as file:
                pickle.dump(settings(config), file)
            return [sys.executable, os.path.abspath(__file__), program, saved]
    return None


def settings(config: Any) -> Dict[str, Dict[str, Any]]:
    """Gives what the sections of a configuration hold, but for what is more than
    data. A program's own file of it leaves some out, say the list of what it
    found to do, and gives a path back as its description."""
    sections = {}
    for name, section in vars(config).items():
        if isinstance(section, type) and section.__module__ == config.__name__:
            values = vars(section).items()
            sections[name] = {key: v for key, v in values if key[:1] != "_" and _is_data(v)}
    return sections


def _is_data(value: Any) -> bool:
    if isinstance(value, (list, tuple, set)):
        return all(map(_is_data, value))
    if isinstance(value, dict):
        return all(_is_data(key) and _is_data(v) for key, v in value.items())
    return value is None or isinstance(value, (int, float, str, bytes, pathlib.PurePath))


def set_again(config: Any, sections: Dict[str, Dict[str, Any]]) -> None:
    """Makes a configuration what it was when settings() saw it."""
    for name, values in sections.items():
        for key, value in values.items():
            setattr(getattr(config, name), key, value)


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
    config = importlib.import_module(program + ".config")
    with open(saved + ".pickle", "rb") as file:
        sections = pickle.load(file)
    config.load(saved)
    files = config.to_filename, config.load

    def settle() -> None:
        config.to_filename, config.load = files
        set_again(config, sections)

    workflow = Workflow(status, settle)

    def parse(*args: Any, **options: Any) -> None:
        set_again(config, sections)
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
