"""MRtrix3 on an image: thresholds swept, masks applied, summed up and joined."""

from nipype import IdentityInterface, JoinNode, MapNode, Node, Workflow
from nipype.interfaces.base import CommandLineInputSpec, File, InputMultiPath, traits
from nipype.interfaces.mrtrix3 import MRConvert, MRMath
from tools import Tool, dump, redirected


class ThresholdInputs(CommandLineInputSpec):
    in_file = File(exists=True, mandatory=True, argstr="%s", position=-2)
    absolute = traits.Float(argstr="-abs %s")
    invert = traits.Bool(argstr="-invert")
    out_file = File(argstr="%s", position=-1, name_source="in_file", name_template="%s_mask.nii")


class Threshold(Tool):
    _cmd = "mrthreshold -quiet"
    input_spec = ThresholdInputs

    def _list_outputs(self):
        return super(Tool, self)._list_outputs()


class MultiplyInputs(CommandLineInputSpec):
    image = File(exists=True, mandatory=True, argstr="%s", position=0)
    mask = File(exists=True, mandatory=True, argstr="%s -mult", position=1)
    out_file = File("product.nii", usedefault=True, argstr="%s", position=2)


class Multiply(Tool):
    _cmd = "mrcalc -quiet"
    input_spec = MultiplyInputs


class StackInputs(CommandLineInputSpec):
    in_files = InputMultiPath(File(exists=True), mandatory=True, argstr="%s", position=0)
    axis = traits.Int(argstr="-axis %d")
    out_file = File("stack.nii", usedefault=True, argstr="%s", position=1)


class Stack(Tool):
    _cmd = "mrcat -quiet"
    input_spec = StackInputs


class SizesInputs(CommandLineInputSpec):
    in_files = InputMultiPath(File(exists=True), mandatory=True, argstr="%s", position=0)
    strides = traits.Bool(argstr="-strides")
    out_file = redirected("sizes.txt")


class Sizes(Tool):
    _cmd = "mrinfo -size"
    input_spec = SizesInputs


def workflow(case):
    image = case.path("image.nii")
    info = Node(IdentityInterface(fields=["level"]), name="info")
    info.iterables = ("level", [20.0, 60.5, 100.0])
    convert = Node(MRConvert(in_file=image, out_file="converted.nii", coord=[2, 1]), name="convert")
    mask = Node(Threshold(in_file=image), name="mask")
    inside = Node(Multiply(image=image), name="inside")
    along = MapNode(MRMath(operation="sum", out_file="sum.nii"), iterfield=["axis"], name="along")
    along.inputs.axis = [0, 2]
    stack = JoinNode(Stack(axis=3), joinsource="info", joinfield="in_files", name="stack")
    total = Node(MRMath(operation="mean", axis=3, out_file="mean.nii", nthreads=1), name="total")
    sizes = JoinNode(Sizes(strides=True), joinsource="info", joinfield="in_files", name="sizes")
    last = dump("last", "mask", "sums", "converted")

    wf = Workflow("wf")
    wf.connect([
        (info, mask, [("level", "absolute")]),
        (mask, inside, [("out_file", "mask")]),
        (inside, along, [("out_file", "in_file")]),
        (inside, stack, [("out_file", "in_files")]),
        (stack, total, [("out_file", "in_file")]),
        (inside, sizes, [("out_file", "in_files")]),
        (mask, last, [("out_file", "mask")]),
        (along, last, [("out_file", "sums")]),
        (convert, last, [("out_file", "converted")]),
    ])
    return wf
