"""A DataSink below an iterable whose values are too long for a directory name."""

from nipype import DataSink, Node, Workflow
from tools import Put


def workflow(case):
    put = Node(Put(), name="put", iterables=("text", ["a" * 260, "b" * 260]))
    sink = Node(DataSink(base_directory=case.out), name="sink")
    wf = Workflow("wf")
    wf.connect(put, "out_file", sink, "texts")
    return wf
