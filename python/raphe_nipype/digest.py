"""The digest of a node: what tells Raphe whether the node itself changed.

It is that of the node's pickle, but for options that say where and how a run is told of.
A program may choose these anew for each of its runs, a folder for crash files that is named
after the run, say: what a node makes doesn't depend on them.
"""
import hashlib
import pickle
from typing import Any, Dict

PROTOCOL = pickle.HIGHEST_PROTOCOL

_OF_RUNS = {"crashdump_dir", "crashfile_format", "stop_on_first_crash"}
_SECTIONS_OF_RUNS = {"logging", "check"}


def digest(node: Any, blob: bytes) -> str:
    """Gives the digest of a node, whose pickle is blob and whose configuration is its own."""
    own = node.config
    kept = lasting(own)
    if kept != own:
        node.config = kept
        try:
            blob = pickle.dumps(node, PROTOCOL)
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
