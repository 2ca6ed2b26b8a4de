#!/usr/bin/python3
"""Make the images of this folder and oracle.json: what nibabel says of them.

Run in this folder with Debian 12's python3-nibabel (5.0.0) and numpy (1.24.2):

    python3 make.py

The same bytes come out each time: the generator is seeded and the gzip files
hold neither time nor name.
"""
import gzip
import io
import json

import nibabel as nb
import numpy as np

rng = np.random.default_rng(20260101)
SHAPE = (3, 2, 2, 2)
AFFINE = np.array([[-2.0, 0.1, 0, 30], [0.1, 2.5, 0.2, -40], [0, -0.2, 3, 10], [0, 0, 0, 1]])
oracle = {}


def save(name, img):
    """Write img without time stamps, and note what nibabel reads back."""
    stream = io.BytesIO()
    img.file_map["image"].fileobj = stream
    img.to_file_map()
    data = stream.getvalue()
    with open(name, "wb") as f:
        if name.endswith(".gz"):
            data = gzip.compress(data, mtime=0)
        f.write(data)
    note(name)


def note(name):
    img = nb.load(name)
    hdr = img.header
    slope, inter = img.dataobj.slope, img.dataobj.inter
    oracle[name] = {
        "shape": list(img.shape),
        "datatype": hdr.get_data_dtype().name,
        "version": 2 if isinstance(hdr, nb.Nifti2Header) else 1,
        "big_endian": hdr.endianness == ">",
        "zooms": [float(z) for z in hdr.get_zooms()],
        "units": list(hdr.get_xyzt_units()),
        "affine": np.asarray(hdr.get_best_affine(), float).tolist(),
        "qform": np.asarray(hdr.get_qform(), float).tolist(),
        "slope": float(slope),
        "inter": float(inter),
        "values": np.asarray(img.dataobj, float).flatten("F").tolist(),
        "extensions": [[e.get_code(), e.get_content().decode()] for e in hdr.extensions],
        "descrip": hdr["descrip"].item().decode(),
    }


def image(dtype, version=1, endian="<", shape=SHAPE, affine=AFFINE):
    header = {1: nb.Nifti1Header, 2: nb.Nifti2Header}[version](endianness=endian)
    header.set_data_dtype(dtype)
    kind = np.dtype(dtype)
    if kind.kind == "f":
        data = rng.normal(0, 100, shape).astype(kind)
    else:
        info = np.iinfo(kind)
        lo, hi = max(info.min, -(2**50)), min(info.max, 2**50)
        data = rng.integers(lo, hi, shape, dtype=np.int64, endpoint=True).astype(kind)
    return {1: nb.Nifti1Image, 2: nb.Nifti2Image}[version](data, affine, header)


# Every scalar type; versions, byte orders and compression in turn.
TYPES = ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]
for i, dtype in enumerate(TYPES):
    img = image(dtype, version=1 + i % 2, endian="<>"[(i // 2) % 2])
    img.header.set_xyzt_units("mm", "sec")
    img.header["pixdim"][4] = 2.5
    save(dtype + (".nii.gz" if i % 3 else ".nii"), img)

# Scaling, chosen by nibabel for float data in integer types.
for dtype in ["uint8", "int16", "int32"]:
    img = image("float32")
    img.header.set_data_dtype(dtype)
    save("scaled_%s.nii.gz" % dtype, img)
img = image("float32")
img = nb.Nifti1Image(-np.abs(img.get_fdata()), AFFINE, img.header)
img.header.set_data_dtype("uint8")
save("scaled_negative.nii.gz", img)

# Extensions, of one and of several blocks.
img = image("int16", endian=">")
img.header.extensions.append(nb.nifti1.Nifti1Extension("comment", b"hello"))
img.header.extensions.append(nb.nifti1.Nifti1Extension("afni", b"<x/>" * 12))
img.header["descrip"] = b"two extensions"
save("extensions.nii.gz", img)

# Affines: which of the transforms is the best, and what the qform amounts to.
TURN = np.array([[0, -2, 0, 5], [2, 0, 0, 6], [0, 0, -3, 7], [0, 0, 0, 1.0]])
HALF = np.diag([-2, -2, 3, 1.0])  # half a turn: a of the quaternion is 0
for name, sform, qform, scode, qcode in [
    ("both", AFFINE, TURN, 1, 1),
    ("qonly", None, TURN, 0, 1),
    ("half", None, HALF, 0, 2),
    ("none", None, None, 0, 0),
    ("badcode", AFFINE, TURN, 9, 1),
]:
    img = image("uint8", shape=(4, 3, 2), affine=None)
    img.header.set_zooms((1.5, 2, 2.5))
    img.header.set_sform(sform if sform is not None else np.zeros((4, 4)), 0)
    if qform is not None:
        img.header.set_qform(qform, 0)
    img.header["sform_code"], img.header["qform_code"] = scode, qcode
    save("affine_%s.nii.gz" % name, img)
img = image("uint8", shape=(4, 3), affine=None)
img.header["pixdim"][:4] = [0, -2, 0, 0]
save("affine_flat.nii.gz", img)

# A pair of header and data.
nb.save(nb.Nifti1Pair(image("int16").get_fdata(), AFFINE, None, dtype="int16"), "pair.img")
note("pair.img")

# What nibabel's automatic scaling chooses for a range of values.
fits = []
for dtype in ["uint8", "int8", "int16", "uint16", "int32", "uint32"]:
    for lo, hi in [(0, 1), (-3.5, 100.25), (5, 5), (0, 0), (-7e5, -1e-3), (-10, 3), (1e4, 1e4 + 1e-2)]:
        writer = nb.arraywriters.SlopeInterArrayWriter(np.array([lo, hi], float), np.dtype(dtype))
        fits.append([dtype, lo, hi, float(writer.slope), float(writer.inter)])
oracle_all = {"files": oracle, "fits": fits}

with open("oracle.json", "w") as f:
    json.dump(oracle_all, f, indent=None, separators=(",", ":"), sort_keys=True)
    f.write("\n")
