"""JoinNode: the branches' files as one list, other inputs unchanged."""

from nipype import JoinNode, Node, Workflow
from tools import Cat, Copy, Put, dump


def workflow(case):
    put = Node(Put(), name="put", iterables=("text", ["cat", "ant", "bee"]))
    copy = Node(Copy(), name="copy")
    cat = JoinNode(Cat(out_file="all.txt"), joinsource="put", joinfield="in_files", name="cat")
    last = dump("last", "file")

    wf = Workflow("wf")
    wf.connect([
        (put, copy, [("out_file", "in_file")]),
        (copy, cat, [("out_file", "in_files")]),
        (cat, last, [("out_file", "file")]),
    ])
    return wf
