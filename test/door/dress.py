"""Nodes of nipype, for the tests that Raphe writes nipype's files as nipype does.

    dress.py run ROOT SEEDS     runs nodes by nipype, SEEDS of each class; prints one
                                JSON line for each: what Raphe knows of such a node
    dress.py raphe ROOT SEEDS   runs the same nodes by Raphe's plugin
    dress.py check ROOT         compares ROOT/linear, nipype's tree, with ROOT/work
    dress.py check-run ROOT     the same, but for what each run has of its own

Nodes run in ROOT/work/flow; the tests move that tree of nipype's to ROOT/linear,
so that all paths are the same. For nipype no command is run: the files are made
that the interface expects of it. What they are is kept in ROOT/expect, where
the stand-ins in ROOT/bin find it when Raphe runs them.
"""

import copy
import json
import os
import pickle
import shutil
import sys

OUT = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)  # some interfaces print, and nipype logs

import raphe_nipype.hook  # noqa: E402, F401  before nipype, as the .pth file has it
from nipype import MapNode, Workflow, config, logging  # noqa: E402
from nipype.interfaces.base import CommandLine, core, isdefined  # noqa: E402
from nipype.pipeline.engine.utils import load_resultfile  # noqa: E402
from nipype.utils.filemanip import loadpkl  # noqa: E402

import dresscheck  # noqa: E402
import madeup  # noqa: E402
from raphe_nipype import values  # noqa: E402

SAID = "1.5 2.5 3\n  said ü"

STAND_IN = """#!/bin/sh
printf '%%s\\n' '%s'
[ -e "%s/$(basename "$PWD")" ] || exit 0
while IFS= read -r f; do
	[ -e "$f" ] && continue
	mkdir -p "$(dirname "$f")" && printf out > "$f"
done < "%s/$(basename "$PWD")"
"""


def pretend():
    """Has nipype run no command; the files that an interface expects are made."""
    running = []
    real = CommandLine._run_interface

    def run_interface(self, *args, **kwargs):
        running.append(self)
        try:
            return real(self, *args, **kwargs)
        finally:
            running.pop()

    def run_command(runtime, output=None, timeout=0.01, write_cmdline=False):
        if write_cmdline:
            with open(os.path.join(runtime.cwd, "command.txt"), "w", encoding="utf-8") as f:
                f.write(runtime.cmdline)
        runtime.stdout, runtime.stderr, runtime.merged, runtime.returncode = SAID, "", "", 0
        make(running[-1]._list_outputs())
        return runtime

    CommandLine._run_interface = run_interface
    core.run_command = run_command
    core.which = lambda command, env=None, pathext=None: "/opt/" + command


def make(value):
    """Makes the files among the outputs of an interface."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            make(item)
    elif isinstance(value, str) and value.startswith(os.getcwd() + "/"):
        if not os.path.exists(value):
            os.makedirs(os.path.dirname(value), exist_ok=True)
            with open(value, "w") as f:
                f.write("out")
        with open(os.path.join(ROOT, "expect", os.path.basename(os.getcwd())), "a") as f:
            f.write(value + "\n")


def make_tool(interface):
    """Makes a stand-in for the command of an interface."""
    expect = os.path.join(ROOT, "expect")
    for word in (interface._cmd_prefix + interface.cmd).split():
        path = os.path.join(ROOT, "bin", word)
        with open(path, "w", encoding="utf-8") as f:
            f.write(STAND_IN % (SAID, expect, expect))
        os.chmod(path, 0o755)


# What Raphe knows of a node.


def name_of(cls):
    return cls.__module__ + "." + cls.__qualname__ if cls else ""


def class_facts(interface):
    inputs, outputs = interface.inputs, interface.output_spec
    names = sorted(inputs.trait_get())
    return {
        "name": name_of(type(interface)),
        "output_spec": name_of(outputs),
        "inputs": names,
        "outputs": outputs().copyable_trait_names() if outputs else [],
        "nohash": [name for name in names if inputs.has_metadata(name, "nohash", True)],
        "nofilehash": [
            name
            for name in names
            if inputs.has_metadata(name, "hash_files", False)
            or inputs.has_metadata(name, "name_source")
        ],
    }


def encoded(record):
    return {name: form(value) for name, value in record.items() if isdefined(value)}


def form(value):
    """The form of a value; what a MapNode collects may hold Undefined."""
    if isinstance(value, list) and not all(map(isdefined, value)):
        return [form(item) if isdefined(item) else {"$undefined": True} for item in value]
    return values.encode(value)


def outputs_of(result):
    outputs = result.outputs
    if outputs is None:
        return {}
    return encoded(outputs.trait_get() if hasattr(outputs, "trait_get") else outputs.dictcopy())


def runtime_of(runtime):
    return {
        "cwd": runtime.cwd,
        "cmdline": runtime.cmdline,
        "path": runtime.command_path,
        "start": runtime.startTime,
        "end": runtime.endTime,
        "environ": ["%s=%s" % item for item in runtime.environ.items()],
        "hostname": runtime.hostname,
        "platform": runtime.platform,
        "version": runtime.version or "",
        "stdout": runtime.stdout,
        "stderr": runtime.stderr,
    }


def run(case):
    """Runs the node of a case and prints what Raphe knows of it."""
    # As Workflow.run does before it expands: defaults pass through their traits.
    node = copy.deepcopy(case.node)
    node.config = config._sections
    node.base_dir = os.path.join(ROOT, "work")
    node._hierarchy = "flow"
    node._id = node.name
    blob = os.path.join(ROOT, "blobs", node.name + ".pkl")
    facts = {
        "interface": case.interface,
        "class": class_facts(node.interface),
        "dir": node.output_dir(),
        "name": node.name,
        "fullname": node.fullname,
        "id": node._id,
        "blob": blob,
        "given": encoded(case.given),
        "inputs": encoded(node.inputs.get_traitsfree()),
        "needed": node.needed_outputs,
        "cwd": os.getcwd(),
        "hash_method": config.get("execution", "hash_method"),
        "relative": config.getboolean("execution", "use_relative_paths"),
    }
    with open(blob, "wb") as f:
        pickle.dump(node, f, pickle.HIGHEST_PROTOCOL)
    try:
        make_tool(node.interface)
        result = node.run()
    except Exception as error:  # nipype's own refusals and its own mistakes
        shutil.rmtree(node.output_dir(), ignore_errors=True)
        return madeup.told(node.name, error)
    facts["outputs"] = outputs_of(result)
    if isinstance(node, MapNode):
        facts["iterfield"], facts["nested"] = node.iterfield, node.nested
        facts["elements"] = [element(node, i, result) for i in range(len(result.inputs))]
    else:
        facts["used"], facts["runtime"] = encoded(result.inputs), runtime_of(result.runtime)
    print(json.dumps(facts), file=OUT)


def element(node, i, result):
    name = "_%s%d" % (node.name, i)
    folder = os.path.join(node.output_dir(), "mapflow", name)
    return {
        "inputs": encoded(loadpkl(os.path.join(folder, "_inputs.pklz"))),
        "used": encoded(result.inputs[i]),
        "runtime": runtime_of(result.runtime[i]),
        "outputs": outputs_of(load_resultfile(os.path.join(folder, "result_%s.pklz" % name))),
    }


# Settings under which a node and a MapNode are run, beside those of all others.
OPTIONS = {
    "content": {"hash_method": "content"},
    "relative": {"use_relative_paths": "true"},
}
USUAL = {
    "hash_method": "timestamp",
    "use_relative_paths": "false",
    "create_report": "true",
    "get_linked_libs": "false",
}


# Classes where the catalogue goes other ways than nipype 1.8.5, and why.
UNTOLD = "nipype does not tell of an output"
PYTHON2 = "nipype has it run by python2"
UNDEFINED = "nipype writes <undefined> into its command line"
APART = {
    "afni.ABoverlap": UNTOLD,
    "afni.AlignEpiAnatPy": PYTHON2,
    "afni.Bucket": UNTOLD,
    "afni.Cat": UNTOLD,
    "afni.Dot": UNTOLD,
    "afni.Edge3": UNTOLD,
    "afni.OneDToolPy": PYTHON2,
    "afni.SVMTest": UNTOLD,
    "freesurfer.SegStats": "nipype takes a template for a value, and leaves out maskframe",
    "fsl.FUGUE": "nipype tells of a warped_file that fugue was not asked for",
    "mrtrix3.DWIBiasCorrect": UNTOLD,
    "mrtrix3.EstimateFOD": "newer versions of nipype put its arguments in another order",
    "mrtrix3.MRTransform": UNDEFINED,
    "mrtrix3.Tractography": UNTOLD,
    "mrtrix3.TransformFSLConvert": UNDEFINED,
}


def is_compared(case):
    """Whether a case is one for check-run: not one of these classes, nor one for
    which the connections or the settings of a workflow decide otherwise."""
    in_flow = case.name.partition("_")[0] not in OPTIONS and not case.node.needed_outputs
    return in_flow and case.interface not in APART


def run_by_nipype(seeds):
    for folder in ("blobs", "bin", "expect"):
        os.makedirs(os.path.join(ROOT, folder))
    pretend()
    for case in madeup.nodes(ROOT, seeds):
        run(case)
    for case in madeup.maps(ROOT):
        run(case)
    for option, setting in OPTIONS.items():
        config.update_config({"execution": setting})
        for case in madeup.plain(ROOT, option):
            run(case)
        config.update_config({"execution": USUAL})


def run_by_raphe(seeds):
    """Runs in one workflow what nipype could run."""
    os.makedirs(os.path.join(ROOT, "compared"))
    flow = Workflow("flow", base_dir=os.path.join(ROOT, "work"))
    flow.config["execution"] = dict(USUAL, crashdump_dir=os.getcwd())
    for case in [*madeup.nodes(ROOT, seeds), *madeup.maps(ROOT)]:
        if is_compared(case) and os.path.exists(os.path.join(ROOT, "linear", "flow", case.name)):
            flow.add_nodes([case.node])
            open(os.path.join(ROOT, "compared", case.name), "w").close()
    os.environ["PATH"] = os.path.join(ROOT, "bin") + ":" + os.environ["PATH"]
    try:
        flow.run(plugin="Raphe", plugin_args={"n_procs": 9})  # the most threads made up
    except Exception as error:
        print(str(error)[:3000], file=OUT)


if __name__ == "__main__":
    ROOT = sys.argv[2]
    os.makedirs(os.path.join(ROOT, "cwd"), exist_ok=True)
    os.chdir(os.path.join(ROOT, "cwd"))  # some interfaces write when asked for their command line
    quiet = {name + "_level": "CRITICAL" for name in ("workflow", "interface", "utils")}
    config.update_config({"execution": USUAL, "logging": quiet})
    logging.update_logging(config)
    if sys.argv[1] == "run":
        run_by_nipype(int(sys.argv[3]))
    elif sys.argv[1] == "raphe":
        run_by_raphe(int(sys.argv[3]))
    else:
        os.makedirs(os.path.join(ROOT, "blobs"), exist_ok=True)
        for case in sorted(os.listdir(os.path.join(ROOT, "linear", "flow"))):
            config.update_config({"execution": OPTIONS.get(case.partition("_")[0], {})})
            strict = sys.argv[1] == "check"
            if not strict and not os.path.exists(os.path.join(ROOT, "compared", case)):
                continue
            for difference in dresscheck.differences(ROOT, case, strict):
                print("%s: %s" % (case, difference), file=OUT)
            config.update_config({"execution": USUAL})
    OUT.flush()
