"""Runs joined into subjects, subjects into the group."""

from nipype import IdentityInterface, JoinNode, Node, Workflow
from tools import Cat, Label, Put, dump


def workflow(case):
    subjects = Node(IdentityInterface(fields=["subject"]), name="subjects")
    subjects.iterables = ("subject", ["s2", "s1", "s3"])
    runs = Node(IdentityInterface(fields=["run"]), name="runs")
    runs.iterables = ("run", [2, 1])
    put = Node(Put(), name="put")
    label = Node(Label(), name="label")
    of_subject = JoinNode(Cat(), joinsource="runs", joinfield="in_files", name="of_subject")
    of_group = JoinNode(Cat(), joinsource="subjects", joinfield="in_files", name="of_group")
    last = dump("last", "file")

    wf = Workflow("wf")
    wf.connect([
        (subjects, put, [("subject", "text")]),
        (put, label, [("out_file", "in_file")]),
        (runs, label, [("run", "text")]),
        (label, of_subject, [("out_file", "in_files")]),
        (of_subject, of_group, [("out_file", "in_files")]),
        (of_group, last, [("out_file", "file")]),
    ])
    return wf
