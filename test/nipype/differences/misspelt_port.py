"""A misspelt output of a utility interface."""

from nipype import Merge, Node, Workflow
from tools import dump


def workflow(case):
    merge = Node(Merge(2), name="merge")
    merge.inputs.in1 = [1]
    last = dump("last", "list")
    wf = Workflow("wf")
    wf.connect(merge, "output", last, "list")
    return wf
