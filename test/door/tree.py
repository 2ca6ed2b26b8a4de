"""Lists what a nipype workflow left in a folder, as JSON that can be compared.

    tree.py FOLDER [FOLDER...]

One object a folder: relative path -> what is there. What differs from run to
run by its nature (times, process ids, the names of crash files) is left out;
the folder's own path within texts becomes "{base}".

    directories         "dir", also empty ones
    links               "-> target"
    _0x*.json           name and text: nipype's hash and what was hashed
    result_*.pklz       outputs, inputs and the run's facts, as nipype reads them
    _inputs.pklz        the inputs
    _node.pklz          class, names and needed outputs of the node; whether its inputs
                        that come from other nodes are set in it is left out
    report.rst          its lines but for times and the environment
    crash-*             one entry a node: its inputs and the last line of its traceback
    anything else       its text, or its digest where it is no text

Raphe's records (.raphe) and the pictures of the graph, which Workflow.run
writes before any plugin is called, are no part of the list.
"""

import gzip
import hashlib
import json
import os
import re
import sys

os.environ.setdefault("NIPYPE_NO_ET", "1")

GRAPH = ("graph.json", "graph1.json", "d3.js", "index.html")
# Facts of a run that no two runs share, and the libraries of a tool, which Raphe does not ask ldd for.
FLEETING = ("startTime", "endTime", "duration", "hostname", "platform", "environ", "version", "dependencies")
CRASH = re.compile(r"crash-\d{8}-\d{6}-.*?-(.+)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(pklz|txt)$")
# nipype notes when each line of a tool's output came, and where libraries lie.
STAMPS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?:|0x[0-9a-f]{6,}")
FLEETING_LINES = re.compile(r"^\* (duration|hostname|prev_wd|mem_peak_gb|cpu_percent) : ")


def listing(root):
    """The list of one folder."""
    root = os.path.abspath(root)
    found = {}
    for folder, folders, files in os.walk(root):
        if folder == root and ".raphe" in folders:
            folders.remove(".raphe")
        for name in folders:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                found[os.path.relpath(path, root)] = "dir"
        for name in files + [f for f in folders if os.path.islink(os.path.join(folder, f))]:
            path = os.path.join(folder, name)
            if name in GRAPH and os.path.dirname(os.path.dirname(path)) == root:
                continue
            key = CRASH.sub(r"crash-\1.\3", os.path.relpath(path, root))
            found[key] = entry(path, name, root)
    return dict(sorted(found.items()))


def entry(path, name, root):
    """What is at a path."""
    if os.path.islink(path):
        return "-> " + os.readlink(path).replace(root, "{base}")
    try:
        return strip(contents(path, name), root)
    except Exception as e:  # a file that nipype cannot read is a finding, not the end
        return "unreadable: %s: %s" % (type(e).__name__, strip(str(e), root))


def strip(content, root):
    if isinstance(content, str):
        return content.replace(root, "{base}")
    if isinstance(content, dict):
        return {k: strip(v, root) for k, v in content.items()}
    return content


def contents(path, name):
    if name.startswith("result_") and name.endswith(".pklz"):
        return result(path)
    if name == "_inputs.pklz":
        return record(load(path))
    if name == "_node.pklz":
        return node(load(path))
    if name == "report.rst":
        return report(path)
    if CRASH.search(name):
        return crash(path)
    with open(path, "rb") as f:
        data = f.read()
    try:
        return data.decode()
    except UnicodeDecodeError:
        return "sha256 " + hashlib.sha256(data).hexdigest()


def load(path):
    from nipype.utils.filemanip import loadpkl

    return loadpkl(path)


def result(path):
    """A result as nipype itself reads it, which also checks that files exist."""
    found = load(path)
    kept = {
        "interface": "%s.%s" % (found.interface.__module__, found.interface.__name__),
        "inputs": record(found.inputs),
        "outputs": record(found.outputs),
        "outputs of": type(found.outputs).__name__,
        "version": repr(found.version),
        "provenance": repr(found.provenance),
    }
    if isinstance(found.runtime, list):
        kept["runtime"] = "%d runs" % len(found.runtime)
    elif found.runtime is not None:
        kept["runtime"] = {k: v for k, v in record(found.runtime).items() if k not in FLEETING}
        kept["facts"] = " ".join(sorted(found.runtime.__dict__))
    return kept


def record(values):
    """Values by name, of a set of traits, a Bunch or a dictionary."""
    if values is None:
        return None
    if hasattr(values, "get_traitsfree"):
        values = values.get_traitsfree()
    elif hasattr(values, "dictcopy"):
        values = values.dictcopy()
    elif hasattr(values, "trait_get"):
        values = values.trait_get()
    return {str(k): text(v) for k, v in sorted(values.items())}


def text(value):
    """A value's repr; dictionaries sorted, arrays whole."""
    if isinstance(value, dict):
        return "{" + ", ".join("%r: %s" % (k, text(v)) for k, v in sorted(value.items(), key=repr)) + "}"
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return "%s %r" % (type(value).__name__, value.tolist())
    if type(value) in (list, tuple):
        return "%s(%s)" % (type(value).__name__, ", ".join(map(text, value)))
    return STAMPS.sub("", repr(value))


def node(found):
    return {
        "class": type(found).__name__,
        "interface": type(found.interface).__name__,
        "name": found.fullname,
        "id": found._id,
        "needed": repr(found.needed_outputs),
    }


def report(path):
    """A node's report up to its environment, without the lines of times."""
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    if "Environment" in lines:
        lines = lines[: lines.index("Environment")]
    return "\n".join(STAMPS.sub("", line) for line in lines if not FLEETING_LINES.match(line))


def crash(path):
    """Which node a crash file is about, and the error."""
    if path.endswith(".txt"):
        with open(path, encoding="utf-8") as f:
            lines = f.read().rstrip().split("\n")
        return {"head": lines[:2], "error": last(lines)}
    try:
        found = load(path)
    except Exception:
        with gzip.open(path) as f:  # versioned crash files begin with a line of their own
            f.readline()
            import pickle

            found = pickle.load(f)
    return {"head": found["node"].fullname, "error": last("".join(found["traceback"]).rstrip().split("\n"))}


def last(lines):
    """The line that names the exception."""
    for line in reversed(lines):
        if re.match(r"[\w.]+(Error|Exception|Interrupt)\b", line):
            return line
    return lines[-1] if lines else ""


def compare(left, want, right, got):
    """The differences of two lists, one line each."""
    said = []
    for path in sorted(set(want) | set(got)):
        if path not in got:
            said.append("only %s has %s" % (left, path))
        elif path not in want:
            said.append("only %s has %s" % (right, path))
        elif want[path] != got[path]:
            said.extend(differences(path, left, want[path], right, got[path]))
    return said


def differences(path, left, want, right, got):
    if isinstance(want, dict) and isinstance(got, dict):
        for key in sorted(set(want) | set(got)):
            if want.get(key) != got.get(key):
                yield from differences("%s [%s]" % (path, key), left, want.get(key), right, got.get(key))
        return
    if isinstance(want, str) and isinstance(got, str) and "\n" in want + got:
        import difflib

        lines = difflib.unified_diff(want.split("\n"), got.split("\n"), left, right, lineterm="", n=0)
        yield "%s differs:\n    %s" % (path, "\n    ".join(lines))
        return
    yield "%s differs:\n    %s: %s\n    %s: %s" % (path, left, want, right, got)


if __name__ == "__main__":
    for folder in sys.argv[1:]:
        print(json.dumps(listing(folder), indent=1))
