"""Computes the table of t1-regions again, with nibabel and numpy, and compares.

usage: check_regions.py TABLE TEMPLATES HEAD
Resampling is nearest neighbour by the two affines, as `mrtransform -template`
does without a transform.
"""
import csv
import sys

import nibabel as nib
import numpy as np


def nearest(atlas, head):
    to_atlas = np.linalg.inv(atlas.affine) @ head.affine
    grid = np.indices(head.shape).reshape(3, -1)
    at = np.rint(to_atlas[:3, :3] @ grid + to_atlas[:3, 3:]).astype(int)
    inside = np.all((at >= 0) & (at < np.array(atlas.shape)[:, None]), axis=0)
    out = np.zeros(grid.shape[1])
    data = np.asanyarray(atlas.dataobj)
    out[inside] = data[tuple(at[:, inside])]
    return out.reshape(head.shape)


table, templates, name = sys.argv[1:]
head = nib.load(f"{templates}/{name}")
values = head.get_fdata()
atlases, bad, rows = {}, [], 0
for row in csv.DictReader(open(table), delimiter="\t"):
    rows += 1
    a = row["atlas"]
    if a not in atlases:
        atlases[a] = nearest(nib.load(f"{templates}/{a}.nii.gz"), head)
    region = (atlases[a] == float(row["label"])) & (values > 0)
    want = region.sum() * np.prod(head.header.get_zooms()), values[region].mean()
    got = float(row["volume_mm3"]), float(row["mean"])
    # mrstats prints six digits.
    if got[0] != want[0] or abs(got[1] - want[1]) > 1e-5 * want[1]:
        bad.append(f"{a} {row['label']}: got {got}, want {want}")
print(f"{rows} rows")
sys.exit("\n".join(bad) or (None if rows == 12 else "12 rows were expected"))
