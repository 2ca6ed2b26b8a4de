"""Workflows for the tests of the hand-over."""
import os

from nipype import Function, IdentityInterface, JoinNode, MapNode, Merge, Node, Workflow
from nipype.interfaces import fsl
from nipype.interfaces.base import CommandLine, CommandLineInputSpec, File, TraitedSpec

os.environ.setdefault("FSLOUTPUTTYPE", "NIFTI_GZ")


def same(x):
    return x


def first(values):
    return values[0]


class OwnInput(CommandLineInputSpec):
    in_file = File(exists=True, argstr="%s", mandatory=True)
    out_file = File(argstr="%s", name_source=["in_file"], name_template="%s_own", hash_files=False)


class OwnOutput(TraitedSpec):
    out_file = File(exists=True)


class Own(CommandLine):
    """A command of somebody's own."""

    _cmd = "own"
    input_spec = OwnInput
    output_spec = OwnOutput


class Bet(fsl.BET):
    """A subclass of nipype's."""


def function(name, **options):
    return Node(Function(["x"], ["y"], function=same), name=name, **options)


def image(base):
    path = os.path.join(base, "image.nii.gz")
    with open(path, "w") as file:
        file.write("an image")
    return path


def flat(base, count=30):
    """A wide workflow of nodes that need nothing."""
    wf = Workflow("flat", base_dir=base)
    for k in range(count):
        node = function(f"n{k}")
        node.inputs.x = k
        wf.add_nodes([node])
    return wf


def rich(base):
    """A workflow with one of everything: sweeps, nested workflows, joins, maps,
    connect functions, commands of all kinds."""
    path = image(base)
    wf = Workflow("rich", base_dir=base)
    source = Node(IdentityInterface(["subject"]), name="source")
    source.iterables = ("subject", ["s1", "s10", "s2"])
    start = function("start", mem_gb=1.5, n_procs=2)
    bet = Node(fsl.BET(in_file=path, frac=0.3), name="bet")
    inner = Workflow("inner")
    entry = Node(IdentityInterface(["image"]), name="entry")
    maths = MapNode(fsl.ImageMaths(op_string="-add 1"), iterfield=["in_file"], name="maths")
    thresholds = Node(fsl.Threshold(), name="thresholds")
    thresholds.iterables = ("thresh", [0.5, 1.5])
    inner.connect([
        (entry, maths, [("image", "in_file")]),
        (entry, thresholds, [("image", "in_file")]),
    ])
    own = Node(Own(), name="own", run_without_submitting=True)
    joined = JoinNode(Merge(1), joinsource="source", joinfield="in1", name="joined")
    last = function("last", overwrite=True)
    wf.connect([
        (source, start, [("subject", "x")]),
        (bet, inner, [("out_file", "entry.image")]),
        (inner, own, [(("maths.out_file", first), "in_file")]),
        (start, joined, [("y", "in1")]),
        (joined, last, [("out", "x")]),
    ])
    return wf
