"""A join of the ragged branches that itersource makes, and of those of their source."""

from nipype import IdentityInterface, JoinNode, Node, Workflow
from tools import Cat, Put, dump


def workflow(case):
    info = Node(IdentityInterface(fields=["subject"]), name="info")
    info.iterables = ("subject", ["s1", "s2"])
    put = Node(Put(), name="put", itersource=("info", "subject"))
    put.iterables = [("number", {"s1": [1, 2, 3], "s2": [4]})]
    of_subject = JoinNode(Cat(), joinsource="put", joinfield="in_files", name="of_subject")
    of_group = JoinNode(Cat(), joinsource="info", joinfield="in_files", name="of_group")
    last = dump("last", "file")

    wf = Workflow("wf")
    wf.connect([
        (info, put, [("subject", "text")]),
        (put, of_subject, [("out_file", "in_files")]),
        (of_subject, of_group, [("out_file", "in_files")]),
        (of_group, last, [("out_file", "file")]),
    ])
    return wf
