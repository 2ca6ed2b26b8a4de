"""Lock step in the tuple form; None leaves a field of that step alone."""

from nipype import Node, Workflow
from tools import Copy, Put


def workflow(case):
    put = Node(Put(), name="put", synchronize=True)
    put.iterables = [("text", "number"), [("ant", 1), ("bee", 2), ("cat", None)]]
    copy = Node(Copy(), name="copy")

    wf = Workflow("wf")
    wf.connect(put, "out_file", copy, "in_file")
    return wf
