"""Fits the tensors of dicom-dwi again, with numpy, and compares FA and MD.

usage: check_tensor.py WORKDIR RESULTS SCRATCH
The fit is that of Veraart et al. 2013 (doi:10.1016/j.neuroimage.2013.05.028) as
dwi2tensor makes it: weighted least squares of the logarithm, the weights being
the signal first and then, twice, what the fit before predicts.
"""
import os
import subprocess
import sys

import nibabel as nib
import numpy as np

work, results, scratch = sys.argv[1:]


def image(path):
    """The voxels in the order of the image's axes, whatever its strides."""
    out = f"{scratch}/{os.path.basename(path)}.nii"
    dims = subprocess.run(["mrinfo", "-ndim", path], check=True, capture_output=True, text=True).stdout
    strides = ",".join(str(n + 1) for n in range(int(dims)))
    subprocess.run(["mrconvert", "-quiet", "-force", "-datatype", "float32", "-strides", strides, path, out], check=True)
    return nib.load(out).get_fdata()


denoised = f"{work}/denoise/dwi_denoised.mif"
signal, mask = image(denoised), image(f"{work}/mask/brainmask.mif") > 0
scheme = subprocess.run(["mrinfo", denoised, "-dwgrad"], check=True, capture_output=True, text=True).stdout
g, b = np.split(np.array([[float(x) for x in line.split()] for line in scheme.splitlines()]), [3], axis=1)
X = np.column_stack([-b * g * g, -2 * b * g[:, [0]] * g[:, [1]], -2 * b * g[:, [0]] * g[:, [2]], -2 * b * g[:, [1]] * g[:, [2]], np.ones_like(b)])
fa, md = np.zeros(mask.shape), np.zeros(mask.shape)
for v in zip(*np.nonzero(mask)):
    w = np.maximum(signal[v], 1e-6 * signal[v].max())
    y = np.log(w)
    for _ in range(3):
        p = np.linalg.lstsq(X * w[:, None], y * w, rcond=None)[0]
        w = np.exp(X @ p)
    d = np.linalg.eigvalsh([[p[0], p[3], p[4]], [p[3], p[1], p[5]], [p[4], p[5], p[2]]])
    md[v] = d.mean()
    fa[v] = np.sqrt(1.5 * ((d - d.mean()) ** 2).sum() / (d ** 2).sum())
off_fa = np.abs(image(f"{results}/tensor/fa.nii.gz") - fa)[mask]
off_md = np.abs(image(f"{results}/tensor/md.nii.gz") - md)[mask] / np.abs(md[mask]).mean()
print(f"{mask.sum()} voxels, FA off by {off_fa.max():.2g}, MD by {off_md.max():.2g}")
bad = []
if not (off_fa.max() < 1e-3 and off_md.max() < 1e-3):
    bad.append("the maps differ")
if mask.sum() < 100:
    bad.append("the mask is nearly empty")
dicom = nib.load(f"{results}/nifti/dwi.nii.gz")
if dicom.shape != (128, 128, 48, 2):
    bad.append(f"the DICOM series became {dicom.shape}")
sys.exit("\n".join(bad) or None)
