"""The benchmark's work as nipype workflows.

    flow.py copy    JOBS.json      copy files; one node for each job
    flow.py shape   SUBJECTS       the fMRIPrep-like shape, see shape.go
    flow.py build   NODES          build, connect and expand only; prints times
    flow.py single  SECONDS        one tool that holds on
"""

import argparse
import json
import mmap
import os
import resource
import time

import nipype
from nipype.interfaces.base import CommandLine, CommandLineInputSpec, File, InputMultiPath, TraitedSpec, traits
from nipype.interfaces.utility import IdentityInterface
from nipype.pipeline import engine as pe


class CopyIn(CommandLineInputSpec):
    in_file = File(exists=True, mandatory=True, argstr="%s", position=0)
    out_file = File("out.txt", usedefault=True, argstr="%s", position=1)


class OneFile(TraitedSpec):
    out_file = File(exists=True)


class Copy(CommandLine):
    _cmd = "cp"
    input_spec = CopyIn
    output_spec = OneFile

    def _list_outputs(self):
        return {"out_file": os.path.abspath(self.inputs.out_file)}


class HoldIn(CommandLineInputSpec):
    megabytes = traits.Int(argstr="%d", position=0, mandatory=True)
    seconds = traits.Float(argstr="%s", position=1, mandatory=True)
    out_file = File("out.txt", usedefault=True, argstr="%s", position=2)
    in_files = InputMultiPath(File(exists=True), argstr="%s", position=3)
    subject = traits.Str(argstr="--subject=%s")
    session = traits.Str(argstr="--session=%s")
    run = traits.Str(argstr="--run=%s")


class Hold(CommandLine):
    input_spec = HoldIn
    output_spec = OneFile

    def _list_outputs(self):
        return {"out_file": os.path.abspath(self.inputs.out_file)}


def copy(args):
    with open(args.what) as f:
        jobs = json.load(f)
    wf = pe.Workflow("wf", base_dir=os.path.abspath("base"))
    nodes = []
    for job in jobs:
        node = pe.Node(Copy(), name=job["name"])
        nodes.append(node)
        if job["from"] < 0:
            node.inputs.in_file = job["source"]
            wf.add_nodes([node])
        else:
            wf.connect(nodes[job["from"]], "out_file", node, "in_file")
    return wf


def shape(args):
    """The same stages as shape.star."""

    def hold(name, **join):
        interface = Hold(command=args.hold, megabytes=args.megabytes, seconds=args.seconds)
        return pe.JoinNode(interface, name=name, joinfield="in_files", **join) if join else pe.Node(interface, name=name)

    def chain(wf, first, names):
        for name in names:
            node = hold(name)
            wf.connect(first, "out_file", node, "in_files")
            first = node
        return first

    def sweep(name, prefix, n):
        node = pe.Node(IdentityInterface(fields=[name]), name=name + "s")
        node.iterables = (name, ["%s%02d" % (prefix, i + 1) for i in range(n)])
        return node

    subjects, sessions, runs = sweep("subject", "", args.subjects), sweep("session", "s", 2), sweep("run", "r", 3)

    anat = pe.Workflow("anat")
    first = hold("conform")
    chain(anat, first, ["denoise", "skullstrip", "segment", "normalise", "surface", "ribbon", "mask"])

    func = pe.Workflow("func")
    reference = hold("reference")
    last = chain(func, reference, ["slicetime", "motion", "unwarp", "register", "resample", "confounds", "compcor", "smooth", "summary"])

    wf = pe.Workflow("wf", base_dir=os.path.abspath("base"))
    fieldmap = hold("fieldmap")
    session_join = hold("session_join", joinsource="runs")
    session_report = hold("session_report")
    subject_join = hold("subject_join", joinsource="sessions")
    subject_report = hold("subject_report")
    group_join = hold("group_join", joinsource="subjects")
    group_report = hold("group_report")
    wf.connect([
        (subjects, anat, [("subject", "conform.subject")]),
        (anat, fieldmap, [("mask.out_file", "in_files")]),
        (sessions, fieldmap, [("session", "session")]),
        (fieldmap, func, [("out_file", "reference.in_files")]),
        (runs, func, [("run", "reference.run")]),
        (func, session_join, [("summary.out_file", "in_files")]),
        (session_join, session_report, [("out_file", "in_files")]),
        (session_report, subject_join, [("out_file", "in_files")]),
        (subject_join, subject_report, [("out_file", "in_files")]),
        (subject_report, group_join, [("out_file", "in_files")]),
        (group_join, group_report, [("out_file", "in_files")]),
    ])
    return wf


def single(args):
    wf = pe.Workflow("wf", base_dir=os.path.abspath("base"))
    wf.add_nodes([pe.Node(Hold(command=args.hold, megabytes=1, seconds=float(args.what)), name="single")])
    return wf


def build(args):
    """Chains of ten, as in the other front ends."""
    began = time.monotonic()
    wf, before = pe.Workflow("wf"), None
    for i in range(int(args.what)):
        node = pe.Node(Copy(), name="n%d" % i)
        if i % 10 == 0:
            node.inputs.in_file = os.path.abspath(__file__)
            wf.add_nodes([node])
        else:
            wf.connect(before, "out_file", node, "in_file")
        before = node
    built = time.monotonic()
    pe.generate_expanded_graph(wf._create_flat_graph())
    done = time.monotonic()
    print(json.dumps({"build": built - began, "expand": done - built,
                      "max_rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("mode", choices=["copy", "shape", "single", "build"])
    p.add_argument("what")
    p.add_argument("--plugin", default="MultiProc")
    p.add_argument("--poll", type=float, default=2)
    p.add_argument("--procs", type=int, default=2)
    p.add_argument("--hold", default="hold")
    p.add_argument("--megabytes", type=int, default=50)
    p.add_argument("--seconds", type=float, default=1)
    p.add_argument("--ballast", type=int, default=0)
    args = p.parse_args()
    if args.mode == "build":
        return build(args)
    nipype.config.set("execution", "poll_sleep_duration", str(args.poll))
    nipype.config.set("execution", "crashdump_dir", os.getcwd())
    nipype.logging.getLogger("nipype.workflow").setLevel("WARNING")
    if args.ballast:
        memory = mmap.mmap(-1, args.ballast, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        memory.madvise(mmap.MADV_HUGEPAGE)
        for i in range(0, args.ballast, mmap.PAGESIZE):
            memory[i] = 1
    if args.mode == "shape":
        args.subjects = int(args.what)
    wf = {"copy": copy, "shape": shape, "single": single}[args.mode](args)
    options = {"n_procs": args.procs, "memory_gb": 1000} if args.plugin == "MultiProc" else {}
    wf.run(args.plugin, plugin_args=options)


main()
