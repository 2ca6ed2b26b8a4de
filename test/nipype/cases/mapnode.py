"""MapNode: one element each, lists downstream, a list of one, serial."""

from nipype import MapNode, Node, Workflow
from tools import Cat, Copy, Label, Put, dump


def workflow(case):
    put = MapNode(Put(text=["ant", "bee", "cat"]), iterfield=["text"], name="put")
    put.inputs.number = 7
    label = MapNode(Label(text="L"), iterfield="in_file", name="label", serial=True)
    cat = Node(Cat(), name="cat")
    one = MapNode(Copy(), iterfield=["in_file"], name="one")
    last = dump("last", "put", "label", "one")

    wf = Workflow("wf")
    wf.connect([
        (put, label, [("out_file", "in_file")]),
        (label, cat, [("out_file", "in_files")]),
        (cat, one, [("out_file", "in_file")]),
        (put, last, [("out_file", "put")]),
        (label, last, [("out_file", "label")]),
        (one, last, [("out_file", "one")]),
    ])
    return wf
