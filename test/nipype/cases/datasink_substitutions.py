"""DataSink: substitutions, then regular expressions."""

from nipype import DataSink, IdentityInterface, Node, Workflow
from tools import Copy, Put


def workflow(case):
    info = Node(IdentityInterface(fields=["subject", "run"]), name="info")
    info.iterables = [("subject", ["s1", "s2"]), ("run", [1, 2])]
    put = Node(Put(), name="put")
    copy = Node(Copy(), name="copy")
    sink = Node(DataSink(base_directory=case.out, container="group"), name="sink")
    sink.inputs.substitutions = [("_run_", "run-"), ("_subject_", "/sub-"), ("put_copy", "report"), ("report", "final")]
    sink.inputs.regexp_substitutions = [(r"run-(\d)/", r"run-0\1/"), (r"/final(?P<ext>\.\w+)$", r"/file\g<ext>")]

    wf = Workflow("wf")
    wf.connect([
        (info, put, [("subject", "text"), ("run", "number")]),
        (put, copy, [("out_file", "in_file")]),
        (put, sink, [("out_file", "texts")]),
        (copy, sink, [("out_file", "texts.@copy")]),
    ])
    return wf
