"""Nodes without their contents, until somebody asks for them.

After the hand-over a node's contents lie in its blob. `empty` lets go of them,
and the node stays the object that it was, at its place in nipype's graph, with
its name and its place on disk, so that its result can be read. Whoever asks for
anything else makes it read its blob again. `fill_from` does so before a blob gives
way to another.
"""
import pickle
import weakref
from typing import Any, Dict, List

_KEPT = ("_name", "_hierarchy", "_id", "_output_dir", "base_dir")
_classes: Dict[type, type] = {}
_emptied: Dict[str, List[Any]] = {}  # blob: weak references to nodes


def empty(node: Any, blob: str, index: int, config: Dict[str, Any]) -> None:
    """Lets go of a node's contents, which blob holds. config is what its
    configuration is a difference to, index its number in nipype's graph."""
    contents = vars(node)
    kept = {name: contents[name] for name in _KEPT}
    cls = type(node)
    if cls not in _classes:
        _classes[cls] = _hollow(cls)
    contents.clear()
    contents.update(kept)
    contents["_raphe"] = (blob, index, config)
    node.__class__ = _classes[cls]
    others = [reference for reference in _emptied.get(blob, ()) if reference() is not None]
    _emptied[blob] = [*others, weakref.ref(node)]


def fill_from(blob: str) -> None:
    """Gives those nodes that live, and have a blob for their contents, these back."""
    for reference in _emptied.pop(blob, ()):
        node = reference()
        if node is not None and "_raphe" in vars(node):
            fill(node)


def fill(node: Any) -> None:
    """Gives a node its contents back; what was set meanwhile stays."""
    contents = vars(node)
    blob, index, config = contents["_raphe"]
    with open(blob, "rb") as file:
        was = vars(pickle.load(file))
    del contents["_raphe"]
    node.__class__ = type(node).__mro__[1]
    was["index"] = index
    was["config"] = _merged(config, was["config"])
    was.update(contents)
    contents.update(was)


def _hollow(cls: type) -> type:
    """Makes a class of nodes that fill themselves when something is missing."""

    def __getattr__(self, name):
        if "_raphe" not in vars(self) or name.startswith("__"):
            raise AttributeError(f"{cls.__name__!r} object has no attribute {name!r}")
        fill(self)
        return getattr(self, name)

    def __reduce_ex__(self, protocol):
        fill(self)
        return self.__reduce_ex__(protocol)

    return type(cls.__name__, (cls,), {
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__getattr__": __getattr__,
        "__reduce_ex__": __reduce_ex__,
    })


def _merged(config: Dict[str, Any], own: Dict[str, Any]) -> Dict[str, Any]:
    """Gives a configuration with a node's own options."""
    out = {section: dict(options) for section, options in config.items()}
    for section, options in own.items():
        out.setdefault(section, {}).update(options)
    return out
