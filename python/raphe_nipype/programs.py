"""Programs that keep their settings in a module of theirs, and not in their nodes.

fMRIPrep and MRIQC hold what the user asked for in classes of a module `config`. What
their nodes look up there is found by MultiProc's workers, which are told it, and by
what comes behind the workflow. So it is saved at the hand-over: for workers, and for
what is done at the end where Raphe has taken the program's place (see finish.py).
"""
import os
import pathlib
import pickle
import sys
import traceback
from typing import Any, Dict, Optional

from . import hook

PROGRAMS = ("fmriprep", "mriqc")

Sections = Dict[str, Dict[str, Any]]


def running() -> Optional[str]:
    """Gives the name of the program that runs in this process, if it is one of these."""
    for program in PROGRAMS:
        if program + ".config" in sys.modules and program + ".cli.run" in sys.modules:
            return program
    return None


def save(program: str, folder: str) -> None:
    """Saves what a program's sections of settings hold now, but for what is more than
    data. The file that the program writes itself leaves some out, say the list of what
    it found to do, and gives a path back as its description."""
    config = sys.modules[program + ".config"]
    sections: Sections = {}
    for name, section in vars(config).items():
        if isinstance(section, type) and section.__module__ == config.__name__:
            values = vars(section).items()
            sections[name] = {key: v for key, v in values if key[:1] != "_" and _is_data(v)}
    with open(_path(program, folder), "wb") as file:
        pickle.dump(sections, file)


def restore(program: str, folder: str) -> None:
    """Makes a program's settings what they were when they were saved."""
    config = sys.modules[program + ".config"]
    with open(_path(program, folder), "rb") as file:
        sections: Sections = pickle.load(file)
    for name, values in sections.items():
        for key, value in values.items():
            setattr(getattr(config, name), key, value)


def expect(program: str, folder: str) -> None:
    """Restores a program's settings in a worker as soon as something imports them."""

    def settle(config: Any) -> None:
        try:
            restore(program, folder)
            config.loggers.init()
        except Exception:  # a node that needs them says so
            traceback.print_exc()

    hook.when_loaded(program + ".config", settle)


def _path(program: str, folder: str) -> str:
    return os.path.join(folder, program + ".pickle")


def _is_data(value: Any) -> bool:
    if isinstance(value, (list, tuple, set)):
        return all(map(_is_data, value))
    if isinstance(value, dict):
        return all(_is_data(key) and _is_data(v) for key, v in value.items())
    return value is None or isinstance(value, (int, float, str, bytes, pathlib.PurePath))
