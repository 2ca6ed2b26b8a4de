"""Iterables of one node walked in lock step."""

from nipype import Node, Workflow
from tools import Copy, Put, dump


def workflow(case):
    put = Node(Put(), name="put", synchronize=True)
    put.iterables = [("text", ["ant", "bee", "cat"]), ("number", [3, 1, 2])]
    copy = Node(Copy(), name="copy")
    last = dump("last", "file")

    wf = Workflow("wf")
    wf.connect([
        (put, copy, [("out_file", "in_file")]),
        (copy, last, [("out_file", "file")]),
    ])
    return wf
