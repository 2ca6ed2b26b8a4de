"""DataSink with parameterization=False: file names only."""

from nipype import DataSink, IdentityInterface, Node, Workflow
from tools import Put


def named(subject):
    return subject + ".txt"


def workflow(case):
    info = Node(IdentityInterface(fields=["subject"]), name="info")
    info.iterables = ("subject", ["s1", "s2"])
    put = Node(Put(), name="put")
    sink = Node(DataSink(base_directory=case.out, parameterization=False), name="sink")

    wf = Workflow("wf")
    wf.connect([
        (info, put, [("subject", "text"), (("subject", named), "out_file")]),
        (put, sink, [("out_file", "texts.all")]),
    ])
    return wf
