"""A JoinNode whose joinsource is not upstream of it."""

from nipype import IdentityInterface, JoinNode, Node, Workflow
from tools import Put, dump


def workflow(case):
    elsewhere = Node(Put(), name="elsewhere", iterables=("text", [1, 2]))
    put = Node(Put(text="ant"), name="put")
    gather = JoinNode(IdentityInterface(fields=["files"]), joinsource="elsewhere", name="gather")
    last = dump("last", "files")
    wf = Workflow("wf")
    wf.add_nodes([elsewhere])
    wf.connect([
        (put, gather, [("out_file", "files")]),
        (gather, last, [("files", "files")]),
    ])
    return wf
