"""Values of Python in the JSON form of Raphe's definitions, and back.

The form is that of doc/formats.md, "Definition as JSON lines", section "Values":
JSON's own values, and objects of one key for tuples, None, dictionaries with
other keys than text, floats that JSON lacks and text that is not UTF-8. What
has no form (arrays, objects, sets) becomes {"$opaque": digest}: it can be told
from others and no more.
"""
import hashlib
import math
import os
import pickle
import sys
from base64 import b64decode, b64encode
from collections import OrderedDict
from typing import Any

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_UNDEFINED = "_Undefined"  # the class of traits' Undefined


class NoForm(ValueError):
    """A value that JSON can't hold."""


def is_undefined(value: Any) -> bool:
    """Whether a value is traits' Undefined; such a value is left out."""
    return type(value).__name__ == _UNDEFINED


def encode(value: Any) -> Any:
    """Gives the JSON form of a value; one that has none is opaque as a whole."""
    try:
        return plain(value)
    except (NoForm, RecursionError):
        return {"$opaque": digest(value)}


def plain(value: Any) -> Any:
    """Gives the JSON form of a value, or raises NoForm."""
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is bool:
        return value
    if kind is int:
        return _integer(value)
    if kind is float:
        return _float(value)
    if value is None:
        return {"$none": True}
    if kind is tuple:
        return {"$tuple": [plain(item) for item in value]}
    if _is_list(value):
        return [plain(item) for item in value]
    if _is_dict(value):
        return _dictionary(value)
    return _relative(value)


def _is_list(value: Any) -> bool:
    return type(value) is list or isinstance(value, list) and _of_traits(value)


def _is_dict(value: Any) -> bool:
    kind = type(value)
    return kind is dict or kind is OrderedDict or isinstance(value, dict) and _of_traits(value)


def _of_traits(value: Any) -> bool:
    """Whether a container is one that traits puts in the place of a plain one."""
    return type(value).__module__.partition(".")[0] == "traits"


def _relative(value: Any) -> Any:
    """Gives the form of what behaves as one of Python's own types."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        item = value.item()
        if isinstance(item, numpy.generic):  # a longdouble stays one
            raise NoForm(repr(value))
        return plain(item)
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if isinstance(value, str):
        return _text(str(value))
    if isinstance(value, int):
        return _integer(int(value))
    if isinstance(value, float):
        return _float(float(value))
    raise NoForm(f"{type(value).__name__} has no form in JSON")


def _text(text: str) -> Any:
    try:
        text.encode()
    except UnicodeEncodeError:
        try:
            raw = text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            raise NoForm("text with lone surrogates") from None
        return {"$bytes": b64encode(raw).decode()}
    return text


def _integer(number: int) -> int:
    if not _SMALLEST <= number <= _LARGEST:
        raise NoForm("an integer of more than 64 bits")
    return number


def _float(number: float) -> Any:
    if math.isfinite(number):
        return number
    if math.isnan(number):
        return {"$float": "nan"}
    return {"$float": "inf" if number > 0 else "-inf"}


def _dictionary(value: dict) -> Any:
    if all(type(key) is str and not key.startswith("$") for key in value):
        try:
            "".join(value).encode()
        except UnicodeEncodeError:
            pass
        else:
            return {key: plain(item) for key, item in value.items()}
    return {"$dict": [[plain(key), plain(item)] for key, item in value.items()]}


def decode(form: Any) -> Any:
    """Gives the value of a JSON form; null counts as None."""
    if isinstance(form, list):
        return [decode(item) for item in form]
    if not isinstance(form, dict):
        return form
    if len(form) == 1:
        (key, content), = form.items()
        if key in _DECODERS:
            return _DECODERS[key](content)
        if key.startswith("$"):
            raise ValueError(f"{key} is no value that can be read")
    return {key: decode(item) for key, item in form.items()}


_DECODERS = {
    "$tuple": lambda content: tuple(decode(item) for item in content),
    "$none": lambda content: None,
    "$dict": lambda content: {decode(key): decode(item) for key, item in content},
    "$float": float,
    "$bytes": lambda content: b64decode(content).decode("utf-8", "surrogateescape"),
}


def digest(value: Any) -> str:
    """Gives a text that is the same for equal values, and another for others.

    A set is taken in an order of its own, since Python's differs from process to
    process. Of what can't be pickled nobody knows whether it is equal.
    """
    state = hashlib.sha256()
    if isinstance(value, (set, frozenset)):
        state.update(b"set")
        for item in sorted(digest(item) for item in value):
            state.update(item.encode())
    elif isinstance(value, (list, tuple)):
        state.update(type(value).__name__.encode())
        for item in value:
            state.update(digest(item).encode())
    else:
        try:
            state.update(pickle.dumps(value, protocol=4))
        except Exception:  # whatever a class's own code raises
            state.update(os.urandom(32))
    return state.hexdigest()
