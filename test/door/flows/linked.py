"""The base directory is reached by a link, and has a name that is not ASCII."""

from flowkit import Upper, function, ran, write
from nipype import MapNode, Node, Workflow
from nipype.interfaces.fsl import BET

LINKED = True


def make(n):
    ran()
    return [write("made%d.nii.gz" % i, "made %d" % i) for i in range(n)]


def first(found):
    return found[0]


def workflow(case):
    made = Node(function(make, ["out"], n=2), name="made")
    brain = Node(BET(), name="brain")
    brains = MapNode(BET(), iterfield=["in_file"], name="brains")
    upper = Node(Upper(), name="upper")
    uppers = MapNode(Upper(), iterfield=["in_file"], name="uppers")
    wf = Workflow("linked")
    wf.connect(
        [
            (made, upper, [(("out", first), "in_file")]),
            (upper, brain, [("out_file", "in_file")]),
            (made, brains, [("out", "in_file")]),
            (brains, uppers, [("out_file", "in_file")]),
        ]
    )
    return wf
