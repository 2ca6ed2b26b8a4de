"""Writes oracle.json: what Python and nipype 1.8.5 make of the cases below.

    python3 testdata/oracle.py > testdata/oracle.json
"""
import fnmatch
import glob
import json
import os
import re
import tempfile

from nipype.utils.filemanip import split_filename
from nipype.utils.misc import human_order_sorted

cases = []


def case(kind, args, fn):
    try:
        cases.append({"kind": kind, "args": args, "want": fn()})
    except Exception:
        cases.append({"kind": kind, "args": args, "error": True})


numbers = [0, 7, -7, 123456789, 0.0, 0.5, -2.5, 3.14159265, 1e-7, 123456.0, 1234.5, 1e16, True]
for f in ["%d", "%5d", "%-5d|", "%05d", "%+d", "% d", "%.3d", "%x", "%#x", "%X", "%o", "%#o", "%i", "%u", "%s", "%r", "%8s", "%-8s|", "%08s",
          "%f", "%.2f", "%08.3f", "%+.1e", "%E", "%g", "%.3g", "%G", "%5.1f%%", "%c", "%q", "%", "%ld"]:
    for v in numbers:
        if not (f == "%c" and v not in (7,)):
            case("percent", [f, [v]], lambda: f % (v,))
for f, a in [("%s_%s", ["a", 1]), ("%s", []), ("%s", ["a", "b"]), ("a%%b", []), ("%.2s", ["abc"]), ("%s", [[1, "x"]]), ("%d", ["3"]),
             ("%c", ["é"]), ("%c", ["ab"]), ("%(a)s", ["x"]), ("%5s|", ["é"])]:
    case("percent", [f, a], lambda: f % tuple(a))
for f, a in [("%(run)02d", {"run": 3}), ("%(a)s_%(b).2f%%", {"a": "x", "b": 1}), ("%(a)s", {}), ("%d", {}), ("%(a)d", {"a": "3"}),
             ("%(a", {"a": 1}), ("plain", {}), ("%(a)s%(a)03d", {"a": 5}), ("%(a b)s", {"a b": 1})]:
    case("named", [f, a], lambda: f % a)

for f in ["{x}", "{x:d}", "{x:03d}", "{x:3}|", "{x:<4}|", "{x:>4}", "{x:^5}|", "{x:*^7}", "{x:+d}", "{x: d}", "{x:#x}", "{x:08.3f}", "{x:.2f}",
          "{x:e}", "{x:g}", "{x:.3}", "{x:.3g}", "{x:%}", "{x:.1%}", "{x:b}", "{x!r}", "{x!s:>6}", "{x:s}", "{x:q}", "{{x}}{x}", "{x:=+5}", "{x:c}",
          "{x:n}", "{x:010}", "{x:.}"]:
    for v in numbers + ["sub", "é", ""]:
        if not (f == "{x:c}" and v != 7):
            case("format", [f, {"x": v}], lambda: f.format(x=v))
for f, a in [("{a}/{b:02d}_{a}", {"a": "s1", "b": 4}), ("{a[1]}", {"a": ["u", "v"]}), ("{a[k]}", {"a": {"k": 5}}), ("{a[9]}", {"a": ["u"]}),
             ("{a", {"a": 1}), ("a}", {"a": 1}), ("{b}", {"a": 1}), ("{a!x}", {"a": 1}), ("{a}", {"a": [1, "b"]}), ("{a:5}", {"a": [1]}),
             ("{a:>3}{a:<3}|", {"a": 1})]:
    case("format", [f, a], lambda: f.format(**a))

for p, r, s in [
    (r"_subject_(\w+)/", r"sub-\1/", "/out/_subject_01/f.nii"), (r"(?P<a>\d+)_(?P<b>\d+)", r"\g<b>-\g<a>", "12_34 5_6"),
    (r"x*", "-", "abxd"), (r".*", "y", "abc"), (r"(.*)$", r"\1_x", "abc"), (r"\b", "|", "ab cd"), (r"^|$", "#", "ab"), ("a|", "-", "aab"),
    (r"(a)|b", r"[\1]", "ab"), (r"\.nii(\.gz)?$", r"_x\g<0>", "f.nii.gz"), (r"[^\W_]+", "w", "ab_cd é_1"), (r"\W", "", "a-b c_é"),
    (r"\s+", "_", "a \t\n b\u00a0c"), (r"\S+", "x", "ab  cd"), (r"\d", "#", "a1\u0661"), (r"[[a]", "x", "[a]"), (r"[]a]", "x", "a]"),
    (r"[a-]", "x", "a-b"), (r"a{2}", "x", "aaaa"), (r"a{,2}b", "x", "aaab"), (r"a{x}", "y", "a{x}"), (r"(?i)SUB", "s", "sub Sub"),
    (r"(?#note)a", "b", "aa"), (r"a(?=b)", "c", "ab"), (r"(a)\1", "b", "aa"), (r"(?<!x)a", "b", "a"), (r"a", r"\n\t", "a"), (r"a", r"\q", "a"),
    (r"a", r"\&", "a"), (r"a", r"\2", "a"), (r"(a)", r"\g<1>0", "a"), (r"(a)", r"\10", "a"), (r"a", r"\x", "a"), (r"a", r"\0", "a"),
    (r"\x41\u0042", "c", "AB"), (r"[\d_-]+", "n", "1_2-3x"), (r"a++", "b", "aaa"), (r"(", "b", "("), (r"[a", "b", "["), (r"a\Z", "b", "aa"),
    (r"_run_(\d)(?:/|$)", r"/run-\1/", "_run_1/x"), (r"a", "\\", "a"), (r"(?P<n>a)(?P=n)", "b", "aa"), (r"\101", "b", "A"), (r"(?:_c\d{4})", "", "x_c0001.nii"),
    (r"(?s).+", "a", "a\nb"), (r"(?a)\w", "a", "a"), (r"\y", "a", "a"), (r"a", r"\g<1", "a"), (r"a", r"\g<zz>", "a"), (r"é+", "e", "éé"),
]:
    def sub():
        return re.sub(p, r, s)
    case("sub", [p, r, s], sub)

names = ["a", "b", "ab", "abc", "a.nii", "a-b", "[", "]", "a]", "!", "-", "x1", "x10", "\\", "é", ".h", "a*b", "", "^", "b]"]
for p in ["*", "?", "a*", "*b", "a?", "[ab]", "[a-c]*", "[!a]", "[]]", "[!]]*", "[", "[a", "a[*]b", "[-a]", "[a-]", "x[0-9]*", "[c-a]", "[!c-a]",
          "**", "*a*", "a**b", "[a-c-e]", "\\", "[\\]", "??", "", "[^a]", "[ab]]", "*.n?i", "[--a]"]:
    for n in names:
        case("fnmatch", [p, n], lambda: fnmatch.fnmatchcase(n, p))

for l in [["f10", "f2", "f1"], ["a/2/b10", "a/10/b1", "a/2/b9"], ["x01", "x1", "x001"], ["b", "a", "1"], ["a1b2", "a1b10", "a1b"], ["1", "", "01a"],
          ["sub-2_run-10", "sub-2_run-2", "sub-10_run-1"], ["99999999999999999999999", "3", "100000000000000000000000"], ["a.b", "a1", "aB"]]:
    case("sort", [l], lambda: human_order_sorted(l))

for n in ["/a/b/c.nii.gz", "c.nii", "c", ".bashrc", "/x/.hidden.nii", "a.tar.gz", "s.niml.dset", "A.NII.GZ", ".nii.gz", "/a.b/c", "a.b.c", "/c.nii",
          "/a//b.nii", "..", "a.", "...x"]:
    case("split", [n], lambda: list(split_filename(n)))

tree = ["a/f1.nii", "a/f2.nii", "a/f10.nii", "a/.hid.nii", "b/f1.nii", "b/sub/f3.nii", "[x]/f1.nii", "c[1].nii", "d e/f.nii", ".dot/f.nii"]
with tempfile.TemporaryDirectory() as d:
    for t in tree:
        os.makedirs(os.path.dirname(os.path.join(d, t)), exist_ok=True)
        open(os.path.join(d, t), "w").close()
    os.symlink("a", os.path.join(d, "link"))
    os.symlink("nowhere", os.path.join(d, "broken"))
    for p in ["*", "*/", "*/*.nii", "a/f?.nii", "a/.h*", "a/*", "b/**", "**/f1.nii", "a/f1.nii", "a/none", "a/", "none/", "[x]/f1.nii", "[[]x]/*",
              "c[[]1].nii", "link/*1.nii", "link/", "broken", "bro*", "broken/", "*/f1.nii", "a/f[12].nii", "a/f[!1].nii", ".*", "*/sub/f3.nii",
 "a/f1.nii/", "d e/*", "b/*/", "l*/f1.nii"]:
        found = sorted(f[len(d) + 1:] for f in glob.glob(os.path.join(d, p)))
        cases.append({"kind": "glob", "args": [p], "want": found})

print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")
