"""A function on both sides of an identity node that vanishes."""

from nipype import IdentityInterface, Node, Workflow
from tools import Put, dump


def plus(path, end):
    return path + end


def workflow(case):
    put = Node(Put(text="ant"), name="put")
    middle = Node(IdentityInterface(fields=["file"]), name="middle")
    last = dump("last", "file")
    wf = Workflow("wf")
    wf.connect([
        (put, middle, [(("out_file", plus, "!"), "file")]),
        (middle, last, [(("file", plus, "?"), "file")]),
    ])
    return wf
