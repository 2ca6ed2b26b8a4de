"""Names of outputs made from names of inputs, and chains of them."""

from nipype import Node, Workflow
from nipype.interfaces.base import CommandLine, CommandLineInputSpec, File, TraitedSpec, traits
from tools import Copy, Put, dump, redirected


class NamesInputs(CommandLineInputSpec):
    in_file = File(exists=True, mandatory=True, argstr="%s", position=-2)
    suffix = traits.Str(".bak", usedefault=True, argstr="--suffix=%s")
    first = File(name_source="in_file", name_template="%s_first", keep_extension=True, argstr="%s", position=0)
    second = File(name_source="in_file", name_template="%s_second.dat", argstr="%s", position=1)
    third = File(name_source="in_file", argstr="%s", position=2)
    fourth = File(name_source="third", name_template="%s_fourth.img", argstr="%s", position=3)
    out_file = redirected("names.txt")


class NamesOutputs(TraitedSpec):
    first = File()
    second = File()
    third = File()
    fourth = File()


class Names(CommandLine):
    """Says the names on its command line."""

    _cmd = "echo"
    input_spec = NamesInputs
    output_spec = NamesOutputs


def workflow(case):
    put = Node(Put(text="ant", out_file="data.tar.gz"), name="put")
    copy = Node(Copy(), name="copy")
    copy2 = Node(Copy(), name="copy2")
    named = Node(Copy(out_file="given.nii.gz"), name="named")
    pattern = Node(Copy(out_file="pre_%s_post"), name="pattern")
    names = Node(Names(), name="names")
    last = dump("last", "copy2", "named", "pattern", "first", "second", "third", "fourth")

    wf = Workflow("wf")
    wf.connect([
        (put, copy, [("out_file", "in_file")]),
        (copy, copy2, [("out_file", "in_file")]),
        (copy2, named, [("out_file", "in_file")]),
        (copy2, pattern, [("out_file", "in_file")]),
        (named, names, [("out_file", "in_file")]),
        (copy2, last, [("out_file", "copy2")]),
        (named, last, [("out_file", "named")]),
        (pattern, last, [("out_file", "pattern")]),
        (names, last, [("first", "first"), ("second", "second"), ("third", "third"), ("fourth", "fourth")]),
    ])
    return wf
