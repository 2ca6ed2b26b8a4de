"""An element of a MapNode fails; the second time none does. Elements are run one
by one, as MultiProc does, and so each has a crash file of its own."""

from flowkit import function, ran
from nipype import MapNode, Node, Workflow
from nipype.interfaces.utility import Merge

VARIANTS = {"txt": {"execution": {"crashfile_format": "txt", "poll_sleep_duration": "0.05"}}}
ORACLE = "MultiProc"


def element(n, wrong):
    ran()
    if n == wrong:
        raise KeyError("no %d" % n)
    return n


def workflow(case):
    some = MapNode(function(element, ["out"]), iterfield=["n", "wrong"], name="some")
    some.inputs.n = [1, 2, 3]
    some.inputs.wrong = [0, 0 if case.round else 2, 0]
    beyond = Node(Merge(1), name="beyond")
    wf = Workflow("mapcrash")
    wf.connect(some, "out", beyond, "in1")
    return wf
