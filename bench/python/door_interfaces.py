"""Interfaces of the mixed workflow, like those that programs on nipype bring along."""

import os

import nibabel as nb
import numpy as np
from nipype.interfaces import fsl
from nipype.interfaces.base import BaseInterfaceInputSpec, File, SimpleInterface, TraitedSpec, traits


class CheckedBET(fsl.BET):
    """A command line with Python of its own behind it."""

    def _run_interface(self, runtime):
        runtime = super()._run_interface(runtime)
        image = nb.load(self._gen_outfilename())
        image.header.set_sform(image.affine, code=1)
        return runtime


class ImageIn(BaseInterfaceInputSpec):
    in_file = File(exists=True, mandatory=True)


class ImageOut(TraitedSpec):
    out_file = File(exists=True)


class Header(SimpleInterface):
    """Gives an image a clean header."""

    input_spec, output_spec = ImageIn, ImageOut

    def _run_interface(self, runtime):
        image = nb.load(self.inputs.in_file)
        image.header.extensions.clear()
        image.set_sform(image.affine, code=1)
        self._results["out_file"] = os.path.join(runtime.cwd, "header.nii.gz")
        image.to_filename(self._results["out_file"])
        return runtime


class MaskIn(ImageIn):
    threshold = traits.Float(0.5, usedefault=True)


class Mask(SimpleInterface):
    """Makes a mask of what lies above a quantile."""

    input_spec, output_spec = MaskIn, ImageOut

    def _run_interface(self, runtime):
        image = nb.load(self.inputs.in_file)
        data = np.asanyarray(image.dataobj)
        mask = (data > np.quantile(data, self.inputs.threshold)).astype("uint8")
        self._results["out_file"] = os.path.join(runtime.cwd, "mask.nii.gz")
        nb.Nifti1Image(mask, image.affine).to_filename(self._results["out_file"])
        return runtime


class TableIn(BaseInterfaceInputSpec):
    in_files = traits.List(File(exists=True), mandatory=True)


class Table(SimpleInterface):
    """Writes what is in images as a table."""

    input_spec, output_spec = TableIn, ImageOut

    def _run_interface(self, runtime):
        self._results["out_file"] = os.path.join(runtime.cwd, "table.tsv")
        with open(self._results["out_file"], "w") as f:
            f.write("mean\tstd\n")
            for name in self.inputs.in_files:
                data = np.asanyarray(nb.load(name).dataobj, dtype="float32")
                f.write("%.6f\t%.6f\n" % (data.mean(), data.std()))
        return runtime
