"""Workflows within workflows: iterables inside the inner one, joined outside,
and the whole chain fed from outside through dotted ports."""

from nipype import IdentityInterface, JoinNode, Node, Workflow
from tools import Cat, Label, Put, dump


def workflow(case):
    put = Node(Put(), name="put")
    label = Node(Label(), name="label", iterables=("text", ["x", "y"]))
    inner = Workflow("inner")
    inner.connect(put, "out_file", label, "in_file")

    middle = Workflow("middle")
    inputspec = Node(IdentityInterface(fields=["subject"]), name="inputspec")
    middle.connect(inputspec, "subject", inner, "put.text")
    both = JoinNode(Cat(), joinsource="label", joinfield="in_files", name="both")
    middle.connect(inner, "label.out_file", both, "in_files")

    info = Node(IdentityInterface(fields=["subject"]), name="info")
    info.iterables = ("subject", ["s1", "s2"])
    last = dump("last", "both", "one")

    wf = Workflow("wf")
    wf.connect([
        (info, middle, [("subject", "inputspec.subject")]),
        (middle, last, [("both.out_file", "both"), ("inner.put.out_file", "one")]),
    ])
    return wf
