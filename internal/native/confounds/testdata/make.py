#!/usr/bin/python3
"""Make the images and tables of this folder, and oracle.json: what nipype's
algorithms make of them.

Run in this folder with Debian 12's python3-nipype (1.8.5), python3-nibabel
(5.0.0), python3-numpy (1.24.2), python3-nitime (0.9) and python3-nipy (0.5.0):

    python3 make.py

The same bytes come out each time: the generator is seeded and the gzip files
hold neither time nor name.
"""
import gzip
import io
import json
import os
import tempfile

import nibabel as nb
import numpy as np
from nipype.algorithms import confounds as nc
from nipype.algorithms.misc import Gunzip, Gzip

rng = np.random.default_rng(18_05_2026)
here = os.getcwd()
oracle = {"tsnr": {}, "dvars": {}, "fd": {}, "steady": {}, "gunzip": {}}
AFFINE = np.array([[-3.0, 0, 0, 20], [0, 3, 0, -30], [0, 0, 3.5, -10], [0, 0, 0, 1]])


def save(name, data, dtype, tr=2.0, klass=nb.Nifti1Image, slope=None, endian="<"):
    header = klass.header_class(endianness=endian)
    header.set_data_dtype(dtype)
    img = klass(data, AFFINE, header)
    if data.ndim > 3:
        img.header["pixdim"][4] = tr
    if slope:
        img.header.set_slope_inter(*slope)
    stream = io.BytesIO()
    img.file_map["image"].fileobj = stream
    img.to_file_map()
    with open(name, "wb") as f:
        data = stream.getvalue()
        f.write(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
    return os.path.join(here, name)


def run(interface, **inputs):
    """Run in an empty folder; give the outputs and the files' contents."""
    old = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            outputs = interface(**inputs).run().outputs.get()
            found = {}
            for key, value in outputs.items():
                if isinstance(value, str) and os.path.exists(value):
                    found[key] = {"name": os.path.basename(value)}
                    if value.endswith((".nii", ".nii.gz")):
                        img = nb.load(value)
                        found[key].update(
                            shape=list(img.shape),
                            datatype=img.get_data_dtype().name,
                            zooms=[float(z) for z in img.header.get_zooms()],
                            affine=img.affine.tolist(),
                            slope=float(img.dataobj.slope),
                            inter=float(img.dataobj.inter),
                            values=[float("%.9g" % v) for v in img.get_fdata().flatten("F")],
                        )
                        # Of a series every 7th value is enough.
                        found[key]["values"] = found[key]["values"][:: 7 if img.ndim == 4 else 1]
                    elif value.endswith((".txt", ".tsv")):
                        found[key]["text"] = open(value).read()
                elif isinstance(value, (int, float)):
                    found[key] = {"number": float(value)}
        finally:
            os.chdir(old)
    return found


def bold(shape, level=1000.0, noise=20.0, drift=30.0, ar=0.0):
    """A series with a level for each voxel, autocorrelated noise and a drift."""
    base = level * rng.uniform(0.5, 1.5, shape[:3])[..., None]
    white = rng.normal(0, noise, shape)
    for t in range(1, shape[3]):
        white[..., t] += ar * white[..., t - 1]
    return base + white + drift * rng.normal(0, 1, shape[:3])[..., None] * np.linspace(-1, 1, shape[3])


# The series. Constant voxels in all; one has an odd, one an even number of masked values.
series = {}
data = bold((5, 4, 3, 21))
data[0, 0, 0] = 700
series["int16.nii.gz"] = save("int16.nii.gz", np.round(data), "int16", slope=(1, 0))
data = bold((4, 3, 3, 30), ar=0.4)
data[1, 2, 1] = 1234.5
data[2, 2, 1] = 0
series["float32.nii.gz"] = save("float32.nii.gz", data.astype("f4"), "float32", endian=">")
data = bold((3, 3, 2, 16), level=50, noise=3, drift=2)
data[0, 1, 0] = 50
series["uint8.nii"] = save("uint8.nii", np.round(data), "uint8", klass=nb.Nifti2Image, slope=(1, 0))
data = bold((3, 2, 3, 18), level=3, noise=0.5, drift=0.1)
data[1, 1, 1] = 2.5
series["scaled.nii.gz"] = save("scaled.nii.gz", data, "int16")
data = bold((2, 3, 2, 12), level=1e-3, noise=2e-4, drift=0)
series["float64.nii.gz"] = save("float64.nii.gz", data, "float64")

mask = np.zeros((5, 4, 3)); mask[:4, 1:, :] = 1; mask[0, 0, 0] = 1
masks = {"int16.nii.gz": save("mask_int16.nii.gz", mask, "uint8")}
mask = rng.uniform(0, 1, (4, 3, 3)) < 0.7; mask[1, 2, 1] = 1
masks["float32.nii.gz"] = save("mask_float32.nii.gz", mask.astype("f4") * 0.25, "float32")
masks["uint8.nii"] = save("mask_uint8.nii.gz", np.ones((3, 3, 2)), "int16")
masks["scaled.nii.gz"] = save("mask_scaled.nii.gz", np.ones((3, 2, 3)), "uint8")
masks["float64.nii.gz"] = save("mask_float64.nii.gz", np.ones((2, 3, 2)), "uint8")

# TSNR
for name, path in series.items():
    for degree in (None, 1, 3):
        if degree == 1 and name not in ("int16.nii.gz", "float32.nii.gz"):
            continue
        inputs = {"regress_poly": degree} if degree else {}
        case = {"in_file": [name], "regress_poly": degree or 0}
        case["outputs"] = run(nc.TSNR, in_file=[path], **inputs)
        oracle["tsnr"]["%s degree %s" % (name, degree or 0)] = case
frames = []
for t in range(4):
    frames.append("frame%d.nii.gz" % t)
    save(frames[-1], (rng.normal(100, 5, (2, 2, 2))).astype("f4"), "float32")
oracle["tsnr"]["frames"] = {
    "in_file": frames, "regress_poly": 1,
    "outputs": run(nc.TSNR, in_file=[os.path.join(here, f) for f in frames], regress_poly=1),
}
nans = bold((2, 2, 2, 8)).astype("f4")
nans[0, 0, 0, 3] = np.nan
nans[1, 1, 1] = np.nan
oracle["tsnr"]["nan"] = {
    "in_file": ["nan.nii.gz"], "regress_poly": 0,
    "outputs": run(nc.TSNR, in_file=[save("nan.nii.gz", nans, "float32")]),
}

# DVARS
everything = dict(save_std=True, save_nstd=True, save_vxstd=True, save_all=True)
for name, path in series.items():
    for normal in (1000.0, 0.0, 123.4):
        if normal != 1000.0 and name not in ("int16.nii.gz", "float32.nii.gz"):
            continue
        case = {"in_file": name, "in_mask": os.path.basename(masks[name]), "intensity_normalization": normal}
        case["outputs"] = run(
            nc.ComputeDVARS, in_file=path, in_mask=masks[name], intensity_normalization=normal, **everything
        )
        oracle["dvars"]["%s to %g" % (name, normal)] = case
case = {"in_file": "float64.nii.gz", "in_mask": "mask_float64.nii.gz", "intensity_normalization": 1000.0,
        "remove_zerovariance": False}
case["outputs"] = run(nc.ComputeDVARS, in_file=series["float64.nii.gz"], in_mask=masks["float64.nii.gz"],
                      remove_zerovariance=False, **everything)
oracle["dvars"]["all kept"] = case
case = {"in_file": "int16.nii.gz", "in_mask": "mask_int16.nii.gz", "intensity_normalization": 1000.0,
        "variance_tol": 20.0}
case["outputs"] = run(nc.ComputeDVARS, in_file=series["int16.nii.gz"], in_mask=masks["int16.nii.gz"],
                      variance_tol=20.0, **everything)
oracle["dvars"]["tolerance"] = case
case = {"in_file": "int16.nii.gz", "in_mask": "mask_int16.nii.gz", "intensity_normalization": 1000.0, "default": True}
case["outputs"] = run(nc.ComputeDVARS, in_file=series["int16.nii.gz"], in_mask=masks["int16.nii.gz"])
oracle["dvars"]["default outputs"] = case

# FD
six = np.cumsum(rng.normal(0, [0.2, 0.2, 0.2, 0.003, 0.003, 0.003], (15, 6)), axis=0)
tables = {
    "spm.txt": ("SPM", six),
    "fsl.par": ("FSL", six[:, [3, 4, 5, 0, 1, 2]]),
    "afni.1D": ("AFNI", np.hstack([np.degrees(six[:, [5, 3, 4]]), six[:, [2, 0, 1]]])),
    "afni9.1D": ("AFNI", np.hstack([np.arange(15)[:, None], np.degrees(six[:, [5, 3, 4]]), six[:, [2, 0, 1]],
                                    rng.normal(size=(15, 2))])),
    "fsfast.mcdat": ("FSFAST", np.hstack([np.arange(15)[:, None], np.degrees(six[:, [5, 3, 4]]), six[:, [2, 0, 1]],
                                          rng.normal(size=(15, 3))])),
    "nipy6.txt": ("NIPY", six * [1, 1, 1, 300, 300, 300]),
    "nipy7.txt": ("NIPY", np.hstack([six, rng.uniform(0.5, 2, (15, 1))])),
    "nipy12.txt": ("NIPY", np.hstack([six, rng.normal(0, 0.1, (15, 3)), rng.normal(0, 1, (15, 3))])),
}
for name, (source, table) in tables.items():
    np.savetxt(name, table, fmt="%.8g", header="motion of 15 volumes" if source == "AFNI" else "")
    for radius in (50.0, 80.0):
        if radius != 50 and source != "FSL":
            continue
        oracle["fd"]["%s %g" % (name, radius)] = {
            "in_file": name, "parameter_source": source, "radius": radius,
            "outputs": run(nc.FramewiseDisplacement, in_file=os.path.join(here, name), parameter_source=source, radius=radius),
        }

# Non-steady state
for name, n, length in (("none", 0, 20), ("two", 2, 20), ("late", 3, 70), ("all", 6, 6)):
    data = rng.normal(500, 5, (3, 3, 2, length))
    for t in range(n):
        data[..., t] *= 1.6 - 0.1 * t
    if name == "all":
        data[:] = 500
    path = save("steady_%s.nii.gz" % name, np.round(data), "int16", slope=(1, 0))
    oracle["steady"][name] = {"in_file": os.path.basename(path), "outputs": run(nc.NonSteadyStateDetector, in_file=path)}
for name, path in series.items():
    oracle["steady"][name] = {"in_file": name, "outputs": run(nc.NonSteadyStateDetector, in_file=path)}

# Gunzip, Gzip: names only
with open("text.txt.GZ", "wb") as f:
    f.write(gzip.compress(b"some text\n", mtime=0))
for name in ("int16.nii.gz", "text.txt.GZ"):
    oracle["gunzip"][name] = {"mode": "decompress", "name": run(Gunzip, in_file=os.path.join(here, name))["out_file"]["name"]}
name = "uint8.nii"
oracle["gunzip"][name] = {"mode": "compress", "name": run(Gzip, in_file=os.path.join(here, name))["out_file"]["name"]}

with open("oracle.json", "w") as f:
    json.dump(oracle, f, separators=(",", ":"), sort_keys=True)
    f.write("\n")
