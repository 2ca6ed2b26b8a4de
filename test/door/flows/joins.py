"""JoinNodes: unique, one after the other, of a Merge, over a MapNode."""

from flowkit import function, ran, write
from nipype import JoinNode, MapNode, Node, Workflow
from nipype.interfaces.utility import IdentityInterface, Merge


def half(n):
    ran()
    return n // 2, write("n.txt", str(n))


def show(values):
    ran()
    return write("values.txt", repr(values))


def double(n):
    ran()
    return 2 * n


def workflow(case):
    src = Node(IdentityInterface(fields=["n", "m"]), name="src")
    src.iterables = [("n", [1, 2, 3, 4]), ("m", ["a"])]
    halves = Node(function(half, ["half", "file"]), name="halves")
    unique = JoinNode(function(show, ["out"]), joinsource="src", joinfield="values", unique=True, name="unique")
    merged = JoinNode(Merge(1), joinsource="src", joinfield="in1", name="merged")
    doubled = MapNode(function(double, ["out"]), iterfield=["n"], name="doubled")
    gathered = JoinNode(IdentityInterface(fields=["all"]), joinsource="src", joinfield="all", name="gathered")
    last = Node(function(show, ["out"]), name="last")

    wf = Workflow("joins")
    wf.connect(
        [
            (src, halves, [("n", "n")]),
            (halves, unique, [("half", "values")]),
            (halves, merged, [("half", "in1")]),
            (merged, doubled, [("out", "n")]),
            (halves, gathered, [("file", "all")]),
            (gathered, last, [("all", "values")]),
        ]
    )
    return wf
