"""Writes oracle.json: what nipype 1.8.5 makes of the cases below.

    python3 testdata/oracle.py > testdata/oracle.json

Each case starts from the files listed, each holding its own name, below a
folder that is written $DIR; the interface runs in $DIR/work. Recorded are the
outputs, or that there was an error, and all files afterwards.
"""
import json
import os
import shutil
import tempfile

from nipype import logging
import nipype.interfaces.io as nio
import nipype.interfaces.utility as util
from nipype.algorithms.misc import AddCSVRow, Gunzip
from nipype.interfaces.base import Undefined, isdefined

logging.getLogger("nipype.interface").setLevel("CRITICAL")
cases = []


def exact(v, root, top=False):
    if isinstance(v, tuple):
        return {"$tuple": [exact(e, root) for e in v]}
    if isinstance(v, list):
        return [exact(e, root) for e in v]
    if isinstance(v, dict):
        return {k: exact(e, root) for k, e in v.items()}
    if v is None:
        return {"$none": True} if top else None
    if isinstance(v, str):
        return v.replace(root, "$DIR")
    return v


def fill(v, root):
    if isinstance(v, str):
        return v.replace("$DIR", root)
    if isinstance(v, (list, tuple)):
        return type(v)(fill(e, root) for e in v)
    if isinstance(v, dict):
        return {k: fill(e, root) for k, e in v.items()}
    return v


def listing(root):
    out = {}
    for d, dirs, files in os.walk(root):
        for f in files:
            p = os.path.join(d, f)
            if os.path.islink(p):
                out[os.path.relpath(p, root)] = "-> " + os.readlink(p).replace(root, "$DIR")
            else:
                with open(p, "rb") as fh:
                    out[os.path.relpath(p, root)] = fh.read().decode().replace(root, "$DIR")
        if not dirs and not files and d != root:
            out[os.path.relpath(d, root) + "/"] = ""
    return {k: v for k, v in sorted(out.items()) if k != "work/"}


def case(impl, cls, params, inputs, tree=(), content=None, sort=False):
    root = os.path.realpath(tempfile.mkdtemp())
    try:
        made = {t: t for t in tree}
        made.update(content or {})
        for t, text in made.items():
            p = os.path.join(root, t)
            os.makedirs(os.path.dirname(p), exist_ok=True)
            if not t.endswith("/"):
                with open(p, "w") as f:
                    f.write(text)
        os.makedirs(os.path.join(root, "work"))
        os.chdir(os.path.join(root, "work"))
        rec = {"impl": impl, "params": exact(params, root), "inputs": {k: exact(v, root, True) for k, v in inputs.items()}, "tree": made}
        try:
            i = cls(**fill(params, root))
            for k, v in inputs.items():
                setattr(i.inputs, k, fill(v, root))
            res = i.run()
            outs = res.outputs.get() if res.outputs is not None else {}
            rec["outputs"] = {k: exact(v, root, True) for k, v in outs.items() if isdefined(v)}
            rec["files"] = listing(root)
        except Exception as e:
            rec["error"] = type(e).__name__
        os.chdir("/")
        cases.append(rec)
    finally:
        shutil.rmtree(root)


I, M, SEL, SPL, REN = "utility.IdentityInterface", "utility.Merge", "utility.Select", "utility.Split", "utility.Rename"
case(I, util.IdentityInterface, {"fields": ["a", "b"]}, {"a": 1, "b": [1, "x"]})
case(I, util.IdentityInterface, {"fields": ["a", "b"]}, {"a": 1})
case(I, util.IdentityInterface, {"fields": ["a", "b"], "mandatory_inputs": False}, {"a": None})

merges = [
    {}, {"in1": 1}, {"in1": 1, "in2": [2, 3], "in3": "x"}, {"in1": [1, [2, [3]]], "in2": [4]}, {"in1": (1, 2), "in2": [(3, 4)]}, {"in2": [5]},
    {"in1": [], "in2": []}, {"in1": None, "in2": [None]}, {"in1": {"a": 1}, "in2": ["b"]},
]
for m in merges:
    for opts in [{}, {"no_flatten": True}, {"ravel_inputs": True}, {"no_flatten": True, "ravel_inputs": True}]:
        case(M, util.Merge, {"numinputs": 3}, {**m, **opts})
case(M, util.Merge, {"numinputs": 0}, {})
for m in [{"in1": [1, 2], "in2": [3, 4]}, {"in1": ["a"], "in2": "b", "in3": ["c"]}, {"in1": [[1], [2]], "in2": [(3,), 4]}, {"in1": [1, 2], "in2": [3]},
          {"in1": (1, 2), "in2": [3, 4]}]:
    case(M, util.Merge, {"numinputs": 3}, {**m, "axis": "hstack"})

for inlist, index in [([1, 2, 3, 4, 5], [3]), ([1, 2, 3, 4, 5], [3, 4]), (["a", "b"], 1), (["a", "b"], [-1]), (["a"], [0, 0]), ([1], [3]), ([1], [-2]),
                      ([[1, 2], [3]], [0]), ([[5]], [0]), ([[1, 2], [3]], [1, 0]), ("x", 0), ([None, 1], [0, 1]), ([1.5, "x"], [1, 0])]:
    case(SEL, util.Select, {}, {"inlist": inlist, "index": index})
for inlist, splits, squeeze in [([1, 2, 3], [2, 1], False), ([1, 2, 3], [2, 1], True), ([1, 2, 3], [1, 1], False), (["a", "b"], [0, 2], False),
                                ([[1, 2], [3, 4]], [1, 1], False), ([[1, 2], [3, 4]], [1, 1], True), ([], [0], False), ([1, 2.5, "x", None], [1, 3], True)]:
    case(SPL, util.Split, {}, {"inlist": inlist, "splits": splits, "squeeze": squeeze})

for params, inputs in [
    ({}, {"format_string": "Faces.nii.gz"}), ({"format_string": "%(subject)s_run%(run)02d"}, {"keep_ext": True, "subject": "s1", "run": 2}),
    ({"format_string": "%(subject)s_run%(run)02d"}, {"subject": "s1"}), ({"format_string": "%(seq)s_x.nii"}, {"parse_string": r"func_(?P<seq>\w*)_.*"}),
    ({"format_string": "%(seq)s_x.nii"}, {"parse_string": r"func_(?P<seq>\w*)_.*", "seq": "mine"}), ({}, {"format_string": "a%%b", "keep_ext": True}),
    ({"format_string": "%(d)s"}, {"parse_string": r"/(?P<d>[^/]*)/func_", "use_fullpath": True, "keep_ext": True}),
    ({"format_string": "%(d)s"}, {"parse_string": r"/(?P<d>[^/]*)/func_", "keep_ext": True}), ({"format_string": "%(x).2f.txt"}, {"x": 0.5}),
    ({"format_string": "%(a)d.nii"}, {"parse_string": r"_(?P<a>\d)"}),
]:
    case(REN, util.Rename, params, {"in_file": "$DIR/sub/func_epi_1.nii.gz", **inputs}, ["sub/func_epi_1.nii.gz"])
case(REN, util.Rename, {"format_string": "new"}, {"in_file": "$DIR/a.img", "keep_ext": True}, ["a.img", "a.hdr", "a.mat"])
case(REN, util.Rename, {"format_string": "new.nii"}, {"in_file": "$DIR/a.nii"}, ["a.nii", "a.mat"])

CSV = "utility.CSVReader"
for text, header in [("a,b\n1, 2\n3,4\n", True), ("a,b\n1, 2\n3,4\n", False), ("foo,hello,300.1\nbar,world,5\n", False), ("x\n1\n", True)]:
    case(CSV, util.CSVReader, {}, {"in_file": "$DIR/t.csv", "header": header}, content={"t.csv": text})

tree = ["s1/func/f1.nii", "s1/func/f2.nii", "s1/func/f10.nii", "s1/anat/T1.nii", "s2/func/f1.nii", "s1/.hid.nii", "s10/anat/T1.nii", "run-01.nii", "run-2.nii"]
SF = "io.SelectFiles"
for templates, inputs in [
    ({"f": "{s}/func/*.nii", "t": "{s}/anat/T1.nii"}, {"s": "s1"}), ({"f": "{s}/func/f{r}.nii"}, {"s": "s1", "r": 2}),
    ({"f": "run-{r:02d}.nii"}, {"r": 1}), ({"f": "s1/func/f[0-9].nii"}, {}), ({"f": "{s}/func/*.nii"}, {"s": "none"}), ({"d": "s1/*/"}, {}), ({"d": "{s}/"}, {"s": "s1"}),
    ({"f": "*/anat/T1.nii"}, {}), ({"f": "*/anat/T1.nii", "g": "s2/func/f1.nii"}, {"force_lists": True}), ({"f": "s2/func/f1.nii", "g": "s1/anat/*"}, {"force_lists": ["g"]}),
    ({"f": "s1/func/*"}, {"force_lists": ["x"]}), ({"f": "s1/*"}, {}), ({"f": "s1/../s2/func/*"}, {}), ({"f": "**/T1.nii"}, {}), ({"f": "**/anat/T1.nii"}, {}),
    ({"f": "none*"}, {"raise_on_empty": False, "force_lists": True}), ({"f": "{s!r}"}, {"s": "x"}), ({"f": "$DIR/s2/func/*"}, {}), ({"f": "s?/func/f1.nii"}, {}),
    ({"f": "{s[0]}/func/f1.nii"}, {"s": ["s2"]}), ({"f": "{s}*/anat/*.nii"}, {"s": "s1"}),
]:
    case(SF, nio.SelectFiles, {"templates": templates}, {"base_directory": "$DIR", **inputs}, tree)

DG = "io.DataGrabber"
for params, inputs in [
    ({}, {"template": "s1/func/*.nii"}), ({"infields": ["s"]}, {"template": "%s/func/f1.nii", "s": "s2"}), ({"infields": ["s"]}, {"template": "%s/func/f1.nii", "s": ["s1", "s2"]}),
    ({"infields": ["s"], "outfields": ["func", "t1"]}, {"template": "%s/%s", "s": "s1", "template_args": {"func": [["s", "func/f*.nii"]], "t1": [["s", "anat/T1.nii"]]}}),
    ({"infields": ["s"], "outfields": ["func"]}, {"template": "%s/func/f%d.nii", "s": "s1", "template_args": {"func": [["s", [1, 2, 10]]]}}),
    ({"infields": ["s"], "outfields": ["func"]}, {"template": "*", "field_template": {"func": "%s/func/f%d.nii"}, "s": "s1", "template_args": {"func": [["s", 1], ["s", 2]]}}),
    ({"infields": ["s"]}, {"template": "%s/func/f1.nii", "s": "none"}), ({"infields": ["s"]}, {"template": "%s/func/f1.nii", "s": "none", "raise_on_empty": False}),
    ({"infields": ["s"]}, {"template": "%s/func/f1.nii", "s": ["s1", "none"], "raise_on_empty": False}),
    ({"infields": ["s"]}, {"template": "%s/func/f1.nii", "s": ["s1", "none", "s2"], "raise_on_empty": False, "drop_blank_outputs": True}),
    ({"infields": ["s"]}, {"template": "%s/func/f1.nii", "s": ["none"], "raise_on_empty": False, "drop_blank_outputs": True}),
    ({"infields": ["s"]}, {"template": "%s/func/f1.nii"}), ({"infields": ["a", "b"]}, {"template": "%s/func/f%d.nii", "a": ["s1", "s2"], "b": [1, 1, 1]}),
    ({"infields": ["a", "b"]}, {"template": "%s/func/f%d.nii", "a": ["s1", "s2"], "b": [2, 1]}), ({"infields": ["s"]}, {"template": "%s/%s", "s": "s1"}),
    ({"infields": ["s"]}, {"template": "s1/func/f1.nii", "s": "s1"}), ({}, {"template": "none*", "raise_on_empty": False}),
    ({"infields": ["s"], "outfields": ["f"]}, {"template": "%s/func/f[12].nii", "s": ["s1", "s2"]}), ({"outfields": ["f"]}, {"template": "s1/func/f1.nii", "template_args": {"f": [[]]}}),
]:
    case(DG, nio.DataGrabber, params, {"base_directory": "$DIR", "sort_filelist": True, **inputs}, tree)

DF = "io.DataFinder"
for inputs in [
    {"match_regex": r".+/(?P<s>s\d+)/(?P<m>\w+)/(?P<n>.+)\.nii"}, {"match_regex": r"T1"}, {"match_regex": r"run-(?P<r>\d+)\.nii$", "max_depth": 1},
    {"match_regex": r"\.nii$", "ignore_regexes": ["func", r"\.hid"]}, {"match_regex": r"\.nii$", "max_depth": 2, "min_depth": 2}, {"match_regex": r"s2$", "unpack_single": True},
    {"match_regex": r"(?P<a>s2)/(?P<b>func)?$", "unpack_single": True}, {"match_regex": r"f1(?P<z>0)?\.nii"}, {"root_paths": ["$DIR/s1/anat", "$DIR/s2", "$DIR/run-2.nii"]},
    {"root_paths": "$DIR/s1", "max_depth": 0}, {"root_paths": "$DIR/s1", "min_depth": 1}, {"match_regex": "nothing"}, {"match_regex": "(" }, {"root_paths": "$DIR/./s2//"},
]:
    case(DF, nio.DataFinder, {}, {"root_paths": "$DIR", **inputs}, tree)

JG, JS = "io.JSONFileGrabber", "io.JSONFileSink"
for text, inputs in [('{"a": 1, "b": [1, 2.5, null], "c": {"d": true}, "e": null}', {"defaults": {"a": 5, "z": "x"}}), ("[1]", {}), ("{", {}), ("{}", {})]:
    case(JG, nio.JSONFileGrabber, {}, {"in_file": "$DIR/t.json", **inputs}, content={"t.json": text})
case(JG, nio.JSONFileGrabber, {}, {"defaults": {"a": 5, "z": "x"}})
for params, inputs in [({}, {"a": 1, "b": [1.0, "x"], "c": {"k": None}}), ({}, {"out_file": "$DIR/x.json", "in_dict": {"z": 1, "a": 2}, "a": 3}), ({}, {"a.b.c": 1, "d.e": "é"}), ({}, {}),
                       ({"infields": ["p"]}, {"p": True}), ({}, {"in_dict": {"a": 5}, "a.b": 1})]:
    case(JS, nio.JSONFileSink, params, inputs)

EF = "io.ExportFile"
for inputs in [{"out_file": "$DIR/o/b.nii"}, {"out_file": "b.nii"}, {"out_file": "$DIR/o/b.txt"}, {"out_file": "$DIR/o/b.txt", "check_extension": False}, {"out_file": "$DIR/o/old.nii"},
               {"out_file": "$DIR/o/old.nii", "clobber": True}]:
    case(EF, nio.ExportFile, {}, {"in_file": "$DIR/a.nii", **inputs}, ["a.nii", "o/old.nii"])

DS = "io.DataSink"
src = ["run/wf/_subject_01/_run_2/node/a.nii", "run/wf/_subject_01/node/mapflow/_bet0/b.nii", "run/wf/node/c.txt", "run/wf/_s_1/node/dir/x.txt", "run/wf/_s_1/node/dir/deep/y.txt"]
a, b, c, d = ["$DIR/" + s for s in src[:3]] + ["$DIR/run/wf/_s_1/node/dir"]
for field in ["a", "a.b", "a.@b", "a.@b.@c", "@a", "a.@b.c", "a.b.@c", "a/b"]:
    case(DS, nio.DataSink, {}, {"base_directory": "$DIR/out", field: c}, src)
for inputs in [
    {"f": a}, {"f": [a, b, c]}, {"f": [[a], [b, c]]}, {"f": a, "parameterization": False}, {"f": a, "container": "box/sub"}, {"f": d}, {"f": d + "/"}, {"f": [d, c]},
    {"f": a, "strip_dir": "_subject_01"}, {"f": a, "strip_dir": "$DIR/run/wf/_subject_01"}, {"f": (a, b)}, {"f": a, "g.h": b, "@i": c},
    {"f": a, "substitutions": [("_subject_", "sub-"), ("_run_", "run-"), ("a.nii", "bold.nii")]}, {"f": a, "regexp_substitutions": [(r"_subject_(\w+)/_run_(\d+)", r"sub-\1/ses-\2")]},
    {"@f": a, "regexp_substitutions": [(r"/_subject_(?P<s>\d+)/", r"/\g<s>/")]}, {"f": b, "substitutions": [("_bet0", ""), ("//", "/")]},
    {"f": a, "substitutions": [("_subject_", "x")], "regexp_substitutions": [("x0", "y"), ("_run_2/", "")]}, {"f": c, "regexp_substitutions": [(r"(.*)\.txt$", r"\1_new.txt")]},
    {"f": c, "regexp_substitutions": [("(", "x")]}, {"f": d, "substitutions": [("dir", "folder"), ("x.txt", "z.txt")]},
    {"f": 5}, {"f": None},
]:
    case(DS, nio.DataSink, {}, {"base_directory": "$DIR/out", **inputs}, src)
case(DS, nio.DataSink, {"infields": ["p.@q"]}, {"base_directory": "$DIR/out", "p.@q": c}, src)
case(DS, nio.DataSink, {}, {"f": c}, src)
case(DS, nio.DataSink, {}, {"base_directory": "$DIR/out", "f": ["$DIR/i.img", "$DIR/n.nii", "$DIR/t.BRIK"]}, ["i.img", "i.hdr", "i.mat", "n.nii", "n.mat", "t.HEAD", "t.BRIK"])
case(DS, nio.DataSink, {}, {"base_directory": "$DIR/out", "f": d}, src + ["out/f/_s_1/dir/x.txt", "out/f/_s_1/dir/old.txt"])
case(DS, nio.DataSink, {}, {"base_directory": "$DIR/out", "f": d, "remove_dest_dir": True}, src + ["out/f/_s_1/dir/x.txt", "out/f/_s_1/dir/old.txt"])
case(DS, nio.DataSink, {}, {"base_directory": "$DIR/out", "f": c}, src + ["out/f/c.txt"])

FS = "io.FreeSurferSource"
fs = ["s/bert/" + f for f in ["mri/T1.mgz", "mri/lh.ribbon.mgz", "mri/rh.ribbon.mgz", "mri/ribbon.mgz", "mri/aparc+aseg.mgz", "mri/aparc.a2009s+aseg.mgz", "surf/lh.white",
      "surf/rh.white", "surf/lh.curv", "surf/lh.midthickness", "surf/lh.graymid", "surf/lh.area.pial", "label/lh.cortex.label", "label/rh.cortex.label", "label/lh.aparc.annot",
      "stats/aseg.stats", "stats/wmparc.stats", "stats/lh.aparc.stats", "stats/lh.aparc.a2009s.stats"]]
for hemi in ["both", "lh", "rh"]:
    case(FS, nio.FreeSurferSource, {}, {"subjects_dir": "$DIR/s", "subject_id": "bert", "hemi": hemi}, fs)

AR = "algorithms.misc.AddCSVRow"
for text, inputs in [(None, {"a": 1, "b": "x"}), (",a,b\n0,1,x\n", {"a": 2, "b": "y z"}), (",a,b\n0,1,x\n", {"a": 2, "c": 0.5}), (None, {"v": [0.5, 1.5], "w": "q,r"})]:
    case(AR, AddCSVRow, {}, {"in_file": "$DIR/t.csv", **inputs}, content={"t.csv": text} if text else None)

for r in cases:  # the lock of AddCSVRow is no result; a set's order is none
    r.get("files", {}).pop("t.csv.lock", None)
    if r["impl"] in (FS,) and "outputs" in r:
        r["outputs"] = {k: sorted(v) if isinstance(v, list) else v for k, v in r["outputs"].items()}
print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")
