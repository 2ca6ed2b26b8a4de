"""A clone of a workflow that holds a nested workflow."""

from nipype import Node, Workflow
from tools import Put


def workflow(case):
    inner = Workflow("inner")
    inner.add_nodes([Node(Put(text="ant"), name="put")])
    outer = Workflow("outer")
    outer.add_nodes([inner])
    wf = Workflow("wf")
    wf.add_nodes([outer, outer.clone("copy")])
    return wf
