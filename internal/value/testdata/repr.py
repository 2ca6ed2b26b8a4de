"""Writes repr.json: values in Raphe's JSON form with Python's str() and repr() of them.

    python3 repr.py > repr.json
"""
import json
import math
import random
import struct


def form(v):
    """Gives the JSON form of a value, as json_write.go describes it."""
    if v is None:
        return {"$none": True}
    if isinstance(v, float) and not math.isfinite(v):
        return {"$float": repr(v)}
    if isinstance(v, tuple):
        return {"$tuple": [form(e) for e in v]}
    if isinstance(v, list):
        return [form(e) for e in v]
    if isinstance(v, dict):
        return {"$dict": [[form(k), form(e)] for k, e in v.items()]}
    return v


def floats(rng):
    yield from (0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, 100.0, 1e15, 1e16, 9999999999999998.0, 12345678901234567.0,
                1e22, 1e23, 1e-4, 0.00012345, 9.999e-5, 1e-5, 5e-324, 2.2250738585072014e-308,
                1.7976931348623157e308, float("nan"), float("inf"), float("-inf"))
    for e in range(-25, 26):
        yield 1.25 * 10.0 ** e
    for _ in range(200):
        yield struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0]


def texts():
    yield from ("", "a", "it's", 'say "hi"', "it's \"both\"", "back\\slash", "tab\tnew\nline\rend", "nul\0", "\x1b[0m",
                "\x7f", "\x80\x9f\xa0\xad\xff", "é ü ß", "語 한국어", "😀", "a\u200bb", "\u2028\u2029", "\u3000",
                "\ufeff", "\ue000", "\U000e0001", "\U0010ffff", "/data/sub-01/anat/sub-01_T1w.nii.gz", "e\u0301", "%s {0} $x")
    for c in range(0, 0x180):
        yield chr(c)


def values():
    rng = random.Random(7)
    yield from (None, True, False, 0, 1, -1, 2**63 - 1, -(2**63))
    yield from floats(rng)
    yield from texts()
    yield from ([], [1], [1, 2.0, "x", None, True], (), (1,), (1, "x"), ((),), [[]], [(1, 2), [3]],
                {}, {"a": 1}, {"b": 1, "a": [1, (2,)]}, {1: "one", (1, 2): "pair", None: 0.5}, {"$tuple": [1]}, {"$x": 1, "y": 2})


print("[")
print(",\n".join(json.dumps({"value": form(v), "str": str(v), "repr": repr(v)}) for v in values()))
print("]")
