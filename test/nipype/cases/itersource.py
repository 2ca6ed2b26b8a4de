"""Iterables chosen by the value of another iterable node."""

from nipype import IdentityInterface, Node, Workflow
from tools import Copy, Put, dump


def workflow(case):
    info = Node(IdentityInterface(fields=["subject"]), name="info")
    info.iterables = ("subject", ["s1", "s2", "s3"])
    put = Node(Put(), name="put")
    put.itersource = ("info", "subject")
    put.iterables = [("number", {"s1": [1, 2], "s2": [3], "s3": [1, 4, 5]})]
    copy = Node(Copy(), name="copy")
    last = dump("last", "file", "subject")

    wf = Workflow("wf")
    wf.connect([
        (info, put, [("subject", "text")]),
        (put, copy, [("out_file", "in_file")]),
        (copy, last, [("out_file", "file")]),
        (info, last, [("subject", "subject")]),
    ])
    return wf
