"""Before it is run again somebody removed a node's directory, and nipype's word
that another is done."""

import glob
import os
import shutil

from flowkit import Upper, function, ran, write
from nipype import MapNode, Node, Workflow
from nipype.interfaces.fsl import BET

def make(n):
    ran()
    return write("made.nii.gz", "made %d" % n)


def workflow(case):
    wf = Workflow("lost")
    chains = {
        "tool": BET(in_file=case.file()),
        "whole": BET(in_file=case.file("s2")),
        "hashless": BET(in_file=case.file("s3"), mask=False),
        "python": function(make, ["out_file"], n=1),
    }
    for name, interface in chains.items():
        wf.connect(Node(interface, name=name), "out_file", Node(Upper(), name="after_" + name), "in_file")
    uppers = MapNode(Upper(), iterfield=["in_file"], name="uppers")
    uppers.inputs.in_file = [case.file("s1"), case.file("s2")]
    wf.add_nodes([uppers])
    if case.round:
        lose(os.path.join(case.base, "lost"))
    return wf


def lose(folder):
    shutil.rmtree(os.path.join(folder, "whole"))
    for path in glob.glob(os.path.join(folder, "hashless", "_0x*.json")):
        os.remove(path)
