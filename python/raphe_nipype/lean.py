"""Keeps modules that a worker hardly ever needs out of memory until they are used.

Importing nipype imports much that executing a node never touches. Here such modules are
stood in for, before nipype is imported, by objects that load the real thing at the first
look at what it holds. Nothing that can be observed through a module's attributes changes.

    distutils         nipype 1.8 wants LooseVersion of it. Where setuptools is installed, its
                      own copy of distutils takes the place of Python's, and importing that
                      loads setuptools and pkg_resources with all they carry: on Debian 12
                      half of nipype's import time and a third of its memory.
    provenance        nipype's writer of PROV documents (off unless write_provenance is set),
                      with prov and rdflib.
    nibabel, scipy    imported at the top of nipype's interface modules for one method or
                      other (see `settle`).

numpy stays: traits looks into it when it is imported.
"""

import importlib
import importlib.machinery
import importlib.util
import sys
import types

LAZY = ("networkx", "nibabel", "scipy", "pandas", "etelemetry", "requests", "rdflib")


class LazyModule(types.ModuleType):
    """A module that is executed when one of its attributes is asked for."""

    def __getattr__(self, name):
        spec = self.__dict__.pop("_lazy_spec", None)
        if spec is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        self.__class__ = types.ModuleType
        self.__spec__ = spec
        if spec.submodule_search_locations is not None:
            self.__path__ = spec.submodule_search_locations
        try:
            spec.loader.exec_module(self)
        except BaseException:
            sys.modules.pop(self.__name__, None)
            raise
        return getattr(self, name)


class Deferred:
    """A name of a module that is imported when the name is called or looked into."""

    def __init__(self, home, name):
        self._home = home
        self._name = name

    def _real(self):
        return getattr(self._home(), self._name)

    def __call__(self, *args, **kwargs):
        return self._real()(*args, **kwargs)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._real(), name)

    def __getitem__(self, key):
        return self._real()[key]


def install():
    """Puts the stand-ins in place. To be called before nipype is imported."""
    _own_distutils()
    _defer("nipype.utils.provenance")
    for name in LAZY:
        _lazy(name)


def settle():
    """Loads those modules that preloaded code outside nipype refers to.

    nipype's own modules import nibabel for little; who imports it in a module of
    interfaces of their own uses it. Loaded before the fork it is shared by all workers."""
    waiting = {id(m): m for m in list(sys.modules.values()) if type(m) is LazyModule}
    for name, module in list(sys.modules.items()):
        if module is None or name.partition(".")[0] in ("nipype", __package__ or __name__):
            continue
        for value in list(getattr(module, "__dict__", {}).values()):
            lazy = waiting.pop(id(value), None)
            if lazy is not None:
                load(lazy)


def load(module):
    """Loads a lazy module; one that cannot be loaded fails where it is used."""
    try:
        getattr(module, "__path__", None)
    except Exception:  # whatever its code raises
        pass


def _own_distutils():
    """Takes away the finder that puts setuptools' copy in the place of distutils."""
    hack = sys.modules.get("_distutils_hack")
    if hack is not None and "distutils" not in sys.modules and sys.version_info < (3, 12):
        hack.remove_shim()


def _lazy(name):
    if name in sys.modules:
        return
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return
    if spec is None or spec.loader is None or not hasattr(spec.loader, "exec_module"):
        return
    module = LazyModule(name)
    # An import statement looks at __spec__: it must be there, and must not load.
    module.__spec__ = importlib.machinery.ModuleSpec(name, spec.loader, origin=spec.origin)
    module.__loader__ = spec.loader
    module.__package__ = name
    if spec.has_location:
        module.__file__ = spec.origin
    module._lazy_spec = spec
    sys.modules[name] = module


def _defer(name):
    """Stands in for a module whose names are imported one by one (from x import y)."""
    if name in sys.modules:
        return
    module = types.ModuleType(name)

    def home():
        if sys.modules.get(name) is module:
            del sys.modules[name]
        return importlib.import_module(name)

    def attribute(key):
        if key.startswith("__"):
            raise AttributeError(key)
        return Deferred(home, key)

    module.__getattr__ = attribute
    sys.modules[name] = module
