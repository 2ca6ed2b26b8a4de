"""Compares what nipype left of a node with what Raphe left of it, for dress.py."""

import gzip
import os
import pickle
import shlex

from nipype import MapNode
from nipype.interfaces.base import core
from nipype.pipeline.engine.utils import load_resultfile
from nipype.utils.filemanip import loadpkl

# What of a result each run has of its own.
OWN = (
    "environ",
    "prevcwd",
    "platform",
    "command_path",
    "dependencies",
    "version",
    "stdout",  # where no command is run, none goes to a file
    "merged",
    "startTime",
    "endTime",
    "duration",
)


def differences(root, case, strict):
    """Yields what of a case differs between the two trees. strict: all, but for
    the order of things; else what each run has of its own is passed over."""
    linear = os.path.join(root, "linear", "flow", case)
    work = os.path.join(root, "work", "flow", case)
    with open(os.path.join(root, "blobs", case + ".pkl"), "rb") as f:
        node = pickle.load(f)
    theirs, ours = tree(linear), tree(work)
    if theirs != ours:
        only = sorted(set(theirs) - set(ours)), sorted(set(ours) - set(theirs))
        yield "files: only nipype %s, only Raphe %s" % only
        return
    for name in theirs:
        yield from compare_file(name, os.path.join(linear, name), os.path.join(work, name), strict)
    if node.is_cached() != (True, True):
        yield "nipype does not find it cached"
    core.run_command = refuse
    kept = outputs_view(load_resultfile(os.path.join(work, "result_%s.pklz" % case)).outputs)
    try:
        again = outputs_view(node.run().outputs)
    except Exception as error:
        yield "nipype runs it again: %s" % str(error)[-200:]
    else:
        yield from compare("outputs of the cached node", kept, again)


def refuse(*args, **kwargs):
    raise RuntimeError("a command is run")


def tree(top):
    """Gives the files below a folder, as paths relative to it."""
    found = []
    for folder, _, names in os.walk(top):
        found += [os.path.relpath(os.path.join(folder, name), top) for name in names]
    return sorted(found)


def compare_file(name, linear, work, strict):
    base = os.path.basename(name)
    if base.startswith("result_"):
        yield from compare(name, result_view(work, linear, strict), result_view(work, work, strict))
    elif base == "_inputs.pklz":
        yield from compare(name, loadpkl(linear), loadpkl(work))
    elif base == "_node.pklz":
        yield from compare(name, node_view(loadpkl(linear)), node_view(loadpkl(work)))
    elif base in ("report.rst", "command.txt") or base.startswith("_0x"):
        with open(linear) as a, open(work) as b:
            theirs, ours = a.read(), b.read()
        if not strict and base == "report.rst":
            theirs, ours = (text.partition("Runtime info\n")[0] for text in (theirs, ours))
        if not strict and base == "command.txt":
            theirs, ours = (" ".join(shlex.split(text)) for text in (theirs, ours))
        yield from compare_text(name, theirs, ours)


def result_view(place, path, strict):
    """What is in a result file; read as if it lay at place, to which relative
    paths refer."""
    with gzip.open(path) as f:
        content = f.read()
    here = os.getcwd()
    os.chdir(os.path.dirname(place))
    try:
        result = pickle.loads(content)
    finally:
        os.chdir(here)
    view = dict(vars(result))
    runtimes = view["runtime"] if isinstance(view["runtime"], list) else [view["runtime"]]
    view["runtime"] = [runtime_view(runtime, strict) for runtime in runtimes]
    view["outputs"] = [type(result.outputs), outputs_view(result.outputs)]
    if hasattr(result.outputs, "trait_get"):
        view["loaded"] = load_resultfile(place).outputs.trait_get()
    return view


def runtime_view(runtime, strict):
    """What is known of how a command ran: times without parts of a second, for
    newer versions of nipype have a zone at their end."""
    view = dict(vars(runtime))
    view.update(startTime=runtime.startTime[:19], endTime=runtime.endTime[:19])
    if not strict:
        for name in OWN:
            view.pop(name, None)
        view["cmdline"] = shlex.split(view["cmdline"])
    return view


def outputs_view(outputs):
    if outputs is None:
        return None
    return outputs.trait_get() if hasattr(outputs, "trait_get") else dict(vars(outputs))


def node_view(node):
    return {
        "type": type(node),
        "is a MapNode": isinstance(node, MapNode),
        "name": node.name,
        "interface": type(node.interface),
        "inputs": node.inputs.get_traitsfree(),
        "needed": node.needed_outputs,
        "dir": node.output_dir(),
    }


def compare(name, theirs, ours):
    if theirs == ours:
        return
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in sorted(set(theirs) | set(ours), key=str):
            yield from compare("%s %s" % (name, key), theirs.get(key, "-"), ours.get(key, "-"))
        return
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for i in range(len(theirs)):
            yield from compare("%s %d" % (name, i), theirs[i], ours[i])
        return
    yield "%s: nipype %r, Raphe %r" % (name, theirs, ours)


def compare_text(name, theirs, ours):
    if theirs == ours:
        return
    for number, (a, b) in enumerate(zip(theirs.split("\n"), ours.split("\n"))):
        if a != b:
            yield "%s line %d: nipype %r, Raphe %r" % (name, number + 1, a, b)
            return
    yield "%s: lengths %d and %d" % (name, len(theirs), len(ours))
