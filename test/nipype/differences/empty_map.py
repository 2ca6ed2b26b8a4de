"""A MapNode over an empty list."""

from nipype import Function, MapNode, Node, Workflow
from tools import Put, dump


def nothing():
    return []


def workflow(case):
    source = Node(Function(input_names=[], output_names=["items"], function=nothing), name="source")
    put = MapNode(Put(), iterfield=["text"], name="put")
    last = dump("last", "files")
    wf = Workflow("wf")
    wf.connect([
        (source, put, [("items", "text")]),
        (put, last, [("out_file", "files")]),
    ])
    return wf
