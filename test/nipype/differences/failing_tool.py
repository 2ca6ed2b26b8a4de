"""A tool that fails before it has written its output."""

from nipype import Node, Workflow
from tools import Copy


def workflow(case):
    copy = Node(Copy(in_file=case.path("lines.txt"), out_file="no/such/folder/copy.txt"), name="copy")
    wf = Workflow("wf")
    wf.add_nodes([copy])
    return wf
