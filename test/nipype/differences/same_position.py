"""Two inputs at one position of a command line."""

from nipype import Node, Workflow
from nipype.interfaces.base import CommandLineInputSpec, traits
from tools import Tool, redirected


class SayInputs(CommandLineInputSpec):
    one = traits.Str(argstr="%s", position=0)
    two = traits.Str(argstr="%s", position=0)
    out_file = redirected("said.txt")


class Say(Tool):
    _cmd = "echo"
    input_spec = SayInputs


def workflow(case):
    say = Node(Say(one="one", two="two"), name="say")
    wf = Workflow("wf")
    wf.add_nodes([say])
    return wf
