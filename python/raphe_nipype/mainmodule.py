"""The script that somebody started, for the workers that run nodes of it.

A class that the script itself defines is `__main__.Name` in a pickle, and a
worker's `__main__` is another. So the worker runs the script once more, as the
start method "spawn" of Python's multiprocessing does, under the name
`__mp_main__`, so that what stands behind `if __name__ == "__main__"` is left
out. Many scripts lack that line: theirs are run up to the first workflow that
they would run.
"""
import os
import sys
import types
from typing import Any, Dict, Optional

_GUARDED = "__mp_main__"


class _Enough(BaseException):
    """Ends a script at the place where it would run a workflow."""


def found() -> Optional[Dict[str, Any]]:
    """Says where the script of this process is, None if it has no file."""
    module = sys.modules.get("__main__")
    spec = getattr(module, "__spec__", None)
    if spec is not None and spec.name:
        return {"name": spec.name, "argv": list(sys.argv)}
    path = getattr(module, "__file__", None)
    if path and os.path.isfile(path):
        return {"path": os.path.abspath(path), "argv": list(sys.argv)}
    return None


def restore(main: Optional[Dict[str, Any]]) -> None:
    """Makes the script that found() told of this process's `__main__`."""
    if not main:
        return
    module = types.ModuleType(_GUARDED)
    code = _code(main, module)
    sys.modules["__main__"] = sys.modules[_GUARDED] = module
    argv, sys.argv = sys.argv, list(main.get("argv", sys.argv))
    try:
        _run(code, module)
    finally:
        sys.argv = argv
        _rename(module)


def _code(main: Dict[str, Any], module: types.ModuleType) -> Any:
    """Compiles the script, and fills in what a module knows of itself."""
    if "name" in main:
        from importlib.util import find_spec

        spec = find_spec(main["name"])
        if spec is None or spec.loader is None:
            raise ImportError(f"the script's module {main['name']} is not found")
        module.__spec__, module.__file__ = spec, spec.origin
        module.__package__ = spec.parent
        return spec.loader.get_code(main["name"])
    module.__file__ = main["path"]
    with open(main["path"], "rb") as script:
        return compile(script.read(), main["path"], "exec")


def _run(code: Any, module: types.ModuleType) -> None:
    from nipype.pipeline.engine import Workflow

    def stop(self, *args, **kwargs):
        raise _Enough

    run, Workflow.run = Workflow.run, stop
    try:
        exec(code, module.__dict__)
    except (_Enough, SystemExit):
        pass
    finally:
        Workflow.run = run


def _rename(module: types.ModuleType) -> None:
    """Gives what the script defined the names that it has in the script's process."""
    module.__name__ = "__main__"
    for value in list(vars(module).values()):
        if isinstance(value, (type, types.FunctionType)) and value.__module__ == _GUARDED:
            value.__module__ = "__main__"
