"""A nested MapNode over two thousand elements."""

from nipype import Function, MapNode, Workflow
from tools import dump


def double(n):
    return 2 * n


def length(items):
    return len(items)


def workflow(case):
    twice = MapNode(Function(input_names=["n"], output_names=["n"], function=double),
                    iterfield=["n"], name="twice", nested=True)
    twice.inputs.n = [[n] for n in range(2000)]
    last = dump("last", "n")
    wf = Workflow("wf")
    wf.connect(twice, ("n", length), last, "n")
    return wf
