"""What fails, what of the rest runs, and what runs when it is started again
with the cause mended for one of them."""

from flowkit import Upper, UpperInputs, UpperOutputs, function, ran, write
from nipype import Node, Workflow, config
from nipype.interfaces.base import CommandLine
from nipype.interfaces.fsl import BET
from nipype.interfaces.utility import Merge

VARIANTS = {
    form + ("-stop" if stop == "true" else ""): {
        "execution": {"crashfile_format": form, "stop_on_first_crash": stop}
    }
    for form in ("txt", "pklz")
    for stop in ("false", "true")
}


class Fails(CommandLine):
    _cmd = "fails"
    input_spec = UpperInputs
    output_spec = UpperOutputs


def make(wrong):
    ran()
    if wrong:
        raise ValueError("this is wrong: ä")
    return write("made.nii.gz", "made")


def workflow(case):
    wf = Workflow("crashes")
    bad = Node(function(make, ["out"], wrong=case.round == 0), name="bad")
    after = Node(Upper(), name="after")
    last = Node(Merge(2), name="last")
    wf.connect([(bad, after, [("out", "in_file")]), (after, last, [("out_file", "in1")])])
    if config.getboolean("execution", "stop_on_first_crash"):
        return wf  # of what is independent either may come first

    good = Node(function(make, ["out"], wrong=False), name="good")
    tool = Node(Fails(), name="tool")
    brain = Node(BET(), name="brain")
    wf.connect([(good, tool, [("out", "in_file")]), (tool, brain, [("out_file", "in_file")])])
    wf.connect(good, "out", last, "in2")
    absent = Node(BET(in_file=case.file()), name="absent")
    absent.interface._cmd = "no-such-tool"
    wf.add_nodes([absent])
    return wf
