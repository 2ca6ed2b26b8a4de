"""Two sources that iterate over fields of one name, at one distance from a node."""

from nipype import IdentityInterface, Node, Workflow
from tools import Put


def workflow(case):
    left = Node(IdentityInterface(fields=["x"]), name="left", iterables=("x", [1, 2]))
    right = Node(IdentityInterface(fields=["x"]), name="right", iterables=("x", [1, 2]))
    put = Node(Put(), name="put")
    wf = Workflow("wf")
    wf.connect([
        (left, put, [("x", "text")]),
        (right, put, [("x", "number")]),
    ])
    return wf
