"""Identity nodes with iterables that enter at different depths."""

from nipype import IdentityInterface, Node, Workflow
from tools import Copy, Label, Put, dump


def workflow(case):
    subjects = Node(IdentityInterface(fields=["subject"]), name="subjects")
    subjects.iterables = ("subject", ["s1", "s2"])
    runs = Node(IdentityInterface(fields=["run", "task"]), name="runs")
    runs.iterables = [("run", [1, 2]), ("task", ["rest"])]
    put = Node(Put(), name="put")
    copy = Node(Copy(), name="copy")
    label = Node(Label(), name="label")
    last = dump("last", "file", "subject", "run", "task")

    wf = Workflow("wf")
    wf.connect([
        (subjects, put, [("subject", "text")]),
        (put, copy, [("out_file", "in_file")]),
        (copy, label, [("out_file", "in_file")]),
        (runs, label, [("run", "text")]),
        (label, last, [("out_file", "file")]),
        (subjects, last, [("subject", "subject")]),
        (runs, last, [("run", "run"), ("task", "task")]),
    ])
    return wf
