"""`python -m raphe_nipype.script SCRIPT ARGS`: runs a script with Raphe.

The script runs as Python would run it. Whatever plugin its workflows name, if
any, Raphe takes the place of it; of the plugin's arguments those are kept that
mean something to Raphe.
"""
import os
import sys
import types
from typing import Any, Dict, List, Optional

from . import hook


def main(argv: List[str]) -> None:
    """Runs the script argv[0] with its arguments."""
    if not argv:
        sys.exit("usage: python -m raphe_nipype.script SCRIPT [ARGUMENT ...]")
    path = argv[0]
    hook.when_loaded("nipype.pipeline.engine.workflows", take_over)
    sys.argv[:] = argv
    sys.path[0] = os.path.dirname(os.path.realpath(path))
    module = types.ModuleType("__main__")
    module.__file__ = os.path.abspath(path)
    sys.modules["__main__"] = module
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    exec(code, module.__dict__)


def take_over(module: Any) -> None:
    """Makes the workflows of nipype's module run with Raphe."""
    original = module.Workflow.run

    def run(
        self: Any,
        plugin: Any = None,
        plugin_args: Optional[Dict[str, Any]] = None,
        updatehash: bool = False,
    ) -> Any:
        from .plugin import RaphePlugin

        if not isinstance(plugin, RaphePlugin):
            if plugin is not None and not isinstance(plugin, (str, bytes)):
                plugin_args = plugin.plugin_args
            plugin = RaphePlugin(kept(plugin, plugin_args))
        return original(self, plugin=plugin, updatehash=updatehash)

    module.Workflow.run = run


def kept(plugin: Any, plugin_args: Optional[Dict[str, Any]]) -> Dict[str, Any]:
    """Gives those arguments of a plugin that mean something to Raphe."""
    from .plugin import KNOWN

    args = {name: value for name, value in (plugin_args or {}).items() if name in KNOWN}
    if plugin not in ("MultiProc", "LegacyMultiProc", "Raphe"):  # others refuse no node
        args.setdefault("raise_insufficient", False)
    return args


if __name__ == "__main__":
    main(sys.argv[1:])
