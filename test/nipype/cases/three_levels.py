"""Three iterable nodes in nested workflows; a join in the middle; a MapNode below all."""

from nipype import IdentityInterface, JoinNode, MapNode, Node, Workflow
from tools import Cat, Copy, Label, Put, dump


def workflow(case):
    subjects = Node(IdentityInterface(fields=["subject"]), name="subjects", iterables=("subject", ["s1", "s2"]))
    first = Node(Put(), name="first", iterables=("number", [1, 2]))
    inner = Workflow("inner")
    label = Node(Label(), name="label", iterables=("text", ["p", "q"]))
    copy = Node(Copy(), name="copy")
    inner.connect(label, "out_file", copy, "in_file")
    both = JoinNode(Cat(), joinsource="first", joinfield=["in_files"], name="both")
    final = MapNode(Label(text=["m", "n"]), iterfield=["text"], name="final")
    group = JoinNode(IdentityInterface(fields=["files"]), joinsource="label", name="group")
    last = dump("last", "files", "subject")

    wf = Workflow("wf")
    wf.connect([
        (subjects, first, [("subject", "text")]),
        (first, inner, [("out_file", "label.in_file")]),
        (inner, both, [("copy.out_file", "in_files")]),
        (both, final, [("out_file", "in_file")]),
        (final, group, [("out_file", "files")]),
        (group, last, [("files", "files")]),
        (subjects, last, [("subject", "subject")]),
    ])
    return wf
