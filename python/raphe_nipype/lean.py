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
    nibabel, scipy    imported at the top of modules of nipype for one function or other
                      (see `settle`); nipype 1.12 has scipy.io for MATLAB's files only.
    psutil            for nipype's monitoring (off unless it is set).
    urllib.request    nibabel (4 and later) reads images from addresses with it; it brings ssl,
                      email and http along.

    numpy.random,     and other parts of numpy, which the numpy before 2 imports at once. numpy
    numpy.ma          itself stays: traits looks into it when it is imported.
"""

import importlib
import importlib.machinery
import os
import sys
import threading
import types
import urllib  # a package with nothing in it, where the stand-in of its module is put

LAZY = ("nibabel", "scipy", "scipy.io", "psutil", "urllib.request")

# What numpy imports at once before its version 2, and after that when it is used.
OF_NUMPY = ("numpy.random", "numpy.ma", "numpy.polynomial", "numpy.fft")

# Functions that nipype imports by name from a lazy module: to be imported is not to be used.
BY_NAME = {"nibabel": ("load",)}

# Packages of nipype that hold what is waiting here without using it in most of their classes.
HOLDERS = ("pipeline", "utils", "testing", "interfaces.fsl", "interfaces.freesurfer")
HOLDERS += ("interfaces.spm", "interfaces.base", "interfaces.io", "interfaces.utility")

# Modules that whoever refers to them hardly ever uses.
UNUSED = ("urllib.request",)


class LazyModule(types.ModuleType):
    """A module that is executed when one of its attributes is asked for."""

    def __getattr__(self, name):
        if name in BY_NAME.get(self.__name__, ()) and "_lazy_spec" in self.__dict__:
            return Deferred(self, name, load)
        with self._lazy_lock:  # another thread may be loading it
            if "_lazy_spec" not in self.__dict__ and name not in self.__dict__:
                raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
            return getattr(load(self), name)


def load(module):
    """Executes a lazy module; its parent first. Gives the module."""
    lock = module.__dict__.get("_lazy_lock")
    if lock is None:
        return module
    with lock:
        spec = module.__dict__.pop("_lazy_spec", None)
        if spec is None:
            return module
        parent = sys.modules.get(spec.parent if spec.parent != spec.name else None)
        if type(parent) is LazyModule:
            load(parent)
        module.__spec__ = spec
        try:
            spec.loader.exec_module(module)
        except BaseException:
            sys.modules.pop(spec.name, None)
            raise
        module.__class__ = types.ModuleType
    return module


class Parents:
    """A finder that loads a lazy package before a module in it is imported."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        parent = sys.modules.get(name.rpartition(".")[0])
        if type(parent) is not LazyModule:
            return None
        load(parent)
        module = sys.modules.get(name)
        if module is None:
            return None
        # Of a module that appeared while it was looked for Python takes the spec.
        module.__spec__ = importlib.machinery.ModuleSpec(name, Present(module))
        return module.__spec__


class Present:
    """The loader of a module that its package has imported already."""

    def __init__(self, module):
        self._module = module
        self._spec = module.__spec__

    def create_module(self, spec):
        return self._module

    def exec_module(self, module):
        module.__spec__ = self._spec


class Deferred:
    """A name of a module that is loaded when what has the name is called or looked into."""

    def __init__(self, home, name, load):
        self._home = home
        self._name = name
        self._load = load

    def _real(self):
        return getattr(self._load(self._home), self._name)

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
    for name in LAZY + (OF_NUMPY if _numpy_is_old() else ()):
        _lazy(name)
    sys.meta_path.insert(0, Parents)


def settle():
    """Loads those modules that preloaded code refers to which means to use them.

    Loaded before the fork they are shared by all workers, and no worker waits for them."""
    waiting = {name for name, m in sys.modules.items() if type(m) is LazyModule}
    for name, module in list(sys.modules.items()):
        if module is None or name in waiting or _holds_only(name):
            continue
        for value in list(getattr(module, "__dict__", {}).values()):
            if type(value) is Deferred:
                value = value._home
            if type(value) is LazyModule and not _is_apart(value.__name__, name):
                _try(value)


def _is_apart(waiting, holder):
    """Whether a module may wait although another holds it, which is its package, say."""
    return waiting in UNUSED or waiting.startswith(f"{holder}.")


def _holds_only(name):
    package, _, rest = name.partition(".")
    if package == "nipype":
        return not rest or any(f"{rest}.".startswith(f"{part}.") for part in HOLDERS)
    return package == __name__.partition(".")[0]


def _try(module):
    """Loads a module; one that cannot be loaded fails where it is used."""
    try:
        load(module)
    except Exception:  # whatever its code raises
        pass


def _own_distutils():
    """Takes away the finder that puts setuptools' copy in the place of distutils."""
    hack = sys.modules.get("_distutils_hack")
    if hasattr(hack, "remove_shim") and "distutils" not in sys.modules:
        if sys.version_info < (3, 12):  # later Pythons have no distutils of their own
            hack.remove_shim()


def _numpy_is_old():
    spec = _find("numpy", None)
    places = spec and spec.submodule_search_locations or []
    return not any(os.path.isdir(os.path.join(place, "_core")) for place in places)


def _lazy(name):
    """Stands in for a module whose names are looked up in it (import x)."""
    package = name.rpartition(".")[0]
    if name in sys.modules:
        return
    try:
        within = _find(package, None) if package else None
        spec = _find(name, within and within.submodule_search_locations)
    except (ImportError, ValueError):
        return
    if spec is None or not hasattr(spec.loader, "exec_module"):
        return
    module = LazyModule(name)
    # An import statement looks at these: they must be there, since a look must not load.
    module.__spec__ = importlib.machinery.ModuleSpec(name, spec.loader, origin=spec.origin)
    module.__loader__ = spec.loader
    module.__package__ = spec.parent
    if spec.submodule_search_locations is not None:
        module.__path__ = list(spec.submodule_search_locations)
    if spec.has_location:
        module.__file__ = spec.origin
    module._lazy_spec, module._lazy_lock = spec, threading.RLock()
    sys.modules[name] = module
    if package in sys.modules:
        setattr(sys.modules[package], name.rpartition(".")[2], module)


def _find(name, path):
    for finder in sys.meta_path:
        spec = finder.find_spec(name, path)
        if spec is not None:
            return spec
    return None


def _defer(name):
    """Stands in for a module whose names are imported one by one (from x import y)."""
    if name in sys.modules:
        return
    module = types.ModuleType(name)

    def real(stand_in):
        if sys.modules.get(name) is stand_in:
            del sys.modules[name]
        return importlib.import_module(name)

    def attribute(key):
        if key.startswith("__"):
            raise AttributeError(key)
        return Deferred(module, key, real)

    module.__getattr__ = attribute
    sys.modules[name] = module
