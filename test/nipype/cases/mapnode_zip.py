"""MapNode over two iterfields: zipped, never crossed."""

from nipype import Function, MapNode, Node, Workflow
from tools import Put, dump


def pair(a, b, c=10):
    return [a, b], c * b


def workflow(case):
    put = MapNode(Put(), iterfield=["text", "number"], name="put")
    put.inputs.text = ["ant", "bee", "cat"]
    put.inputs.number = [3, 1, 2]
    both = MapNode(Function(input_names=["a", "b", "c"], output_names=["pair", "product"], function=pair),
                   iterfield=["a", "b"], name="both")
    both.inputs.b = [5, 6, 7]
    last = dump("last", "pair", "product")

    wf = Workflow("wf")
    wf.connect([
        (put, both, [("out_file", "a")]),
        (both, last, [("pair", "pair"), ("product", "product")]),
    ])
    return wf
