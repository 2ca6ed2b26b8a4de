"""Answers what Python and nipype make of values, for python_test.go.

Reads lines of JSON, a value each in the form of Raphe's definitions, with the
bytes that Raphe wrote for it; prints a line for each.
"""

import base64
import gzip
import hashlib
import io
import json
import pathlib
import pickle
import sys

import simplejson
from nipype.interfaces.base import BaseTraitedSpec, Undefined

DECODERS = {
    "$tuple": lambda content: tuple(decode(item) for item in content),
    "$none": lambda content: None,
    "$undefined": lambda content: Undefined,
    "$dict": lambda content: {decode(key): decode(item) for key, item in content},
    "$float": float,
    "$bytes": lambda content: base64.b64decode(content).decode("utf-8", "surrogateescape"),
}


def decode(form):
    if form is None:
        return None
    if isinstance(form, list):
        return [decode(item) for item in form]
    if isinstance(form, dict):
        if len(form) == 1:
            ((key, content),) = form.items()
            if key in DECODERS:
                return DECODERS[key](content)
        return {key: decode(item) for key, item in form.items()}
    return form


def same(a, b):
    """Equality that tells 1 from 1.0 and True, and takes NaN for itself."""
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(same(x, y) and same(a[x], b[y]) for x, y in zip(a, b))
    return a == b or a != a and b != b


def answer(question):
    value = decode(question["value"])
    spec = BaseTraitedSpec()
    hashed = [("v", spec._get_sorteddict(value, hash_files=False))]
    written = io.StringIO()
    simplejson.dump(
        [("v", spec._get_sorteddict(value, True, hash_files=False))],
        written,
        sort_keys=True,
        indent=4,
    )
    text = question["text"].encode("utf-8", "surrogatepass") if question["text"] else b""
    pickled = gzip.decompress(base64.b64decode(question["pickle"]))
    return {
        "repr": repr(value),
        "sum": hashlib.md5(str(hashed).encode()).hexdigest(),
        "json": written.getvalue(),
        "pickled": same(pickle.loads(pickled), {"v": value}),
        "lines": "\n".join(text.decode(errors="replace").splitlines()),
        "path": str(pathlib.Path(question["text"])),
    }


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))))
