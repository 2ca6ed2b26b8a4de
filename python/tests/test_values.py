"""The JSON form of values: what goes in comes out, and what has no form is told apart."""
import json
import math
import pathlib
import random
import unittest
from collections import OrderedDict, namedtuple

import numpy as np
from nipype.interfaces.base import Bunch, Undefined, traits

from raphe_nipype.values import NoForm, decode, digest, encode, is_undefined, plain


class Forms(unittest.TestCase):
    def test_forms(self):
        for value, form in [
            (None, {"$none": True}),
            (True, True),
            (7, 7),
            (-(2**63), -(2**63)),
            (1.0, 1.0),
            (math.inf, {"$float": "inf"}),
            (-math.inf, {"$float": "-inf"}),
            ("größe", "größe"),
            ("caf\udce9", {"$bytes": "Y2Fm6Q=="}),
            ([1, [None]], [1, [{"$none": True}]]),
            ((1, "a"), {"$tuple": [1, "a"]}),
            ((), {"$tuple": []}),
            ({"a": (1,)}, {"a": {"$tuple": [1]}}),
            ({1: "a"}, {"$dict": [[1, "a"]]}),
            ({"$none": 1}, {"$dict": [["$none", 1]]}),
            ({}, {}),
            (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
            (np.float64(0.5), 0.5),
            (np.float32(0.5), 0.5),
            (np.int16(3), 3),
            (np.bool_(True), True),
            (np.str_("a"), "a"),
            (pathlib.Path("/data/a.nii"), "/data/a.nii"),
        ]:
            with self.subTest(value=value):
                self.assertEqual(plain(value), form)
                self.assertIs(type(plain(value)), type(form))

    def test_nan(self):
        self.assertEqual(plain(math.nan), {"$float": "nan"})
        self.assertTrue(math.isnan(decode({"$float": "nan"})))

    def test_containers_of_traits_are_plain(self):
        class Spec(traits.HasTraits):
            numbers = traits.List(traits.Int)
            names = traits.Dict(traits.Str, traits.Any)

        spec = Spec(numbers=[1, 2], names={"a": [3]})
        self.assertEqual(plain(spec.numbers), [1, 2])
        self.assertEqual(plain(spec.names), {"a": [3]})

    def test_no_form(self):
        pair = namedtuple("pair", "a b")
        for value in [
            2**63, b"raw", {1}, np.zeros(2), np.longdouble(1), Bunch(a=1), object(), Undefined,
            pair(1, 2), "lone \ud800", [1, {2}], {"a": object()}, slice(1),
        ]:
            with self.subTest(value=value):
                self.assertRaises(NoForm, plain, value)
                self.assertEqual(set(encode(value)), {"$opaque"})

    def test_a_list_that_holds_itself_is_opaque(self):
        value = []
        value.append(value)
        self.assertRaises(RecursionError, plain, value)

    def test_undefined(self):
        self.assertTrue(is_undefined(Undefined))
        self.assertFalse(is_undefined(None))

    def test_unknown_forms_are_refused(self):
        self.assertRaises(ValueError, decode, {"$opaque": "0"})


class Law(unittest.TestCase):
    """decode(encode(v)) is v again, through the text of JSON."""

    def test_round_trip(self):
        chance = random.Random(1)
        for _ in range(2000):
            value = some_value(chance, 4)
            text = json.dumps(encode(value))
            self.assertEqual(same(decode(json.loads(text))), same(value))


def some_value(chance, depth):
    kinds = ["none", "bool", "int", "float", "text"]
    if depth:
        kinds += ["list", "tuple", "dict"] * 2
    kind = chance.choice(kinds)
    if kind == "none":
        return None
    if kind == "bool":
        return chance.random() < 0.5
    if kind == "int":
        return chance.choice([0, -1, 2**63 - 1, -(2**63), chance.randrange(-1000, 1000)])
    if kind == "float":
        return chance.choice([0.0, -0.0, 1e300, 1e-320, 5.0, math.inf, chance.gauss(0, 1)])
    if kind == "text":
        letters = "ab$\n\"\\é\U0001f9e0\udc80"
        return "".join(chance.choice(letters) for _ in range(chance.randrange(5)))
    items = [some_value(chance, depth - 1) for _ in range(chance.randrange(4))]
    if kind == "list":
        return items
    if kind == "tuple":
        return tuple(items)
    return {some_key(chance): item for item in items}


def some_key(chance):
    return chance.choice(["a", "$tuple", "b\udc80", 1, 2.5, None, ("a", 1)])


def same(value):
    """A text that is the same for what is the same, -0.0 and 1 against True included."""
    return repr(value)


class Digests(unittest.TestCase):
    def test_equal_values(self):
        self.assertEqual(digest(np.arange(3)), digest(np.arange(3)))
        self.assertEqual(digest({"x", "y", "z"}), digest({"z", "y", "x"}))
        self.assertNotEqual(digest(np.arange(3)), digest(np.arange(4)))
        self.assertNotEqual(digest({"x"}), digest({"y"}))
        self.assertNotEqual(digest([np.arange(3)]), digest((np.arange(3),)))

    def test_what_cannot_be_pickled_is_equal_to_nothing(self):
        value = lambda: None  # noqa: E731
        self.assertNotEqual(digest(value), digest(value))


if __name__ == "__main__":
    unittest.main()
