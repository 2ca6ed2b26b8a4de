"""DataSink: the grammar of field names, container, lists, parameter directories."""

from nipype import DataSink, IdentityInterface, MapNode, Node, Workflow
from tools import Copy, Label, Put, dump


def ordered(files):
    return sorted(files)


def workflow(case):
    info = Node(IdentityInterface(fields=["subject"]), name="info")
    info.iterables = ("subject", ["s1", "s2"])
    put = Node(Put(), name="put")
    label = MapNode(Label(text=["x", "y"]), iterfield=["text"], name="label")
    copy = Node(Copy(), name="copy")
    sink = Node(DataSink(base_directory=case.out), name="sink")
    last = dump("last", "files")

    wf = Workflow("wf")
    wf.connect([
        (info, put, [("subject", "text")]),
        (put, label, [("out_file", "in_file")]),
        (put, copy, [("out_file", "in_file")]),
        (info, sink, [("subject", "container")]),
        (put, sink, [("out_file", "a"), ("out_file", "b.c"), ("out_file", "d.@e")]),
        (copy, sink, [("out_file", "d.@f"), ("out_file", "@top"), ("out_file", "g.@h.i")]),
        (label, sink, [("out_file", "maps"), ("out_file", "deep.maps.@lab")]),
        (sink, last, [(("out_file", ordered), "files")]),
    ])
    return wf
