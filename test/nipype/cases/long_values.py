"""Parameter directories of 252 characters, and longer ones, which are hashes."""

from nipype import IdentityInterface, Node, Workflow
from tools import Copy, Put, dump


def workflow(case):
    info = Node(IdentityInterface(fields=["text"]), name="info")
    # "_text_" has 6 characters
    info.iterables = ("text", ["short", "x" * 246, "x" * 247, "y" * 300, "é" * 120, "/a/path" * 60])
    put = Node(Put(), name="put")
    copy = Node(Copy(), name="copy")
    last = dump("last", "text")

    wf = Workflow("wf")
    wf.connect([
        (info, put, [("text", "text")]),
        (put, copy, [("out_file", "in_file")]),
        (info, last, [("text", "text")]),
    ])
    return wf
