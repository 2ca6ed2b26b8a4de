"""synchronize with lists of different lengths."""

from nipype import Node, Workflow
from tools import Put


def workflow(case):
    put = Node(Put(), name="put", synchronize=True)
    put.iterables = [("text", ["ant", "bee", "cat"]), ("number", [1, 2])]
    wf = Workflow("wf")
    wf.add_nodes([put])
    return wf
