"""The digest of a node: what tells Raphe whether the node itself changed.

It is that of the node's pickle, but for two things. Options that say where and how a run is
told of are left out: a program may choose these anew for each of its runs, a folder for crash
files that is named after the run, say, and what a node makes doesn't depend on them. And sets
are put in order: Python has them in another one in each process.
"""
import hashlib
import io
import pickle
from typing import Any, Dict

PROTOCOL = pickle.HIGHEST_PROTOCOL

_OF_RUNS = {"crashdump_dir", "crashfile_format", "stop_on_first_crash"}
_SECTIONS_OF_RUNS = {"logging", "check"}
_SETS = (pickle.EMPTY_SET, pickle.FROZENSET)


def digest(node: Any, blob: bytes) -> str:
    """Gives the digest of a node, whose pickle is blob and whose configuration is its own."""
    own = node.config
    kept = lasting(own)
    if kept != own or any(code in blob for code in _SETS):
        node.config = kept
        try:
            blob = _in_order(node)
        finally:
            node.config = own
    return hashlib.sha256(blob).hexdigest()


def lasting(own: Dict[str, Dict[str, Any]]) -> Dict[str, Dict[str, Any]]:
    """Gives those of a node's own options that have a say in what it makes."""
    out = {}
    for section, options in own.items():
        kept = {name: value for name, value in options.items() if name not in _OF_RUNS}
        if kept and section not in _SECTIONS_OF_RUNS:
            out[section] = kept
    return out


class _Ordered(pickle.Pickler):
    """Writes sets as lists in order."""

    def persistent_id(self, value: Any) -> Any:
        if type(value) in (set, frozenset):
            return type(value).__name__, sorted(value, key=repr)
        return None


def _in_order(node: Any) -> bytes:
    out = io.BytesIO()
    _Ordered(out, PROTOCOL).dump(node)
    return out.getvalue()
