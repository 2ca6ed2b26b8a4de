"""Makes the plugin "Raphe" known to nipype, without nipype's knowing of it.

A .pth file imports this at every start of Python, so it costs next to nothing
and imports nothing: a finder waits for nipype.pipeline.plugins, steps aside, and
lets that module answer to the name RaphePlugin. The plugin itself is imported
when somebody asks for it.
"""
import sys

_PLUGINS = "nipype.pipeline.plugins"


class _Finder:
    """Finds nipype's module of plugins, once."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != _PLUGINS:
            return None
        remove()
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            load = spec.loader.exec_module

            def load_and_add(module):
                load(module)
                add(module)

            spec.loader.exec_module = load_and_add
        return spec


def install():
    """Waits for nipype's module of plugins, or extends it if it is there."""
    module = sys.modules.get(_PLUGINS)
    if module is not None:
        add(module)
    elif _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)


def remove():
    """Waits no longer."""
    if _Finder in sys.meta_path:
        sys.meta_path.remove(_Finder)


def add(module):
    """Lets a module answer to the name RaphePlugin."""
    others = module.__dict__.get("__getattr__")

    def answer(name):
        if name == "RaphePlugin":
            from raphe_nipype.plugin import RaphePlugin

            module.RaphePlugin = RaphePlugin
            return RaphePlugin
        if others is not None:
            return others(name)
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

    module.__getattr__ = answer


install()
