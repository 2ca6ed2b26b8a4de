"""Values of all sorts between nodes."""

from flowkit import function, ran
from nipype import Node, Workflow
from nipype.interfaces.utility import IdentityInterface, Merge, Rename, Select, Split
from nipype.interfaces.base import Bunch

PYTHON_AGAIN = True  # Rename looks each time


def make():
    import collections
    import decimal
    import pathlib

    import numpy
    from nipype.interfaces.base import Bunch

    ran()
    return (
        None,
        (1, ("a", 2.5), [None, True]),
        {"b": 1, "a": [1, 2], "c": (4,), "ü": {"x": None}},
        numpy.float32(0.1),
        numpy.int64(7),
        numpy.arange(6).reshape(2, 3),
        Bunch(conditions=["faces", "houses"], onsets=[[0, 1.5], [3]], name="b"),
        [float("inf"), -0.0, 1e300, 1e-7, 123456789012345678901234567890],
        b"bytes \x01",
        {3, 1, 2},
        pathlib.PurePosixPath("/some/where"),
        collections.OrderedDict(z=1, a=2),
        "line\nline\t'quote' \"double\" \\ \x7f \u2028 😀",
        decimal.Decimal("1.50"),
        [],
        "",
        False,
        1 + 2j,
    )


NAMES = "none tuple dict f32 i64 array bunch floats bytes set path odict text decimal empty nothing false complex".split()


def see(value):
    ran()
    if isinstance(value, set):
        return "set %r" % sorted(value)
    return "%s %r" % (type(value).__name__, value)


def length(value):
    ran()
    return len(value), value[-1]


def doubled(value):
    return value * 2


def workflow(case):
    wf = Workflow("kinds")
    src = Node(function(make, NAMES), name="src")
    for name in NAMES:
        wf.connect(src, name, Node(function(see, ["seen"]), name="see_" + name), "value")
    wf.connect(src, ("f32", doubled), Node(function(see, ["seen"]), name="see_doubled"), "value")

    merge = Node(Merge(3), name="merge")
    split = Node(Split(splits=[1, 2], squeeze=True, inlist=["a", "b", "c"]), name="split")
    select = Node(Select(index=[1]), name="select")
    rename = Node(Rename(format_string="new_%(word)s", in_file=case.file(), keep_ext=True), name="rename")
    rename.inputs.word = "näme"
    wf.connect([(src, merge, [("tuple", "in1"), ("dict", "in2"), ("floats", "in3")]), (merge, select, [("out", "inlist")])])
    wf.add_nodes([split, rename])

    long = Node(function(length, ["n", "last"], value=["/no/such/file%d" % i for i in range(3000)]), name="long")
    fixed = Node(function(see, ["seen"], value=Bunch(a=1, b=[2])), name="fixed")
    wf.add_nodes([long, fixed])

    many = Node(IdentityInterface(fields=["word", "number"]), name="many")
    many.iterables = [("word", ["ä b", "x/y", "Ωmega"]), ("number", [0.1, -2])]
    words = Node(function(see, ["seen"]), name="words")
    wf.connect(many, "word", words, "value")
    wf.connect(many, "number", Node(function(see, ["seen"]), name="numbers"), "value")
    return wf
