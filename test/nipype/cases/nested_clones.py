"""A nested workflow with inputspec and outputspec, cloned twice, with the
clones' inputs set from outside and iterables below."""

from nipype import IdentityInterface, Merge, Node, Workflow
from tools import Cat, Label, Put, dump


def workflow(case):
    inputspec = Node(IdentityInterface(fields=["text", "label"]), name="inputspec")
    put = Node(Put(), name="put")
    label = Node(Label(), name="label")
    outputspec = Node(IdentityInterface(fields=["file", "plain"]), name="outputspec")
    step = Workflow("step")
    step.connect([
        (inputspec, put, [("text", "text")]),
        (inputspec, label, [("label", "text")]),
        (put, label, [("out_file", "in_file")]),
        (put, outputspec, [("out_file", "plain")]),
        (label, outputspec, [("out_file", "file")]),
    ])
    second = step.clone("second")
    third = step.clone(name="third")

    step.inputs.inputspec.text = "ant"
    step.inputs.inputspec.label = "L1"
    second.get_node("inputspec").inputs.text = "bee"
    second.get_node("inputspec").inputs.label = "L2"
    third.get_node("inputspec").inputs.text = "cat"
    third.get_node("inputspec").inputs.label = "L3"
    third.inputs.put.number = 5

    merge = Node(Merge(3), name="merge")
    cat = Node(Cat(), name="cat")
    after = Node(Label(), name="after", iterables=("text", ["p", "q"]))
    last = dump("last", "file", "plain")

    wf = Workflow("wf")
    wf.connect([
        (step, merge, [("outputspec.file", "in1")]),
        (second, merge, [("outputspec.file", "in2")]),
        (third, merge, [("outputspec.file", "in3")]),
        (merge, cat, [("out", "in_files")]),
        (cat, after, [("out_file", "in_file")]),
        (after, last, [("out_file", "file")]),
        (third, last, [("outputspec.plain", "plain")]),
    ])
    return wf
