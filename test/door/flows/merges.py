"""Merge, which Raphe does without Python: values of all kinds, set and connected."""

from flowkit import function, ran, write
from nipype import MapNode, Node, Workflow
from nipype.interfaces.utility import Merge

VARIANTS = {"": {}, "content": {"execution": {"hash_method": "content", "remove_unnecessary_outputs": False}}}


def give(what):
    import numpy as np

    ran()
    return {
        "file": write("a.txt", "a"),
        "files": [write("b.txt", "b"), write("c.txt", "c")],
        "nested": [[1, [2.5]], [], [None, True]],
        "tuple": (1, "x"),
        "dict": {"k": [1], "a": 2},
        "array": np.arange(3),
        "scalar": np.float64(0.1),
        "text": "é 'quoted' \"twice\"\n",
        "none": None,
        "empty": [],
        "big": 2 ** 70,
    }[what]


def count(items):
    ran()
    return len(items)


KINDS = ("file", "files", "nested", "tuple", "dict", "array", "scalar", "text", "none", "empty", "big")


def merge(name, n, **inputs):
    node = Node(Merge(n), name=name)
    node.inputs.trait_set(**inputs)
    return node


def workflow(case):
    wf = Workflow("merges")
    sources = {kind: Node(function(give, ["out"], what=kind), name="of_" + kind) for kind in KINDS}
    for kind, source in sources.items():
        for way in ("flat", "no_flatten", "ravel_inputs"):
            node = merge("%s_%s" % (way, kind), 3, in2=[1.0, (2, "b"), [3, [4]]], **({} if way == "flat" else {way: True}))
            wf.connect(source, "out", node, "in1")
            if way == "flat":
                wf.connect(sources["file"], "out", node, "in3")
                wf.connect(node, "out", Node(function(count, ["n"]), name="n_" + kind), "items")
    wf.add_nodes([merge("nothing", 2), merge("one", 1, in1=["x"]), merge("gap", 3, in1=1, in3=3), Node(Merge(), name="void")])
    across = merge("across", 2, in1=[1, 2], in2=["a", "b"], axis="hstack")
    again = merge("again", 2, in2="end")
    wf.connect(across, "out", again, "in1")
    each = MapNode(Merge(2), iterfield=["in1"], name="each")
    each.inputs.trait_set(in1=[[1], [2, 3]], in2="x")
    wf.connect(each, "out", merge("all", 1), "in1")
    return wf
