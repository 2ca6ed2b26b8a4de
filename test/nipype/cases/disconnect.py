"""Connections taken away again, nodes added without connections, unset inputs."""

from nipype import IdentityInterface, Node, Workflow
from tools import Copy, Put, dump


def workflow(case):
    put = Node(Put(text="ant"), name="put")
    other = Node(Put(text="bee"), name="other")
    copy = Node(Copy(), name="copy")
    alone = Node(Put(text="alone"), name="alone")
    unset = Node(IdentityInterface(fields=["n"]), name="unset")
    last = dump("last", "file", "n")

    wf = Workflow("wf")
    wf.connect([
        (put, copy, [("out_file", "in_file")]),
        (copy, last, [("out_file", "file")]),
        (unset, last, [("n", "n")]),
        (unset, other, [("n", "number")]),
    ])
    wf.disconnect(put, "out_file", copy, "in_file")
    wf.connect(other, "out_file", copy, "in_file")
    wf.add_nodes([alone])
    return wf
