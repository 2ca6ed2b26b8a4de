"""itersource, synchronized iterables, and iterables on a node in the middle."""

from flowkit import function, ran, write
from nipype import JoinNode, Node, Workflow
from nipype.interfaces.utility import IdentityInterface


def say(a, b, c="c"):
    ran()
    return write("said.txt", "%s %s %s" % (a, b, c))


def gather(files):
    ran()
    return len(files), sorted(files)


def workflow(case):
    src = Node(IdentityInterface(fields=["a", "b"]), name="src")
    src.iterables = [("a", ["x", "y"]), ("b", [1, 2])]
    src.synchronize = True
    one = Node(function(say, ["out"]), name="one")
    dependent = Node(function(say, ["out"], b="B"), name="dependent")
    dependent.itersource = ("src", "a")
    dependent.iterables = [("c", {"x": ["x1", "x2"], "y": ["y1"]})]
    collect = JoinNode(function(gather, ["n", "files"]), joinsource="dependent", joinfield="files", name="collect")

    wf = Workflow("sources")
    wf.connect(
        [
            (src, one, [("a", "a"), ("b", "b")]),
            (src, dependent, [("a", "a")]),
            (dependent, collect, [("out", "files")]),
        ]
    )
    return wf
