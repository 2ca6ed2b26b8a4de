"""itersource: a value of the source that the dictionary does not hold."""

from nipype import IdentityInterface, Node, Workflow
from tools import Put


def workflow(case):
    info = Node(IdentityInterface(fields=["subject"]), name="info", iterables=("subject", ["s1", "s2"]))
    put = Node(Put(), name="put", itersource=("info", "subject"))
    put.iterables = [("number", {"s1": [1, 2]})]
    wf = Workflow("wf")
    wf.connect(info, "subject", put, "text")
    return wf
