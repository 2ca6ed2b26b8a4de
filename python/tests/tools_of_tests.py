"""Interfaces for the tests: each has a way of its own to run its command."""

import os
import shutil
import tempfile

from nipype.interfaces.base import (
    CommandLine,
    CommandLineInputSpec,
    File,
    InputMultiPath,
    PackageInfo,
    TraitedSpec,
    traits,
)


class UpperInput(CommandLineInputSpec):
    in_file = File(exists=True, argstr="< %s", position=0, mandatory=True)
    out_file = File(
        argstr="> %s",
        position=1,
        name_source=["in_file"],
        name_template="%s_upper",
        keep_extension=True,
    )


class UpperOutput(TraitedSpec):
    out_file = File(exists=True)


class Upper(CommandLine):
    """Nothing overridden."""

    _cmd = "tr a-z A-Z"
    input_spec = UpperInput
    output_spec = UpperOutput


class SidecarOutput(UpperOutput):
    sidecar = File(exists=True)


class Hooked(Upper):
    """Works before and after its command."""

    output_spec = SidecarOutput

    def _pre_run_hook(self, runtime):
        with open(os.path.join(runtime.cwd, "before.txt"), "w") as file:
            file.write("before")
        return runtime

    def _post_run_hook(self, runtime):
        with open("sidecar.txt", "w") as file:
            file.write(open("before.txt").read() + ", after " + runtime.cmdline.split()[0])
        return runtime

    def _list_outputs(self):
        return {**super()._list_outputs(), "sidecar": os.path.abspath("sidecar.txt")}


class SpeakInput(CommandLineInputSpec):
    text = traits.Str(argstr="%s", position=0, mandatory=True)
    status = traits.Int(0, usedefault=True)


class SpeakOutput(TraitedSpec):
    said = traits.Str()
    merged = traits.Int()


class Speak(CommandLine):
    """Gives what its command printed as outputs."""

    _cmd = "sh -c"
    input_spec = SpeakInput
    output_spec = SpeakOutput
    _said = ""

    def _format_arg(self, name, spec, value):
        if name == "text":
            return f"'printf \"{value}\"; printf \"heard\\n\" >&2; exit {self.inputs.status}'"
        return super()._format_arg(name, spec, value)

    def _run_interface(self, runtime, correct_return_codes=(0, 1)):
        runtime = super()._run_interface(runtime, correct_return_codes)
        self._said = runtime.stdout + "|" + runtime.stderr
        self._merged = len(runtime.merged.splitlines())
        return runtime

    def _list_outputs(self):
        return {"said": self._said, "merged": self._merged}


class Twice(Upper):
    """Runs three commands, one of them of another interface."""

    def _run_interface(self, runtime):
        from nipype import logging  # noqa: F401

        original = self.inputs.in_file
        first = Upper(in_file=original, out_file="first.txt")
        middle = first.run(cwd=runtime.cwd).outputs.out_file
        with open(middle) as file:
            assert file.read().isupper()
        self.inputs.in_file = middle
        self._cmd = "tr A-Z 0-9"
        self.inputs.out_file = "second.txt"
        runtime = super()._run_interface(runtime)
        self._cmd = "tr 0-9 a-z"
        self.inputs.in_file = os.path.abspath("second.txt")
        self.inputs.out_file = "third.txt"
        return super()._run_interface(runtime)


class Version(PackageInfo):
    version_cmd = "echo version 5"

    @staticmethod
    def parse_version(raw_info):
        return raw_info.split()[-1]


class Asking(Upper):
    """Asks for the version of its package while it makes its command line."""

    def _format_arg(self, name, spec, value):
        assert Version.version() == "5"
        return super()._format_arg(name, spec, value)


class InPlaceInput(CommandLineInputSpec):
    in_files = InputMultiPath(
        File(exists=True), argstr="%s", position=-1, copyfile=True, mandatory=True
    )


class InPlaceOutput(TraitedSpec):
    out_files = traits.List(File(exists=True))


class InPlace(CommandLine):
    """Changes the copies of its inputs, of which two have one name."""

    _cmd = "sed -i s/a/b/"
    input_spec = InPlaceInput
    output_spec = InPlaceOutput

    def _list_outputs(self):
        return {"out_files": [os.path.abspath(f) for f in self.inputs.in_files]}


class Random(Upper):
    """Has another command line each time."""

    def _run_interface(self, runtime):
        self.inputs.out_file = os.path.basename(tempfile.mktemp(dir=runtime.cwd))
        runtime = super()._run_interface(runtime)
        os.rename(self.inputs.out_file, "result.txt")
        return runtime

    def _list_outputs(self):
        return {"out_file": os.path.abspath("result.txt")}


class Once(Upper):
    """What it does before its command cannot be done twice in one directory."""

    def _run_interface(self, runtime):
        os.mkdir("work")
        return super()._run_interface(runtime)


class Clearing(InPlace):
    """Clears away what an earlier run may have left: the results of its command."""

    _cmd = "mkdir found && touch found/all && sed -i s/a/b/"

    def _run_interface(self, runtime):
        with open(self.inputs.in_files[0]) as file:
            assert "a" in file.read()  # as it was before the command
        if os.path.exists("found"):
            shutil.rmtree("found")
        return super()._run_interface(runtime)

    def _list_outputs(self):
        return {"out_files": super()._list_outputs()["out_files"] + [os.path.abspath("found/all")]}


class Aside(Upper):
    """Runs its command in a directory below that of the node."""

    def _run_interface(self, runtime):
        os.makedirs("below", exist_ok=True)
        runtime.cwd = os.path.join(runtime.cwd, "below")
        return super()._run_interface(runtime)

    def _list_outputs(self):
        name = os.path.basename(super()._list_outputs()["out_file"])
        return {"out_file": os.path.abspath("below/" + name)}


class OwnRun(Upper):
    """Overrides run."""

    def run(self, **inputs):
        self.inputs.args = "2>&1"
        return super().run(**inputs)
