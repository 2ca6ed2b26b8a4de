"""updatehash: what changed is taken as done."""

from flowkit import Upper, function, ran, write
from nipype import MapNode, Node, Workflow
from nipype.interfaces.fsl import BET

RUN_AGAIN = {"updatehash": True}
PYTHON_AGAIN = True


def make(n):
    ran()
    return write("made.nii.gz", "made %d" % 1), [1, 2]


def add(a, b):
    ran()
    return a + b


def workflow(case):
    first = Node(function(make, ["out", "list"], n=1 + case.round), name="first")
    brain = Node(BET(frac=0.3 + 0.1 * case.round), name="brain")
    shout = Node(Upper(), name="shout")
    sums = MapNode(function(add, ["out"], b=3 + case.round), iterfield=["a"], name="sums")
    wf = Workflow("updates")
    wf.connect(
        [
            (first, brain, [("out", "in_file")]),
            (brain, shout, [("out_file", "in_file")]),
            (first, sums, [("list", "a")]),
        ]
    )
    return wf
