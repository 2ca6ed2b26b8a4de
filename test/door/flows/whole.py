"""A workflow with everything in it: iterables, a nested workflow with its own,
SelectFiles, functions, a MapNode of a command line, Merge, connect functions,
two JoinNodes, a node that is run without submitting and two DataSinks."""

import os

from flowkit import Upper, function, ran, read, write
from nipype import JoinNode, MapNode, Node, Workflow
from nipype.interfaces.io import DataSink, SelectFiles
from nipype.interfaces.utility import IdentityInterface, Merge

VARIANTS = {
    "content": {"execution": {"hash_method": "content"}},
    "timestamp": {"execution": {"hash_method": "timestamp"}},
}


def parts(subject, n):
    ran()
    return [write("part%d.txt" % i, "%s %d\n" % (subject, i)) for i in range(n)]


def count(in_files, thr):
    ran()
    return write("count.txt", "".join("%s %d\n" % (read(f).strip(), thr) for f in in_files)), len(in_files)


def joined(files, thrs):
    ran()
    return write("joined.txt", "".join(read(f) for f in files) + repr(sorted(thrs)))


def all_but_first(found):
    return found[1:]


def nested():
    inner = Workflow("inner")
    inputs = Node(IdentityInterface(fields=["files", "t1"]), name="inputnode")
    outputs = Node(IdentityInterface(fields=["out", "n"]), name="outputnode")
    up = MapNode(Upper(), iterfield=["in_file"], name="up")
    merge = Node(Merge(2), name="merge")
    thr = Node(function(count, ["out", "n"]), name="thr", n_procs=2, mem_gb=0.3)
    thr.iterables = ("thr", [10, 20])
    inner.connect(
        [
            (inputs, up, [(("files", all_but_first), "in_file")]),
            (up, merge, [("out_file", "in1")]),
            (inputs, merge, [("t1", "in2")]),
            (merge, thr, [("out", "in_files")]),
            (thr, outputs, [("out", "out"), ("n", "n")]),
        ]
    )
    return inner


def workflow(case):
    sink_folder = os.path.join(case.base, "sink")
    src = Node(IdentityInterface(fields=["subject"]), name="src")
    src.iterables = ("subject", ["s1", "s2", "Jürgen Ø"])
    select = Node(SelectFiles({"t1": "{subject}/t1.nii.gz"}, base_directory=case.data), name="select")
    make = Node(function(parts, ["files"], n=4), name="make")
    inner = nested()
    per_subject = JoinNode(
        function(joined, ["out"]), joinsource="thr", joinfield=["files", "thrs"], name="per_subject"
    )
    group = JoinNode(function(joined, ["out"], thrs=[0]), joinsource="src", joinfield=["files"], name="group")
    shout = Node(Upper(), name="shout", run_without_submitting=True)
    sink = Node(DataSink(base_directory=sink_folder, substitutions=[("_subject_", "")]), name="sink")
    sink2 = Node(DataSink(base_directory=sink_folder), name="sink2")

    wf = Workflow("top")
    wf.connect(
        [
            (src, select, [("subject", "subject")]),
            (src, make, [("subject", "subject")]),
            (make, inner, [("files", "inputnode.files")]),
            (select, inner, [("t1", "inputnode.t1")]),
            (inner, per_subject, [("outputnode.out", "files"), ("outputnode.n", "thrs")]),
            (per_subject, group, [("out", "files")]),
            (group, shout, [("out", "in_file")]),
            (per_subject, sink, [("out", "per_subject.@x")]),
            (src, sink, [("subject", "container")]),
            (shout, sink2, [("out_file", "group.@y")]),
        ]
    )
    return wf


PYTHON_AGAIN = True  # SelectFiles and DataSink look each time
