"""parameterize_dirs=False: parameter directories over 32 characters are hashes."""

from nipype import Node, Workflow
from tools import Copy, Label, Put, dump


def workflow(case):
    put = Node(Put(), name="put")
    put.iterables = [("text", ["ant", "a" * 40]), ("number", [1, 2])]
    label = Node(Label(), name="label", iterables=("text", ["short", "b" * 26, "b" * 27]))
    copy = Node(Copy(), name="copy")

    wf = Workflow("wf")
    wf.config["execution"]["parameterize_dirs"] = False
    wf.connect([
        (put, label, [("out_file", "in_file")]),
        (label, copy, [("out_file", "in_file")]),
    ])
    return wf
