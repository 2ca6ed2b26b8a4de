"""A MapNode over the list that a command found, and over a MapNode's list,
all of it below an iterable."""

from nipype import MapNode, Node, Workflow
from tools import Cat, Copy, Label, Pieces, dump


def workflow(case):
    pieces = Node(Pieces(in_file=case.path("lines.txt")), name="pieces")
    pieces.iterables = ("lines", [1, 3])
    label = MapNode(Label(text="L"), iterfield=["in_file"], name="label")
    copy = MapNode(Copy(), iterfield=["in_file"], name="copy")
    cat = Node(Cat(), name="cat")
    last = dump("last", "pieces", "copies")

    wf = Workflow("wf")
    wf.connect([
        (pieces, label, [("pieces", "in_file")]),
        (label, copy, [("out_file", "in_file")]),
        (copy, cat, [("out_file", "in_files")]),
        (pieces, last, [("pieces", "pieces")]),
        (copy, last, [("out_file", "copies")]),
    ])
    return wf
