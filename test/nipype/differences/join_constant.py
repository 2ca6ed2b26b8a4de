"""A node outside the iterable connected to a field that is joined."""

from nipype import IdentityInterface, JoinNode, Node, Workflow
from tools import Put, dump


def workflow(case):
    info = Node(IdentityInterface(fields=["n"]), name="info", iterables=("n", [1, 2, 3]))
    put = Node(Put(text="ant"), name="put")
    gather = JoinNode(IdentityInterface(fields=["n", "file"]), joinsource="info", name="gather")
    last = dump("last", "n", "file")
    wf = Workflow("wf")
    wf.connect([
        (info, gather, [("n", "n")]),
        (put, gather, [("out_file", "file")]),
        (gather, last, [("n", "n"), ("file", "file")]),
    ])
    return wf
