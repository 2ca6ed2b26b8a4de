"""A text with characters that mean something to a shell."""

from nipype import Node, Workflow
from tools import Put


def workflow(case):
    put = Node(Put(text="one;echo  two>three.txt"), name="put")
    wf = Workflow("wf")
    wf.add_nodes([put])
    return wf
