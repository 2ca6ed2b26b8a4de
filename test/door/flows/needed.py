"""What of a node's directory stays: needed outputs, inputs that were copied,
for Python, for a tool of the catalogue and for another tool."""

from flowkit import Changer, Upper, function, ran, write
from nipype import MapNode, Node, Workflow
from nipype.interfaces.fsl import BET, FLIRT

VARIANTS = {
    "remove": {"execution": {"remove_unnecessary_outputs": "true", "keep_inputs": "false"}},
    "keep": {"execution": {"remove_unnecessary_outputs": "false", "keep_inputs": "true"}},
    "inputs": {"execution": {"remove_unnecessary_outputs": "true", "keep_inputs": "true"}},
    "unneeded": {"execution": {"keep_unnecessary_outputs": "true", "keep_inputs": "false"}},
}


def three():
    import os

    ran()
    os.mkdir("folder")
    write("folder/inside.txt", "inside")
    return write("a.txt", "a"), write("b.txt", "b"), [write("c0.txt", "c"), write("c1.txt", "c")]


def workflow(case):
    make = Node(function(three, ["a", "b", "c"]), name="make")
    change = Node(Changer(times=2), name="change")
    changes = MapNode(Changer(), iterfield=["in_file"], name="changes")
    brain = Node(BET(in_file=case.file(), mask=True, outline=True), name="brain")
    align = Node(FLIRT(reference=case.file("s2")), name="align")
    shout = Node(Upper(), name="shout")

    wf = Workflow("needed")
    wf.connect(
        [
            (make, change, [("a", "in_file")]),
            (make, changes, [("c", "in_file")]),
            (brain, align, [("out_file", "in_file")]),
            (align, shout, [("out_matrix_file", "in_file")]),
        ]
    )
    return wf
