"""Two iterables of one node: all combinations, one parameter directory each."""

from nipype import Node, Workflow
from tools import Copy, Put, dump


def workflow(case):
    put = Node(Put(), name="put")
    put.iterables = [("text", ["ant", "bee"]), ("number", [10, 2, 0.5])]
    copy = Node(Copy(), name="copy")
    last = dump("last", "file")

    wf = Workflow("wf")
    wf.connect(put, "out_file", copy, "in_file")
    wf.connect(copy, "out_file", last, "file")
    return wf
