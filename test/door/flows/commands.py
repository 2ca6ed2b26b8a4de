"""Command lines: of the catalogue with all their ways to set an input, classes
derived from them, classes with Python around the command, output to a file,
environment, and a shell's syntax."""

from flowkit import Twice, Upper, UpperInPlace, function, ran, write
from nipype import Node, Workflow
from nipype.interfaces.base import CommandLine
from nipype.interfaces.freesurfer import MRIConvert
from nipype.interfaces.fsl import BET, FLIRT, BinaryMaths, ImageMaths


def make():
    ran()
    return write("made.nii.gz", "made"), 0.25, 4


class OwnBET(BET):
    """A subclass that changes nothing is not nipype's class all the same."""


def workflow(case):
    wf = Workflow("commands")
    src = Node(function(make, ["file", "frac", "number"]), name="src")
    plain = Node(BET(in_file=case.file(), mask=True, frac=0.5), name="plain")
    named = Node(BET(in_file=case.file("Jürgen Ø"), out_file="bräin.nii.gz", args="-v"), name="named")
    given = Node(BET(), name="given")
    pipe = Node(ImageMaths(op_string="-bin", suffix="_bin", out_data_type="char"), name="pipe")
    minus = Node(BinaryMaths(operation="sub", operand_value=3), name="minus")
    align = Node(FLIRT(reference=case.file("s2"), dof=6, output_type="NIFTI"), name="align")
    convert = Node(MRIConvert(in_file=case.file(), out_type="mgz"), name="convert")
    own = Node(OwnBET(in_file=case.file()), name="own")
    wf.connect(
        [
            (src, given, [("file", "in_file"), ("frac", "frac")]),
            (given, pipe, [("out_file", "in_file")]),
            (pipe, minus, [("out_file", "in_file")]),
            (minus, align, [("out_file", "in_file")]),
        ]
    )
    upper = Node(Upper(), name="upper")
    mended = Node(UpperInPlace(), name="mended")
    wf.connect([(src, upper, [("file", "in_file")]), (upper, mended, [("out_file", "in_file")])])
    twice = Node(Twice(text="'it is'"), name="twice")
    shell = Node(CommandLine(command="echo", args="$SAY > said.txt; cat said.txt | tr a-z A-Z"), name="shell")
    shell.inputs.environ = {"SAY": "hello you"}
    to_file = Node(Upper(in_file=case.file()), name="to_file")
    to_file.interface.terminal_output = "file"
    split = Node(BET(in_file=case.file("s3")), name="split")
    split.interface.terminal_output = "file_split"
    silent = Node(BET(in_file=case.file("s3")), name="silent")
    silent.interface.terminal_output = "none"
    wf.add_nodes([plain, named, convert, own, twice, shell, to_file, split, silent])
    return wf
