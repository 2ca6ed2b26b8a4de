"""Connections through functions, with extra arguments, from nodes and from nested workflows."""

from nipype import Function, IdentityInterface, Node, Workflow
from tools import Put, dump


def words():
    return ["ant", "bee", "cat"], {"x": 1, "y": [2, 3]}


def pick(items, index):
    return items[index]


def decorate(text, before, after="!"):
    return before + text + after


def keys(d):
    return sorted(d.keys())


def square(n):
    return n * n


def workflow(case):
    source = Node(Function(input_names=[], output_names=["words", "table"], function=words), name="source")
    put = Node(Put(), name="put")
    spec = Node(IdentityInterface(fields=["n"]), name="spec")
    spec.inputs.n = 12
    twice = Node(Function(input_names=["n"], output_names=["n"], function=square), name="twice")
    sub = Workflow("sub")
    sub.connect(spec, ("n", square), twice, "n")
    last = dump("last", "keys", "whole", "first", "n")

    wf = Workflow("wf")
    wf.connect([
        (source, put, [(("words", pick, 1), "text"), (("words", pick, -1), "number")]),
        (source, last, [(("table", keys), "keys"), ("table", "whole")]),
        (put, last, [(("out_file", decorate, "<<", ">>"), "first")]),
        (sub, last, [(("twice.n", square), "n")]),
    ])
    return wf
