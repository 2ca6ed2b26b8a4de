"""Nodes of nipype, for the test that Raphe writes nipype's files as nipype does.

    dress.py run ROOT SEEDS    runs nodes by nipype, SEEDS of each class; prints one JSON line for each: what Raphe knows of such a node
    dress.py check ROOT        compares ROOT/linear, nipype's tree, with ROOT/work, whose files Raphe wrote

A node runs in ROOT/work/CASE; the test moves that tree to ROOT/linear. Inputs are
made up from the traits of the class, by a random number generator that starts
from the name of the case, so that each run has the same. Commands are not run:
in their place the files are made that the interface expects of them.
"""
import copy
import gzip
import importlib
import json
import os
import pickle
import random
import shutil
import sys

OUT = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)  # some interfaces print, and nipype logs

from nipype import MapNode, Node, config, logging  # noqa: E402
from nipype.interfaces.base import CommandLine, Undefined, core, isdefined, traits
from nipype.interfaces.base import traits_extension as extension
from nipype.pipeline.engine.utils import load_resultfile
from nipype.utils.filemanip import loadpkl

import raphe_nipype
from raphe_nipype import values

config.update_config({
    "execution": {"hash_method": "timestamp", "create_report": "true", "get_linked_libs": "false"},
    "logging": {"workflow_level": "CRITICAL", "interface_level": "CRITICAL", "utils_level": "CRITICAL"},
})
logging.update_logging(config)


class NoCase(Exception):
    """Nothing can be made up for this class."""


# The inputs.

class Maker:
    """Makes inputs up for one case."""

    def __init__(self, case, root):
        self.random = random.Random(case)
        self.root = root
        self.count = 0

    def path(self, trait, folder=False):
        self.count += 1
        ends = getattr(trait, "_exts", None) or [".nii.gz", ".nii", ".img"]
        name = os.path.join(self.root, "in%d" % self.count)
        if folder:
            os.makedirs(name, exist_ok=True)
            return name
        name += self.random.choice(ends)
        if not os.path.exists(name):
            with open(name, "w") as f:
                f.write("x" * self.count)
            os.utime(name, ns=(0, 1_700_000_000_123_456_789 + self.count * 1_000_003))
        return name

    def value(self, trait, depth=0):
        """A value for the trait type, often one that nipype keeps in another form."""
        rng = self.random
        if isinstance(trait, extension.Directory):
            return self.path(trait, folder=True)
        if isinstance(trait, extension.BasePath):
            path = self.path(trait)
            return rng.choice([path, path, path.replace("/in", "//in", 1)])
        if isinstance(trait, extension.MultiObject):
            item = trait.inner_traits()[0].trait_type
            if depth == 0 and rng.random() < 0.4:
                return self.value(item, depth + 1)
            return [self.value(item, depth + 1) for _ in range(rng.randint(1, 3))]
        if isinstance(trait, traits.List):
            low, high = trait.minlen, min(trait.maxlen, trait.minlen + 3)
            item = trait.inner_traits()[0].trait_type
            return [self.value(item, depth + 1) for _ in range(rng.randint(max(low, 1), max(high, 1)))]
        if isinstance(trait, traits.BaseTuple):
            return tuple(self.value(item.trait_type, depth + 1) for item in trait.types)
        if isinstance(trait, traits.TraitCompound):
            return self.value(rng.choice(trait.handlers), depth + 1)
        if hasattr(traits, "Union") and isinstance(trait, traits.Union):
            return self.value(rng.choice(trait.list_ctrait_instances).trait_type, depth + 1)
        if isinstance(trait, traits.BaseEnum):
            return rng.choice(list(trait.values))
        if isinstance(trait, traits.BaseRange):
            low = trait._low if trait._low is not None else 0
            high = trait._high if trait._high is not None else low + 5
            return rng.randint(int(low) + 1, int(high)) if high - low >= 2 else (low + high) / 2
        if isinstance(trait, traits.BaseBool):
            return True
        if isinstance(trait, traits.BaseInt):
            return rng.randint(1, 9)
        if isinstance(trait, traits.BaseFloat):
            return rng.choice([rng.randint(1, 9), rng.random(), 1e-5, 0.1, 2.5e17])
        if isinstance(trait, (traits.BaseStr, traits.String)):
            return rng.choice(["text", "with space", "it's", "häß"])
        raise NoCase("no value for %r" % trait)


def fill(interface, maker, share):
    """Sets the mandatory inputs and a share of the others; gives what was set."""
    given = {}
    inputs = interface.inputs
    for name, spec in sorted(inputs.traits(transient=None).items()):
        if name in ("args", "environ", "trait_added", "trait_modified") or spec.deprecated:
            continue
        if spec.xor and any(isdefined(getattr(inputs, other, Undefined)) for other in spec.xor):
            continue
        if not spec.mandatory and maker.random.random() > share:
            continue
        try:
            value = maker.value(spec.trait_type)
            setattr(inputs, name, value)
        except (NoCase, traits.TraitError, OSError):
            if spec.mandatory:
                raise NoCase(name)
            setattr(inputs, name, Undefined)
        else:
            given[name] = value
    return given


# The run, with a stand-in for the command.

def stand_in(runtime, output=None, timeout=0.01, write_cmdline=False):
    if write_cmdline:
        with open(os.path.join(runtime.cwd, "command.txt"), "w", encoding="utf-8") as f:
            f.write(runtime.cmdline)
    runtime.stdout, runtime.stderr, runtime.merged, runtime.returncode = "1.5 2.5 3\n  said ü", "", "", 0
    make(CURRENT[-1]._list_outputs())
    return runtime


def make(value):
    """Makes the files that an interface expects."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            make(item)
    elif isinstance(value, str) and value.startswith(os.getcwd() + "/") and not os.path.exists(value):
        os.makedirs(os.path.dirname(value), exist_ok=True)
        with open(value, "w") as f:
            f.write("out")


CURRENT = []
real_run = CommandLine._run_interface


def run_interface(self, *args, **kwargs):
    CURRENT.append(self)
    try:
        return real_run(self, *args, **kwargs)
    finally:
        CURRENT.pop()


CommandLine._run_interface = run_interface
core.run_command = stand_in
core.which = lambda command, env=None, pathext=None: "/opt/" + command


def spec_name(cls):
    return cls.__module__ + "." + cls.__qualname__ if cls else ""


def class_facts(interface):
    inputs = interface.inputs
    names = sorted(inputs.trait_get())
    return {
        "name": spec_name(type(interface)),
        "output_spec": spec_name(interface.output_spec),
        "inputs": names,
        "outputs": interface.output_spec().copyable_trait_names() if interface.output_spec else [],
        "nohash": [n for n in names if inputs.has_metadata(n, "nohash", True)],
        "nofilehash": [n for n in names if inputs.has_metadata(n, "hash_files", False) or inputs.has_metadata(n, "name_source")],
    }


def encoded(record):
    return {name: form(value) for name, value in record.items() if isdefined(value)}


def form(value):
    """The form of a value; what a MapNode collects may hold Undefined."""
    if isinstance(value, list) and not all(map(isdefined, value)):
        return [form(item) if isdefined(item) else {"$undefined": True} for item in value]
    return values.encode(value)


def outputs_of(result):
    if result.outputs is None:
        return {}
    kept = result.outputs.trait_get() if hasattr(result.outputs, "trait_get") else result.outputs.dictcopy()
    return encoded(kept)


def runtime_of(runtime):
    return {
        "cwd": runtime.cwd, "cmdline": runtime.cmdline, "path": runtime.command_path, "start": runtime.startTime, "end": runtime.endTime,
        "environ": ["%s=%s" % item for item in runtime.environ.items()], "hostname": runtime.hostname,
        "platform": runtime.platform, "version": runtime.version or "", "stdout": runtime.stdout, "stderr": runtime.stderr,
    }


def run(case, name, node, given):
    """Runs the node and prints what Raphe knows of it."""
    node = copy.deepcopy(node)  # as Workflow.run does before it expands: defaults pass through their traits
    node.config = config._sections
    node.base_dir = os.path.join(ROOT, "work", case)
    node._hierarchy = "flow.inner"
    blob = os.path.join(ROOT, "blobs", case + ".pkl")
    facts = {
        "case": case, "interface": name, "class": class_facts(node.interface), "dir": node.output_dir(), "name": node.name,
        "fullname": node.fullname, "id": node._id, "blob": blob, "given": encoded(given), "inputs": encoded(node.inputs.get_traitsfree()),
        "needed": node.needed_outputs, "cwd": os.getcwd(), "hash_method": config.get("execution", "hash_method"),
        "relative": config.getboolean("execution", "use_relative_paths"),
    }
    with open(blob, "wb") as f:
        pickle.dump(node, f, pickle.HIGHEST_PROTOCOL)
    result = node.run()
    facts["outputs"] = outputs_of(result)
    if isinstance(node, MapNode):
        facts["iterfield"], facts["nested"] = node.iterfield, node.nested
        facts["elements"] = [
            {"used": encoded(inputs), "runtime": runtime_of(runtime), "outputs": outputs_of(load_resultfile(element(node, i)))}
            for i, (inputs, runtime) in enumerate(zip(result.inputs, result.runtime))]
        facts["element_inputs"] = [encoded(loadpkl(os.path.join(os.path.dirname(element(node, i)), "_inputs.pklz"))) for i in range(len(result.inputs))]
    else:
        facts["used"], facts["runtime"] = encoded(result.inputs), runtime_of(result.runtime)
    print(json.dumps(facts), file=OUT)


def element(node, i):
    name = "_%s%d" % (node.name, i)
    return os.path.join(node.output_dir(), "mapflow", name, "result_%s.pklz" % name)


def class_of(name):
    package, _, cls = name.rpartition(".")
    try:
        return getattr(importlib.import_module("nipype.interfaces." + package), cls, None)
    except ModuleNotFoundError:  # a package that this nipype does not have
        return None


def run_all(seeds):
    with open(os.path.join(os.path.dirname(raphe_nipype.__file__), "catalogue.txt")) as f:
        names = f.read().split()
    for name in names:
        cls = class_of(name)
        if cls is None or not issubclass(cls, CommandLine):
            continue
        for seed in range(1, seeds + 1):
            one_case("%s-%d" % (name, seed), name, cls, share=0.3 * (seed % 2))


def one_case(case, name, cls, share):
    maker = Maker(case, os.path.join(ROOT, "in", case))
    os.makedirs(maker.root)
    try:
        interface = cls()
        given = fill(interface, maker, share)
        if maker.random.random() < 0.3 and interface.output_spec:
            needed = maker.random.choice(sorted(interface.output_spec().copyable_trait_names()) or [None])
        else:
            needed = None
        node = Node(interface, name="node", needed_outputs=[needed] if needed else None)
        node.interface.cmdline
        run(case, name, node, given)
    except Exception as error:  # nipype's own refusals and its own mistakes
        shutil.rmtree(os.path.join(ROOT, "work", case), ignore_errors=True)
        print("%s: %s: %s" % (case, type(error).__name__, str(error).strip()[-200:]), file=sys.stderr)


def run_maps():
    from nipype.interfaces import ants, fsl
    maker = Maker("maps", os.path.join(ROOT, "in", "maps"))
    os.makedirs(maker.root)
    files = [maker.path(None) for _ in range(3)]
    plain = MapNode(fsl.BET(mask=True), name="plain", iterfield=["in_file"])
    plain.inputs.in_file = files
    run("map-plain", "fsl.BET", plain, {})
    lone = MapNode(fsl.BET(), name="lone", iterfield="in_file", needed_outputs=["out_file"])
    lone.inputs.in_file = files[0]
    run("map-lone", "fsl.BET", lone, {})
    two = MapNode(fsl.FLIRT(reference=files[0]), name="two", iterfield=["in_file", "dof"])
    two.inputs.in_file, two.inputs.dof = files, [6, 7, 12]
    run("map-two", "fsl.FLIRT", two, {})
    text = MapNode(fsl.BET(in_file=files[0]), name="text", iterfield=["out_file"])
    text.inputs.out_file = [files[1], "b.nii.gz"]
    run("map-text", "fsl.BET", text, {})
    lists = MapNode(fsl.Merge(dimension="t"), name="lists", iterfield=["in_files"])
    lists.inputs.in_files = [files[:2], [files[2]]]
    run("map-lists", "fsl.Merge", lists, {})
    nested = MapNode(fsl.BET(), name="nested", iterfield=["in_file", "frac"], nested=True)
    nested.inputs.in_file, nested.inputs.frac = [[files[0], files[1]], [files[2]]], [[1, 0.5], [0.2]]
    run("map-nested", "fsl.BET", nested, {})
    some = MapNode(fsl.BET(in_file=files[0]), name="some", iterfield=["mask"])
    some.inputs.mask = [False, True, False]
    run("map-some", "fsl.BET", some, {})


def run_options():
    """What the configuration changes."""
    from nipype.interfaces import fsl
    maker = Maker("options", os.path.join(ROOT, "in", "options"))
    os.makedirs(maker.root)
    for case, options in (("content", {"hash_method": "content"}), ("relative", {"use_relative_paths": "true"})):
        config.update_config({"execution": options})
        run("option-" + case, "fsl.FAST", Node(fsl.FAST(in_files=[maker.path(None), maker.path(None)], segments=True), name="fast"), {})
        mapped = MapNode(fsl.BET(mask=True), name="bets", iterfield=["in_file"])
        mapped.inputs.in_file = [maker.path(None), maker.path(None)]
        run("option-map-" + case, "fsl.BET", mapped, {})
        config.update_config({"execution": {"hash_method": "timestamp", "use_relative_paths": "false"}})


# The comparison.

def differences(case):
    """Yields what of a case differs between the two trees."""
    linear, work = os.path.join(ROOT, "linear", case), os.path.join(ROOT, "work", case)
    theirs, ours = tree(linear), tree(work)
    if theirs != ours:
        yield "files: only nipype %s, only Raphe %s" % (sorted(set(theirs) - set(ours)), sorted(set(ours) - set(theirs)))
        return
    for name in theirs:
        base = os.path.basename(name)
        a, b = os.path.join(linear, name), os.path.join(work, name)
        if base.startswith("result_"):
            yield from compare(name, result_view(b, a), result_view(b, b))
        elif base == "_inputs.pklz":
            yield from compare(name, loadpkl(a), loadpkl(b))
        elif base == "_node.pklz":
            yield from compare(name, node_view(loadpkl(a)), node_view(loadpkl(b)))
        elif base in ("report.rst", "command.txt") or base.startswith("_0x"):
            with open(a) as x, open(b) as y:
                yield from compare_text(name, x.read(), y.read())
    with open(os.path.join(ROOT, "blobs", case + ".pkl"), "rb") as f:
        node = pickle.load(f)
    if node.is_cached() != (True, True):
        yield "nipype does not find it cached"
    core.run_command = refuse
    try:
        result = node.run()
    except Exception as error:
        yield "nipype runs it again: %s" % str(error)[-200:]
    else:
        yield from compare("outputs of the cached node", outputs_of(load_resultfile(os.path.join(node.output_dir(), "result_%s.pklz" % node.name))), outputs_of(result))


def refuse(*args, **kwargs):
    raise RuntimeError("a command is run")


def tree(top):
    return sorted(os.path.relpath(os.path.join(folder, name), top) for folder, _, names in os.walk(top) for name in names)


def result_view(place, path):
    """What is in a result file; read as if it lay at place, to which relative paths refer."""
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
    view["runtime"] = [dict(vars(runtime), startTime=runtime.startTime[:19], endTime=runtime.endTime[:19]) for runtime in runtimes]
    outputs = view["outputs"]
    if hasattr(outputs, "trait_get"):
        view["outputs"] = {"type": type(outputs), "read": outputs.trait_get()}
        view["loaded"] = load_resultfile(place).outputs.trait_get()
    elif outputs is not None:
        view["outputs"] = vars(outputs)
    return view


def node_view(node):
    return {"type": type(node), "name": node.name, "interface": type(node.interface), "inputs": node.inputs.get_traitsfree(),
            "needed": node.needed_outputs, "dir": node.output_dir()}


def compare(name, theirs, ours):
    if theirs == ours:
        return
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in sorted(set(theirs) | set(ours), key=str):
            yield from compare("%s %s" % (name, key), theirs.get(key, "-"), ours.get(key, "-"))
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


def check_all():
    for case in sorted(os.listdir(os.path.join(ROOT, "work"))):
        if case.startswith("option-content") or case == "option-map-content":
            config.update_config({"execution": {"hash_method": "content"}})
        for difference in differences(case):
            print("%s: %s" % (case, difference), file=OUT)
        config.update_config({"execution": {"hash_method": "timestamp"}})


if __name__ == "__main__":
    ROOT = sys.argv[2]
    os.makedirs(os.path.join(ROOT, "cwd"), exist_ok=True)
    os.chdir(os.path.join(ROOT, "cwd"))  # some interfaces write where they are asked for their command line
    if sys.argv[1] == "run":
        os.makedirs(os.path.join(ROOT, "blobs"))
        run_all(int(sys.argv[3]))
        run_maps()
        run_options()
    else:
        check_all()
    OUT.flush()
