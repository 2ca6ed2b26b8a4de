"""A join of twelve branches keeps the order of the values, not of their names."""

from nipype import IdentityInterface, JoinNode, Node, Workflow
from tools import Cat, Put, dump


def workflow(case):
    info = Node(IdentityInterface(fields=["n"]), name="info")
    info.iterables = ("n", [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    put = Node(Put(), name="put")
    cat = JoinNode(Cat(), joinsource=info, joinfield=["in_files"], name="cat")
    both = JoinNode(IdentityInterface(fields=["n", "file"]), joinsource=info, name="both")
    last = dump("last", "n", "file")

    wf = Workflow("wf")
    wf.connect([
        (info, put, [("n", "text")]),
        (put, cat, [("out_file", "in_files")]),
        (put, both, [("out_file", "file")]),
        (info, both, [("n", "n")]),
        (both, last, [("n", "n"), ("file", "file")]),
    ])
    return wf
