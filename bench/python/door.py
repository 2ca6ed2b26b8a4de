"""The benchmark's work for nipype's plugins, Raphe's among them.

    door.py flat    NODES    one command line of the catalogue for each node
    door.py chains  NODES    the same in chains of ten
    door.py mixed   BLOCKS   blocks of 40 nodes in fMRIPrep's proportions
    door.py killed  NODES    one node that writes its process number and waits

It works in the current folder and writes times (of the epoch) to marks.json.
"""

import argparse
import json
import os
import stat
import sys
import time

import raphe_nipype.hook  # noqa: F401  what the wheel's .pth file does
import nibabel as nb
import nipype
import numpy as np
from nipype.interfaces import fsl
from nipype.interfaces.utility import Function, Merge, Select
from nipype.pipeline import engine as pe

from door_interfaces import CheckedBET, Header, Mask, Table

TOOL = "#!/bin/sh\nin=$1\ncase $0 in */fslmaths) shift $(($# - 2)); esac\ncp \"$in\" \"$2\"\n"


def stand_ins():
    """Programs that do what the tools do to files: make one of another."""
    os.makedirs("bin", exist_ok=True)
    for name in ("bet", "fslmaths"):
        path = os.path.abspath(os.path.join("bin", name))
        if not os.path.exists(path):
            with open(path, "w") as f:
                f.write(TOOL)
            os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    os.environ["PATH"] = os.path.abspath("bin") + ":" + os.environ["PATH"]
    os.environ["FSLOUTPUTTYPE"] = "NIFTI_GZ"


def image():
    path = os.path.abspath("image.nii.gz")
    if not os.path.exists(path):
        data = np.random.default_rng(1).integers(0, 1000, (16, 16, 16)).astype("int16")
        nb.Nifti1Image(data, np.eye(4)).to_filename(path)
    return path


def flat(wf, n):
    wf.add_nodes([pe.Node(fsl.BET(in_file=image(), frac=0.4), name="n%04d" % i) for i in range(n)])


def chains(wf, n):
    before = None
    for i in range(n):
        node = pe.Node(fsl.ImageMaths(op_string="-thr 0"), name="n%04d" % i)
        if i % 10 == 0:
            node.inputs.in_file = image()
            wf.add_nodes([node])
        else:
            wf.connect(before, "out_file", node, "in_file")
        before = node


def double(x):
    return 2 * x


def first(files):
    return files[0]


def mixed(wf, blocks):
    """A block: 10 command lines, half of them with Python of their own, 6 of nipype's utilities, 4 functions, 20 Python interfaces."""
    for b in range(blocks):
        def add(interface, name, **inputs):
            node = pe.Node(interface, name="%s_%02d" % (name, b))
            for key, value in inputs.items():
                setattr(node.inputs, key, value)
            wf.add_nodes([node])
            return node

        gathered = [add(Merge(5), "merge%d" % k) for k in range(4)]
        for k in range(5):
            header = add(Header(), "header%d" % k, in_file=image())
            bet = add(fsl.BET(), "bet%d" % k, frac=0.1 * (k + 1))
            checked = add(CheckedBET(), "checked%d" % k)
            mask = add(Mask(), "mask%d" % k)
            again = add(Header(), "again%d" % k)
            wf.connect([(header, bet, [("out_file", "in_file")]), (bet, checked, [("out_file", "in_file")]),
                        (checked, mask, [("out_file", "in_file")]), (mask, again, [("out_file", "in_file")])])
            for node, merge in zip((header, bet, mask, again), gathered):
                wf.connect(node, "out_file", merge, "in%d" % (k + 1))
        for k, merge in enumerate(gathered):
            table = add(Table(), "table%d" % k)
            wf.connect(merge, "out", table, "in_files")
        for k, merge in enumerate(gathered[:2]):
            select = add(Select(index=[k]), "select%d" % k)
            some = add(Function(input_names=["files"], output_names=["out"], function=first), "first%d" % k)
            last = add(Mask(), "last%d" % k)
            number = add(Function(input_names=["x"], output_names=["out"], function=double), "double%d" % k, x=b)
            wf.connect([(merge, select, [("out", "inlist")]), (merge, some, [("out", "files")]), (select, last, [("out", "in_file")])])
            del number


def wait_to_be_killed():
    import os
    import time
    with open(os.path.join(os.environ["DOOR_TOP"], "victim"), "w") as f:
        f.write("%d\n" % os.getpid())
    time.sleep(300)
    return 0


def killed(wf, n):
    flat(wf, n)
    wf.add_nodes([pe.Node(Function(input_names=[], output_names=["out"], function=wait_to_be_killed), name="victim")])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("mode", choices=["flat", "chains", "mixed", "killed"])
    p.add_argument("n", type=int)
    p.add_argument("--plugin", default="MultiProc")
    p.add_argument("--poll", type=float, default=2)
    p.add_argument("--procs", type=int, default=2)
    p.add_argument("--exec", action="store_true")
    args = p.parse_args()
    stand_ins()
    os.environ["DOOR_TOP"] = os.getcwd()
    nipype.config.set("execution", "poll_sleep_duration", str(args.poll))
    nipype.config.set("execution", "crashdump_dir", os.getcwd())
    nipype.logging.getLogger("nipype.workflow").setLevel("WARNING")
    nipype.logging.getLogger("nipype.interface").setLevel("WARNING")
    wf = pe.Workflow("wf", base_dir=os.path.abspath("base"))
    {"flat": flat, "chains": chains, "mixed": mixed, "killed": killed}[args.mode](wf, args.n)
    options = {"n_procs": args.procs, "memory_gb": 1000, "raise_insufficient": False}
    if args.exec:
        options["exec"] = True
    marks = {"run": time.time()}
    with open("marks.json", "w") as f:
        json.dump(marks, f)
    sys.stdout.flush()
    wf.run(args.plugin, plugin_args=options)
    marks["returned"] = time.time()
    with open("marks.json", "w") as f:
        json.dump(marks, f)


main()
