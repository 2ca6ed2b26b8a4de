"""What the workflows of flows/ are made of.

Files are written with a fixed time, so that hashes of timestamps can be
compared between runs; everything that runs says so, so that what ran can be
counted from outside.
"""

import os
from types import SimpleNamespace

from nipype.interfaces.base import (
    BaseInterface,
    BaseInterfaceInputSpec,
    CommandLine,
    CommandLineInputSpec,
    File,
    TraitedSpec,
    isdefined,
    traits,
)

WHEN = 1_000_000_000.5


def ran():
    """Says that the node of this directory has run."""
    with open(os.environ["DOOR_RAN"], "a") as f:
        f.write(os.getcwd() + "\n")


def write(name, text):
    """Writes a file and gives its absolute path."""
    path = os.path.abspath(name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.utime(path, (WHEN, WHEN))
    return path


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


# The command-line tools: what they write says how they were called.
TOOL = """#!/bin/sh
echo "$PWD" >> "$DOOR_RAN"
say() { printf '%%s' "$1" > "$2" && touch -d @1000000000.5 "$2"; }
echo "${0##*/} says hello"
%s
"""

TOOLS = {
    "bet": 'say "bet $(cat "$1") $3 $4" "$2"',
    "fslmaths": 'for a; do [ "$a" = -odt ] && break; out=$a; done; say "maths $(cat "$1") $#" "$out"',
    "flirt": 'while [ $# -gt 1 ]; do case $1 in -out) say "flirt" "$2";; -omat) say "1 0 0 0" "$2";; esac; shift; done',
    "mri_convert": 'for out; do :; done; say "convert $#" "$out"',
    "upper": 'echo "upper warns" >&2; say "$(tr a-z A-Z < "$1")" "$2"',
    "fails": 'echo "this went wrong" >&2; exit 3',
    "fails-on": 'grep -q "$1" "$2" && { echo "found $1" >&2; exit 4; }; say "$(cat "$2")" "$3"',
    "twice": 'say "$1" "$2"',
}


def make_tools(folder):
    os.makedirs(folder)
    for name, body in TOOLS.items():
        path = os.path.join(folder, name)
        with open(path, "w") as f:
            f.write(TOOL % body)
        os.chmod(path, 0o755)


def make_data(folder):
    """Inputs: three subjects, one of them with a name that is not ASCII."""
    for subject in ("s1", "s2", "s3", "Jürgen Ø"):
        os.makedirs(os.path.join(folder, subject))
        write(os.path.join(folder, subject, "t1.nii.gz"), "T1 of " + subject)
        for i in range(3):
            write(os.path.join(folder, subject, "bold%d.nii" % i), "bold %d of %s" % (i, subject))


def function(body, outputs, **inputs):
    """The interface of a function; its outputs named, its inputs set. What the
    body calls of this module is imported by nipype itself."""
    from nipype import Function

    made = Function(
        function=body, output_names=outputs, imports=["import os", "from flowkit import ran, read, write"]
    )
    made.inputs.trait_set(**inputs)
    return made


class UpperInputs(CommandLineInputSpec):
    in_file = File(exists=True, mandatory=True, argstr="%s", position=0)
    out_file = File(name_source=["in_file"], name_template="%s_up", keep_extension=True, argstr="%s", position=1)


class UpperOutputs(TraitedSpec):
    out_file = File(exists=True)


class Upper(CommandLine):
    """A tool that no catalogue knows."""

    _cmd = "upper"
    input_spec = UpperInputs
    output_spec = UpperOutputs


class UpperInPlace(Upper):
    """Has Python of its own around the command: reads and mends what it wrote."""

    def _run_interface(self, runtime):
        runtime = super()._run_interface(runtime)
        out = self._list_outputs()["out_file"]
        write(out, read(out) + "!")
        return runtime

    def _format_arg(self, name, spec, value):
        return super()._format_arg(name, spec, value)

    def _list_outputs(self):
        outputs = super()._list_outputs()
        assert isdefined(outputs["out_file"])
        return outputs


class TwiceInputs(CommandLineInputSpec):
    text = traits.Str("twice", usedefault=True, argstr="%s", position=0)
    out_file = File("first.txt", usedefault=True, argstr="%s", position=1)


class TwiceOutputs(TraitedSpec):
    out_files = traits.List(File(exists=True))


class Twice(CommandLine):
    """Runs its command two times."""

    _cmd = "twice"
    input_spec = TwiceInputs
    output_spec = TwiceOutputs

    def _run_interface(self, runtime):
        runtime = super()._run_interface(runtime)
        self.inputs.out_file = "second.txt"
        runtime = super()._run_interface(runtime)
        self.inputs.out_file = "first.txt"
        return runtime

    def _list_outputs(self):
        return {"out_files": [os.path.abspath("first.txt"), os.path.abspath("second.txt")]}


class CopyInputs(BaseInterfaceInputSpec):
    in_file = File(exists=True, mandatory=True, copyfile=True)
    times = traits.Int(1, usedefault=True)


class CopyOutputs(TraitedSpec):
    out_file = File(exists=True)
    extra = File(exists=True)
    n = traits.Int()


class Changer(BaseInterface):
    """Python that changes its input, which nipype copies into the directory."""

    input_spec = CopyInputs
    output_spec = CopyOutputs

    def _run_interface(self, runtime):
        ran()
        write(os.path.basename(self.inputs.in_file), read(self.inputs.in_file) * self.inputs.times)
        write("extra.txt", "extra")
        write("unneeded.txt", "nobody asked")
        return runtime

    def _list_outputs(self):
        return {
            "out_file": os.path.abspath(os.path.basename(self.inputs.in_file)),
            "extra": os.path.abspath("extra.txt"),
            "n": self.inputs.times,
        }


class Always(Changer):
    """Runs each time, and makes the same."""

    @property
    def always_run(self):
        return True


class Case(SimpleNamespace):
    """Where a flow works: base (the base directory), data (inputs), round (0
    when first run, 1 when run again), variant (of VARIANTS)."""

    def file(self, subject="s1", name="t1.nii.gz"):
        return os.path.join(self.data, subject, name)
