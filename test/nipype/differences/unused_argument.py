"""A misspelt argument of Node."""

from nipype import Node, Workflow
from tools import Put


def workflow(case):
    put = Node(Put(), name="put", iterable=("text", ["ant", "bee"]))
    put.inputs.text = "cat"
    wf = Workflow("wf")
    wf.add_nodes([put])
    return wf
