"""synchronize in the tuple form, with None before the last step."""

from nipype import Node, Workflow
from tools import Put


def workflow(case):
    put = Node(Put(), name="put", synchronize=True)
    put.iterables = [("text", "number"), [("ant", 1), ("bee", None), ("cat", 3)]]
    wf = Workflow("wf")
    wf.add_nodes([put])
    return wf
