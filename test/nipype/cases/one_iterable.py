"""One iterable: every node at or below it runs once for each value."""

from nipype import Node, Workflow
from tools import Copy, Put, dump


def workflow(case):
    put = Node(Put(), name="put", iterables=("text", ["ant", "bee", "cat"]))
    copy = Node(Copy(), name="copy")
    last = dump("last", "file")

    wf = Workflow("wf")
    wf.connect(put, "out_file", copy, "in_file")
    wf.connect([(copy, last, [("out_file", "file")])])
    return wf
