"""Runs nipype's confound interfaces on a real functional series.

usage: real.py SERIES FOLDER
Writes a mask (mask.nii.gz) and nipype's results to FOLDER, and prints the numbers as
JSON. Debian's python3-nipype and python3-nitime.
"""
import json
import os
import sys

import nibabel as nib
import numpy as np
from nipype.algorithms.confounds import TSNR, ComputeDVARS, NonSteadyStateDetector

series, folder = sys.argv[1:]
os.chdir(folder)
image = nib.load(series)
mean = image.get_fdata().mean(axis=3)
nib.save(nib.Nifti1Image((mean > np.median(mean)).astype(np.uint8), image.affine), "mask.nii.gz")
TSNR(in_file=series).run()
TSNR(in_file=series, regress_poly=2, tsnr_file="poly_tsnr.nii.gz", mean_file="poly_mean.nii.gz",
     stddev_file="poly_stdev.nii.gz", detrended_file="poly_detrend.nii.gz").run()
dvars = ComputeDVARS(in_file=series, in_mask=os.path.abspath("mask.nii.gz"), save_all=True).run().outputs
steady = NonSteadyStateDetector(in_file=series).run().outputs
print(json.dumps({
    "avg_std": float(dvars.avg_std), "avg_nstd": float(dvars.avg_nstd), "avg_vxstd": float(dvars.avg_vxstd),
    "dvars": np.loadtxt(dvars.out_all, skiprows=1).tolist(), "non_steady": int(steady.n_volumes_to_discard),
}))
