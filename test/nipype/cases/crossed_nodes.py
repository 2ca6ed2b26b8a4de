"""Iterables of two nodes, one below the other: all combinations."""

from nipype import Node, Workflow
from tools import Copy, Label, Put, dump


def workflow(case):
    put = Node(Put(), name="put", iterables=("text", ["ant", "bee"]))
    label = Node(Label(), name="label")
    label.iterables = ("text", [1, 2, 3])
    copy = Node(Copy(), name="copy")
    last = dump("last", "file")

    wf = Workflow("wf")
    wf.connect([
        (put, label, [("out_file", "in_file")]),
        (label, copy, [("out_file", "in_file")]),
        (copy, last, [("out_file", "file")]),
    ])
    return wf
