"""Identity nodes vanish: constants, chains, fields that are set and fields that
are connected, a function on one hop, iterables on the identity node."""

from nipype import IdentityInterface, Node, Workflow
from tools import Copy, Label, Put, dump


def shout(text, mark):
    return text.upper() + mark


def workflow(case):
    constant = Node(IdentityInterface(fields=["text", "other"]), name="constant")
    constant.inputs.text = "ant"
    swept = Node(IdentityInterface(fields=["label", "fixed"]), name="swept")
    swept.iterables = ("label", ["p", "q"])
    swept.inputs.fixed = "F"
    put = Node(Put(), name="put")
    middle = Node(IdentityInterface(fields=["file", "note"]), name="middle")
    middle.inputs.note = "N"
    again = Node(IdentityInterface(fields=["file", "note"]), name="again")
    label = Node(Label(), name="label")
    copy = Node(Copy(), name="copy")
    last = dump("last", "file", "note", "fixed", "label")

    wf = Workflow("wf")
    wf.connect([
        (constant, put, [(("text", shout, "!"), "text"), ("other", "number")]),
        (put, middle, [("out_file", "file")]),
        (middle, again, [("file", "file"), ("note", "note")]),
        (again, label, [("file", "in_file")]),
        (swept, label, [(("label", shout, "?"), "text")]),
        (label, copy, [("out_file", "in_file")]),
        (copy, last, [("out_file", "file")]),
        (again, last, [(("note", shout, "."), "note")]),
        (swept, last, [("fixed", "fixed"), ("label", "label")]),
    ])
    return wf
