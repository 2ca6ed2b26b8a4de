"""Every way in which an input enters a command line; the command prints its arguments."""

from nipype import Node, Workflow
from nipype.interfaces.base import CommandLineInputSpec, File, InputMultiPath, traits
from tools import Tool, dump, redirected


class ArgsInputs(CommandLineInputSpec):
    first = traits.Str(argstr="%s", position=0)
    second = traits.Int(argstr="--second=%d", position=1)
    middle = traits.Float(argstr="%f", position=1.5)
    last = traits.Str(argstr="%s", position=-2)
    before = traits.Int(argstr="%d", position=-3)
    flag = traits.Bool(argstr="-flag")
    off = traits.Bool(argstr="-off")
    zero = traits.Bool(argstr="-zero %d")
    one = traits.Bool(argstr="-one %d")
    f2 = traits.Float(argstr="-f2 %.2f")
    g = traits.Float(argstr="-g %g")
    text = traits.Float(argstr="-text %s")
    small = traits.Float(argstr="-small %s")
    exp = traits.Float(argstr="-exp %.3e")
    padded = traits.Int(argstr="-padded %05d")
    mode = traits.Enum("fast", "slow", argstr="-mode %s")
    preset = traits.Enum("soft", "hard", argstr="-preset %s", usedefault=True)
    span = traits.Range(low=0.0, high=1.0, argstr="-span %.3f")
    spaced = traits.List(traits.Int, argstr="-spaced %s")
    commas = traits.List(traits.Float, argstr="-commas %s", sep=",")
    each = traits.List(traits.Str, argstr="-each %s...")
    many = InputMultiPath(File(exists=True), argstr="-many %s")
    tuple = traits.Tuple(traits.Int, traits.Float, argstr="-tuple %d %.1f")
    pairs = traits.List(traits.Tuple(traits.Str, traits.Int), argstr="-pair %s,%d...")
    either = traits.Either(traits.Bool, traits.Int, argstr="-either %s")
    file = File(exists=True, argstr="-file %s")
    nowhere = traits.Int()
    a = traits.Int(argstr="-a %d", xor=["b"])
    b = traits.Int(argstr="-b %d", xor=["a"])
    c = traits.Int(argstr="-c %d", requires=["a"])
    unset = traits.Int(7, argstr="-unset %d")
    out_file = redirected("args.txt")


class Args(Tool):
    """Prints its arguments, one a line, in brackets."""

    _cmd = "printf '[%s]\\n'"
    input_spec = ArgsInputs


def workflow(case):
    full = Node(Args(
        first="first", second=2, middle=0.5, last="end", before=-4,
        flag=True, off=False, zero=False, one=True,
        f2=1.0 / 3, g=1e-10, text=1.0 / 3, small=1e-7, exp=12345.678, padded=42,
        mode="slow", span=0.25,
        spaced=[1, 2, 3], commas=[0.5, 2, 1e20], each=["x", "y"],
        many=[case.path("lines.txt"), case.path("record.json")],
        tuple=(3, 0.25), pairs=[("p", 1), ("q", 2)], either=True,
        file=case.path("lines.txt"), nowhere=3, a=1, c=2,
        args="-extra one two",
    ), name="full")
    few = Node(Args(b=5, preset="hard", either=4, many=case.path("lines.txt"), commas=[1.0]), name="few")
    last = dump("last", "full", "few")

    wf = Workflow("wf")
    wf.connect([
        (full, last, [("out_file", "full")]),
        (few, last, [("out_file", "few")]),
    ])
    return wf
