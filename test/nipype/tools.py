"""The command-line tools that the cases use, as nipype interfaces.

tools.star describes the same tools for Raphe. All of them are in every Unix
system or in MRtrix3. nipype writes standard output to a file through its
shell ("> %s"); Raphe declares it.
"""

from glob import glob
from os.path import abspath

from nipype import Node
from nipype.interfaces.base import (
    CommandLine,
    CommandLineInputSpec,
    File,
    InputMultiPath,
    OutputMultiPath,
    TraitedSpec,
    traits,
)
from nipype.interfaces.io import JSONFileSink


def redirected(name):
    """The file that standard output goes to."""
    return File(name, usedefault=True, argstr="> %s", position=-1)


class OutFile(TraitedSpec):
    out_file = File(exists=True)


class Tool(CommandLine):
    """A command whose output is its input out_file."""

    output_spec = OutFile

    def _list_outputs(self):
        return {"out_file": abspath(self.inputs.out_file)}


class PutInputs(CommandLineInputSpec):
    text = traits.Any(argstr="%s", position=0, mandatory=True)
    number = traits.Any(argstr="%s", position=1)
    out_file = redirected("put.txt")


class Put(Tool):
    """Writes a text, and perhaps a number, to a file."""

    _cmd = "echo"
    input_spec = PutInputs


class LabelInputs(CommandLineInputSpec):
    text = traits.Any(argstr="s/^/%s-/", position=0, mandatory=True)
    in_file = File(exists=True, argstr="%s", position=1, mandatory=True)
    out_file = redirected("label.txt")


class Label(Tool):
    """Puts a text before every line of a file."""

    _cmd = "sed"
    input_spec = LabelInputs


class CatInputs(CommandLineInputSpec):
    in_files = InputMultiPath(File(exists=True), argstr="%s", position=0, mandatory=True)
    out_file = redirected("cat.txt")


class Cat(Tool):
    """Writes files one after the other into one."""

    _cmd = "cat"
    input_spec = CatInputs


class CopyInputs(CommandLineInputSpec):
    in_file = File(exists=True, argstr="%s", position=0, mandatory=True)
    out_file = File(
        argstr="%s",
        position=1,
        name_source=["in_file"],
        name_template="%s_copy",
        keep_extension=True,
    )


class Copy(CommandLine):
    """Copies a file; the copy's name is made from the original's."""

    _cmd = "cp"
    input_spec = CopyInputs
    output_spec = OutFile


class PiecesInputs(CommandLineInputSpec):
    in_file = File(exists=True, argstr="%s", position=0, mandatory=True)
    lines = traits.Int(1, usedefault=True, argstr="-l %d")
    prefix = traits.Str("piece_", usedefault=True, argstr="%s", position=1)


class PiecesOutputs(TraitedSpec):
    pieces = OutputMultiPath(File(exists=True))


class Pieces(CommandLine):
    """Cuts a file into pieces of some lines."""

    _cmd = "split"
    input_spec = PiecesInputs
    output_spec = PiecesOutputs

    def _list_outputs(self):
        return {"pieces": sorted(glob(abspath(self.inputs.prefix + "*")))}


def dump(name, *fields):
    """A node that writes the values it gets to datasink.json in its folder."""
    return Node(JSONFileSink(infields=list(fields)), name=name)
