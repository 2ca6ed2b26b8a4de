"""What Raphe must know of the class of an interface, and how a node of it can be run.

    Classes   the facts of each class, worked out once
    how       "tool", "split" or "worker"

A node is a `tool` only where nothing of its Python can differ from nipype's own:
its class is one of nipype's, by identity, that Raphe's catalogue has too, and
neither the node nor the interface was changed in a way that the catalogue can't
know. Everything else goes the longer way, which is right for all.
"""
import os
import sys
from typing import Any, Dict, FrozenSet, List, Optional

from nipype.interfaces.base import CommandLine, DynamicTraitedSpec, traits
from nipype.interfaces.base.traits_extension import BasePath, MultiObject
from nipype.interfaces.utility import Merge
from nipype.pipeline.engine.nodes import MapNode, Node

_INTERFACES = "nipype.interfaces."


def catalogue() -> FrozenSet[str]:
    """Gives the names of the command-line classes that Raphe has itself."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "catalogue.txt")
    with open(path, encoding="utf-8") as names:
        return frozenset(names.read().split())


def class_name(cls: type) -> str:
    """Gives module and name of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


class Classes:
    """The classes of interfaces that were seen, with what is known of each.

    Specs may get traits for one interface alone, so interfaces of one class with
    other inputs or outputs, as Merge(2) and Merge(3) are, count as of two.
    """

    def __init__(self) -> None:
        self._names = catalogue()
        self._native: Dict[type, Optional[str]] = {}
        self._seen: Dict[Any, Dict[str, Any]] = {}

    def native(self, cls: type) -> Optional[str]:
        """Gives the name of a class in Raphe's catalogue, None if it is not there."""
        if cls not in self._native:
            self._native[cls] = self._catalogued(cls)
        return self._native[cls]

    def record(self, interface: Any, inputs: List[str]) -> Dict[str, Any]:
        """Gives the record of an interface's class; it is new if it has no "id" yet.

        inputs are the names of the interface's inputs.
        """
        outputs = None
        if issubclass(type(interface).output_spec or object, DynamicTraitedSpec):
            outputs = tuple(_outputs(interface))
        always = bool(interface.always_run)
        key = (type(interface), tuple(inputs), outputs, always)
        record = self._seen.get(key)
        if record is None:
            record = self._seen[key] = self._facts(interface, inputs)
        return record

    def __len__(self) -> int:
        return len(self._seen)

    def _facts(self, interface: Any, inputs: List[str]) -> Dict[str, Any]:
        cls = type(interface)
        record: Dict[str, Any] = {"kind": "class", "id": None, "name": class_name(cls)}
        name = self.native(cls)
        if name is not None:
            record["interface"] = name
        for field in ("input_spec", "output_spec"):
            spec = getattr(cls, field, None)
            if spec is not None:
                record[field] = class_name(spec)
        spec = interface.inputs
        record["inputs"] = list(inputs)
        record["outputs"] = _outputs(interface)
        made = interface._outputs() if record["outputs"] else None
        record["paths"] = [n for n in record["outputs"] if _is_path(made.trait(n))]
        if name is not None:
            record["exists"] = [n for n in record["outputs"] if _must_exist(made.trait(n))]
        traits = [n for n in inputs if spec.trait(n) is not None]  # a JoinNode adds some later
        record["nohash"] = [n for n in traits if spec.has_metadata(n, "nohash", True)]
        record["nofilehash"] = [
            n
            for n in traits
            if spec.has_metadata(n, "hash_files", False) or spec.has_metadata(n, "name_source")
        ]
        record["command_line"] = isinstance(interface, CommandLine)
        record["always_run"] = bool(interface.always_run)
        record["can_resume"] = bool(interface.can_resume)
        return record

    def _catalogued(self, cls: type) -> Optional[str]:
        if not cls.__module__.startswith(_INTERFACES):
            return None
        module = cls.__module__[len(_INTERFACES):]
        for place in (module.partition(".")[0], module):
            name = f"{place}.{cls.__name__}"
            there = getattr(sys.modules.get(_INTERFACES + place), cls.__name__, None)
            if there is cls and name in self._names:
                return name
        if cls is Merge:  # the only one of them that is no command line
            return "utility.Merge"
        return None


def _is_path(trait: Any) -> bool:
    """Whether an output is a path or a list of paths: nipype makes plain text of these."""
    if isinstance(trait.handler, BasePath):
        return True
    inner = trait.inner_traits or ()
    return isinstance(trait.handler, (traits.List, MultiObject)) and all(map(_is_path, inner))


def _is_plain(value: Any) -> bool:
    """Whether a value comes back from JSON as what it was, by type as well."""
    if type(value) in (list, tuple):
        return all(map(_is_plain, value))
    if type(value) is dict:
        return all(_is_plain(k) and _is_plain(v) for k, v in value.items())
    return value is None or type(value) in (str, int, float, bool)


def _must_exist(trait: Any) -> bool:
    """Whether an output refuses a path that is not there."""
    if getattr(trait.handler, "exists", False):
        return True
    parts = list(trait.inner_traits or ()) + list(getattr(trait.handler, "handlers", None) or ())
    return any(_must_exist(getattr(part, "as_ctrait", lambda: part)()) for part in parts)


def _outputs(interface: Any) -> List[str]:
    """Gives the names of the outputs, in the order in which they are declared."""
    try:
        spec = interface._outputs()
    except Exception:  # an interface's own code
        return []
    return [] if spec is None else list(spec.copyable_trait_names())


def how(node: Any, record: Dict[str, Any], opaque: List[str], special: bool) -> str:
    """Says how a node is run, if nipype's own monitor of resources is off.

    record is that of its class, opaque are its inputs that have no JSON form, and
    special says that its configuration asks for what only nipype does.
    """
    interface = node.interface
    command = isinstance(interface, CommandLine)
    if (
        "interface" in record
        and (type(node) is Node or type(node) is MapNode and command)
        and not special
        and not opaque
        and not any(isinstance(source[1], tuple) for source in node.input_source.values())
        and not _changed(interface)
        and (command or all(map(_is_plain, interface.inputs.get_traitsfree().values())))
    ):
        return "tool"
    return "split" if command else "worker"


def _changed(interface: Any) -> bool:
    """Whether an interface was given another command or methods of its own, or
    treats what its command prints otherwise than nipype does by itself."""
    cls, own = type(interface), vars(interface)
    if "_cmd" in own and own["_cmd"] != getattr(cls, "_cmd", None):
        return True
    if getattr(interface, "terminal_output", "stream") != "stream":
        return True
    if own.get("_environ"):
        return True
    return any(callable(value) and hasattr(cls, name) for name, value in own.items())
