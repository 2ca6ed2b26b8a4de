"""The script that somebody started, for the workers that run nodes of it.

A class that the script itself defines is `__main__.Name` in a pickle, and a
worker's `__main__` is another. So the worker runs the script once more, as the
start method "spawn" of Python's multiprocessing does, under the name
`__mp_main__`, so that what stands behind `if __name__ == "__main__"` is left
out. Many scripts lack that line: they are run up to the first workflow that they
would run, and of the rest only what defines something.
"""
import ast
import os
import sys
import types
from typing import Any, Dict, Optional, Union

_GUARDED = "__mp_main__"
_DEFINITIONS = (
    ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Import, ast.ImportFrom,
)


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
    source = _source(main, module)
    sys.modules["__main__"] = sys.modules[_GUARDED] = module
    argv, sys.argv = sys.argv, list(main.get("argv", sys.argv))
    try:
        _run(source, module)
    finally:
        sys.argv = argv
        _rename(module)


def _source(main: Dict[str, Any], module: types.ModuleType) -> Union[str, bytes]:
    """Gives the script's text, and fills in what a module knows of itself."""
    if "name" in main:
        from importlib.util import find_spec

        spec = find_spec(main["name"])
        if spec is None or spec.loader is None:
            raise ImportError(f"the script's module {main['name']} is not found")
        module.__spec__, module.__file__ = spec, spec.origin
        module.__package__ = spec.parent
        return spec.loader.get_source(main["name"])
    module.__file__ = main["path"]
    with open(main["path"], "rb") as script:
        return script.read()


def _run(source: Union[str, bytes], module: types.ModuleType) -> None:
    """Runs a script until it would run a workflow; of what is behind that it makes
    classes and functions only."""
    from nipype.pipeline.engine import Workflow

    def stop(self, *args, **kwargs):
        raise _Enough

    tree = ast.parse(source, module.__file__)
    run, Workflow.run = Workflow.run, stop
    try:
        exec(compile(tree, module.__file__, "exec", dont_inherit=True), module.__dict__)
    except (_Enough, SystemExit) as end:
        _define(tree, end.__traceback__.tb_next.tb_lineno, module)
    finally:
        Workflow.run = run


def _define(tree: ast.Module, line: int, module: types.ModuleType) -> None:
    """Makes what a script imports and defines behind a line."""
    future = [s for s in tree.body if isinstance(s, ast.ImportFrom) and s.module == "__future__"]
    for statement in tree.body:
        if statement.lineno > line and isinstance(statement, _DEFINITIONS):
            part = ast.Module(body=[*future, statement], type_ignores=[])
            try:
                exec(compile(part, module.__file__, "exec", dont_inherit=True), module.__dict__)
            except Exception:  # it needs what was left out; a node may need it or not
                continue


def _rename(module: types.ModuleType) -> None:
    """Gives what the script defined the names that it has in the script's process."""
    module.__name__ = "__main__"
    for value in list(vars(module).values()):
        if isinstance(value, (type, types.FunctionType)) and value.__module__ == _GUARDED:
            value.__module__ = "__main__"
