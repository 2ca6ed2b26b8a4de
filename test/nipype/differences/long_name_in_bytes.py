"""A parameter directory of fewer than 252 characters, but more than 255 bytes."""

from nipype import Node, Workflow
from tools import Put


def workflow(case):
    put = Node(Put(), name="put", iterables=("text", ["é" * 130]))
    wf = Workflow("wf")
    wf.add_nodes([put])
    return wf
