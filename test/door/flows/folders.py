"""Directories of other names: digests instead of parameters, relative paths."""

from flowkit import Upper, function, ran, write
from nipype import JoinNode, MapNode, Node, Workflow
from nipype.interfaces.fsl import BET
from nipype.interfaces.utility import IdentityInterface

VARIANTS = {
    "digests": {"execution": {"parameterize_dirs": "false"}},
    "relative": {"execution": {"use_relative_paths": "true"}},
    "no-reports": {"execution": {"create_report": "false"}},
}


def make(long, n):
    ran()
    return write("made.nii.gz", "made %d %d" % (len(long), n))


def workflow(case):
    src = Node(IdentityInterface(fields=["long", "n"]), name="src")
    src.iterables = [("long", ["x" * 40, "y" * 60]), ("n", [1, 2])]
    made = Node(function(make, ["out"]), name="made")
    brain = Node(BET(), name="brain")
    shout = MapNode(Upper(), iterfield=["in_file"], name="shout")
    join = JoinNode(IdentityInterface(fields=["files"]), joinsource="src", joinfield="files", name="join")
    inner = Workflow("inner.most".replace(".", "_"))
    inner.connect(made, "out", brain, "in_file")
    wf = Workflow("folders")
    wf.connect(
        [
            (src, inner, [("long", "made.long"), ("n", "made.n")]),
            (inner, join, [("brain.out_file", "files")]),
            (join, shout, [("files", "in_file")]),
        ]
    )
    return wf
