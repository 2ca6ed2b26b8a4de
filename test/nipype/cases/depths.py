"""Parameter directories are ordered by the longest way from the iterable node;
ties by their text. Short cuts, identity nodes on the way, names that begin alike."""

from nipype import IdentityInterface, Node, Workflow
from tools import Cat, Copy, Label, Put, dump


def source(field, values):
    node = Node(IdentityInterface(fields=[field]), name="of_" + field)
    node.iterables = (field, values)
    return node


def workflow(case):
    run = source("run", [1, 2])
    run2 = source("run2", ["x"])
    zone = source("zone", ["z"])
    put = Node(Put(), name="put")
    middle = Node(IdentityInterface(fields=["file", "zone"]), name="middle")
    label = Node(Label(), name="label")
    copy = Node(Copy(), name="copy")
    cat = Node(Cat(), name="cat")
    last = dump("last", "file", "zone", "run", "run2")

    wf = Workflow("wf")
    wf.connect([
        (run, put, [("run", "text")]),
        (run2, put, [("run2", "number")]),
        (put, middle, [("out_file", "file")]),
        (zone, middle, [("zone", "zone")]),
        (middle, label, [("file", "in_file"), ("zone", "text")]),
        (label, copy, [("out_file", "in_file")]),
        (copy, cat, [("out_file", "in_files")]),
        (cat, last, [("out_file", "file")]),
        (zone, last, [("zone", "zone")]),
        (run, last, [("run", "run")]),
        (run2, last, [("run2", "run2")]),
    ])
    return wf
