"""An iterable without values."""

from nipype import Node, Workflow
from tools import Copy, Put


def workflow(case):
    put = Node(Put(), name="put", iterables=("text", []))
    copy = Node(Copy(), name="copy")
    other = Node(Put(text="other"), name="other")
    wf = Workflow("wf")
    wf.connect(put, "out_file", copy, "in_file")
    wf.add_nodes([other])
    return wf
