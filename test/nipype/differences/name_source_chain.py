"""A name made from another name that was made."""

from nipype import Node, Workflow
from nipype.interfaces.base import CommandLineInputSpec, File
from tools import Tool, redirected


class NamesInputs(CommandLineInputSpec):
    in_file = File(mandatory=True, argstr="%s", position=0)
    first = File(name_source="in_file", name_template="%s_first", keep_extension=True, argstr="%s", position=1)
    second = File(name_source="first", name_template="%s_second", keep_extension=True, argstr="%s", position=2)
    pattern = File(name_source="in_file", name_template="%s_p", keep_extension=True, argstr="%s", position=3)
    third = File(name_source="pattern", name_template="%s_third", keep_extension=True, argstr="%s", position=4)
    out_file = redirected("names.txt")


class Names(Tool):
    _cmd = "echo"
    input_spec = NamesInputs


def workflow(case):
    names = Node(Names(in_file="scan.nii.gz", pattern="pre_%s.nii"), name="names")
    wf = Workflow("wf")
    wf.add_nodes([names])
    return wf
