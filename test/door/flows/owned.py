"""Classes as people write them around command lines: that take other exit
statuses for right, give what was printed, make up names, run others inside, or
run something by themselves."""

import os
import subprocess

from flowkit import Upper, UpperInputs, UpperOutputs, ran, write
from nipype import MapNode, Node, Workflow
from nipype.interfaces.base import (
    BaseInterface,
    BaseInterfaceInputSpec,
    CommandLine,
    CommandLineInputSpec,
    File,
    OutputMultiPath,
    SimpleInterface,
    TraitedSpec,
    isdefined,
    traits,
)
from nipype.interfaces.fsl.base import FSLCommand, FSLCommandInputSpec


class Simple(SimpleInterface):
    class input_spec(BaseInterfaceInputSpec):
        x = traits.Int(mandatory=True)

    class output_spec(TraitedSpec):
        y = traits.Any()
        file = File()

    def _run_interface(self, runtime):
        ran()
        self._results["y"] = {"x": self.inputs.x, "l": [1.5]}
        self._results["file"] = write(os.path.join(runtime.cwd, "y.txt"), str(self.inputs.x))
        return runtime


class Spoken(CommandLine):
    _cmd = "upper"

    class input_spec(CommandLineInputSpec):
        in_file = File(exists=True, argstr="%s", position=0, mandatory=True)
        out_file = File(argstr="%s", position=1, genfile=True)
        flag = traits.Bool(argstr="--flag", xor=["n"])
        n = traits.Int(argstr="-n %d", requires=["in_file"])
        numbers = traits.List(traits.Float, argstr="-m %g...")
        kind = traits.Enum("a", "b", argstr="-e %s", usedefault=True)

    class output_spec(TraitedSpec):
        out_file = File(exists=True)
        said = traits.Str()

    def _gen_filename(self, name):
        return os.path.abspath("made.txt")

    def _run_interface(self, runtime):
        runtime = super()._run_interface(runtime)
        self._said = runtime.stdout
        return runtime

    def _list_outputs(self):
        given = self.inputs.out_file
        return {
            "out_file": os.path.abspath(given) if isdefined(given) else self._gen_filename("out_file"),
            "said": self._said,
        }


class Tolerant(Spoken):
    _cmd = "sh -c 'echo odd; exit 3' --"

    def _run_interface(self, runtime, correct_return_codes=(0, 3)):
        runtime = CommandLine._run_interface(self, runtime, correct_return_codes=correct_return_codes)
        self._said = write("made.txt", "tolerated")
        return runtime


class ByItself(CommandLine):
    _cmd = "upper"
    input_spec = UpperInputs
    output_spec = UpperOutputs

    def _run_interface(self, runtime):
        subprocess.check_call(["upper", self.inputs.in_file, "own.txt"])
        runtime.returncode = 0
        return runtime

    def _list_outputs(self):
        return {"out_file": os.path.abspath("own.txt")}


class Maths(FSLCommand):
    _cmd = "fslmaths"

    class input_spec(FSLCommandInputSpec):
        in_file = File(exists=True, argstr="%s", position=0, mandatory=True)
        out_file = File(argstr="%s", position=-1, name_source="in_file", name_template="%s_own")

    class output_spec(TraitedSpec):
        out_file = File(exists=True)


class Several(BaseInterface):
    _can_resume = True

    class input_spec(BaseInterfaceInputSpec):
        x = traits.Int(1, usedefault=True)

    class output_spec(TraitedSpec):
        pair = traits.Tuple(traits.Int, traits.Str)
        files = OutputMultiPath(File(exists=True))

    def _run_interface(self, runtime):
        ran()
        for i in range(self.inputs.x):
            write("o%d" % i, str(i))
        return runtime

    def _list_outputs(self):
        return {"pair": (1, "a"), "files": [os.path.abspath("o%d" % i) for i in range(self.inputs.x)]}


class Around(BaseInterface):
    class input_spec(BaseInterfaceInputSpec):
        in_file = File(exists=True, mandatory=True)

    class output_spec(TraitedSpec):
        out_file = File(exists=True)

    def _run_interface(self, runtime):
        self._out = Upper(in_file=self.inputs.in_file).run(cwd=runtime.cwd).outputs.out_file
        return runtime

    def _list_outputs(self):
        return {"out_file": os.path.abspath(os.path.basename(self._out))}


def workflow(case):
    t1 = case.file()
    simple = Node(Simple(x=3), name="simple")
    around = Node(Around(), name="around")
    several = MapNode(Several(), iterfield=["x"], name="several")
    several.inputs.x = [1, 2]
    spoken = MapNode(Spoken(), iterfield=["in_file"], name="spoken")
    spoken.inputs.in_file = [t1, case.file("s2")]
    loud = Node(Spoken(in_file=t1, n=3, out_file="o.txt", kind="b", numbers=[1, 2.5]), name="loud")
    loud.interface.terminal_output = "allatonce"
    wf = Workflow("owned")
    wf.connect(simple, "file", around, "in_file")
    wf.add_nodes(
        [
            several,
            spoken,
            loud,
            Node(Tolerant(in_file=t1, flag=True), name="tolerant"),
            Node(ByItself(in_file=t1), name="by_itself"),
            Node(Maths(in_file=t1), name="maths"),
        ]
    )
    return wf
