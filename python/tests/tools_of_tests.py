"""Interfaces for the tests: each has a way of its own to run its command."""

import os

from nipype.interfaces.base import (
    CommandLine,
    CommandLineInputSpec,
    File,
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
