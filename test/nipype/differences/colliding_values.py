"""Two values of an iterable that look the same once odd characters are taken out."""

from nipype import Node, Workflow
from tools import Put


def workflow(case):
    put = Node(Put(text="constant"), name="put", iterables=("number", ["s1", "s,1", "s.1"]))
    wf = Workflow("wf")
    wf.add_nodes([put])
    return wf
