"""Values of many kinds and with odd characters: what becomes of them in the
names of directories, and that they arrive unchanged."""

from nipype import Function, IdentityInterface, Node, Workflow
from tools import Put, dump


def given(x):
    return x


def one(x):
    return 1


def workflow(case):
    info = Node(IdentityInterface(fields=["x"]), name="info")
    info.iterables = ("x", [
        "a b", "x/y.nii.gz", "q'uote", "{1}[2]", "#h;a:b|c", "naïve", "100%", "(t)u", "a,b", "back\\slash", "~$&*=+@^", "-x", ".y",
        "", 0, 1.5, 1e-7, 1e22, True, None, [3, 4], ["s", [5.0]], (6, "t"), (7,), {"k": 8},
    ])
    keep = Node(Function(input_names=["x"], output_names=["x"], function=given), name="keep")
    put = Node(Put(text="constant"), name="put")
    last = dump("last", "x")

    wf = Workflow("wf")
    wf.connect([
        (info, keep, [("x", "x")]),
        (keep, last, [("x", "x")]),
        (info, put, [(("x", one), "number")]),
    ])
    return wf
