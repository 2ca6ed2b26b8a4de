"""itersource by two fields; one node with two fields of its own, and one that
walks them in lock step."""

from nipype import IdentityInterface, Node, Workflow
from tools import Put


def named(subject):
    return subject + ".txt"


def workflow(case):
    info = Node(IdentityInterface(fields=["subject", "session"]), name="info")
    info.iterables = [("subject", ["s1", "s2"]), ("session", [1, 2])]

    put = Node(Put(), name="put", itersource=("info", ["subject", "session"]))
    put.iterables = [
        ("number", {("s1", 1): [1], ("s1", 2): [2, 3], ("s2", 1): [4], ("s2", 2): [5, 6]}),
        ("text", {("s1", 1): ["a", "b"], ("s1", 2): ["c"], ("s2", 1): ["d"], ("s2", 2): ["e", "f"]}),
    ]

    step = Node(Put(), name="step", itersource=("info", "subject"), synchronize=True)
    step.iterables = [("text", "number"), {"s1": [("x", 1), ("y", 2)], "s2": [("z", 3)]}]

    wf = Workflow("wf")
    wf.connect(info, ("subject", named), put, "out_file")
    wf.connect(info, ("subject", named), step, "out_file")
    return wf
