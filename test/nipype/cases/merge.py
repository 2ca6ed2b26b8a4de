"""Merge in all its modes."""

from nipype import Merge, Node, Workflow
from tools import dump

MODES = {
    "vstack": {},
    "hstack": {"axis": "hstack"},
    "no_flatten": {"no_flatten": True},
    "ravel": {"ravel_inputs": True},
    "ravel_hstack": {"ravel_inputs": True, "axis": "hstack"},
}


def workflow(case):
    wf = Workflow("wf")
    last = dump("last", "scalars", "gap", *MODES)
    for name, options in MODES.items():
        merge = Node(Merge(3, **options), name=name)
        merge.inputs.in1 = [1, [2, 3]]
        merge.inputs.in2 = ["a", "b"]
        merge.inputs.in3 = [[4.5], [None, [True]]]
        wf.connect(merge, "out", last, name)

    scalars = Node(Merge(3), name="scalars")
    scalars.inputs.in1 = 1
    scalars.inputs.in2 = "two"
    scalars.inputs.in3 = [3]
    gap = Node(Merge(4), name="gap")
    gap.inputs.in1 = ["x"]
    gap.inputs.in4 = ["y", "z"]
    wf.connect([
        (scalars, last, [("out", "scalars")]),
        (gap, last, [("out", "gap")]),
    ])
    return wf
