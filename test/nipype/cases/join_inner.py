"""A join over the outer source keeps the inner iterable: one join for each run."""

from nipype import IdentityInterface, JoinNode, Node, Workflow
from tools import Cat, Copy, Label, Put, dump


def workflow(case):
    subjects = Node(IdentityInterface(fields=["subject"]), name="subjects")
    subjects.iterables = ("subject", ["s1", "s2", "s3"])
    put = Node(Put(), name="put")
    label = Node(Label(), name="label", iterables=("text", ["r1", "r2"]))
    group = JoinNode(Cat(), joinsource="subjects", joinfield="in_files", name="group")
    copy = Node(Copy(), name="copy")
    last = dump("last", "file")

    wf = Workflow("wf")
    wf.connect([
        (subjects, put, [("subject", "text")]),
        (put, label, [("out_file", "in_file")]),
        (label, group, [("out_file", "in_files")]),
        (group, copy, [("out_file", "in_file")]),
        (copy, last, [("out_file", "file")]),
    ])
    return wf
