"""Iterables on a JoinNode and below it; two joins of one source; a join whose
list goes into a MapNode."""

from nipype import IdentityInterface, JoinNode, MapNode, Node, Workflow
from tools import Cat, Label, Put, dump


def workflow(case):
    put = Node(Put(), name="put", iterables=("text", ["ant", "bee", "cat"]))
    labels = Node(Label(text="L"), name="labels")
    cat = JoinNode(Cat(), joinsource="put", joinfield="in_files", name="cat")
    cat.iterables = ("out_file", ["x.txt", "y.txt"])
    files = JoinNode(IdentityInterface(fields=["plain", "labelled"]), joinsource=put, name="files")
    each = MapNode(Label(), iterfield=["in_file", "text"], name="each")
    each.inputs.text = [3, 2, 1]
    after = Node(Label(), name="after", iterables=("text", ["p", "q"]))
    last = dump("last", "each", "labelled", "after")

    wf = Workflow("wf")
    wf.connect([
        (put, labels, [("out_file", "in_file")]),
        (labels, cat, [("out_file", "in_files")]),
        (put, files, [("out_file", "plain")]),
        (labels, files, [("out_file", "labelled")]),
        (files, each, [("plain", "in_file")]),
        (cat, after, [("out_file", "in_file")]),
        (each, last, [("out_file", "each")]),
        (files, last, [("labelled", "labelled")]),
        (after, last, [("out_file", "after")]),
    ])
    return wf
