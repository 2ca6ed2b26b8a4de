"""Makes the plugin "Raphe" known to nipype, without nipype's knowing of it.

A .pth file imports this at every start of Python, so it costs next to nothing
and imports nothing: a finder waits for nipype.pipeline.plugins, steps aside, and
lets that module answer to the name RaphePlugin. The plugin itself is imported
when somebody asks for it.
"""
import sys


class _Finder:
    """Waits for a module, once, and does something with it when it is loaded."""

    def __init__(self, name, extend):
        self.name, self.extend = name, extend

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            load = spec.loader.exec_module

            def load_and_extend(module):
                load(module)
                self.extend(module)

            spec.loader.exec_module = load_and_extend
        return spec


def when_loaded(name, extend):
    """Calls extend with the module of that name, now or when it is imported."""
    if name in sys.modules:
        extend(sys.modules[name])
    else:
        sys.meta_path.insert(0, _Finder(name, extend))


def offer_plugin(module):
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


when_loaded("nipype.pipeline.plugins", offer_plugin)
