"""Iterables as a dictionary of functions (nipype's oldest form)."""

from nipype import Node, Workflow
from tools import Copy, Put


def texts():
    return ["ant", "bee"]


def numbers():
    return [1, 2]


def workflow(case):
    put = Node(Put(), name="put")
    put.iterables = {"number": numbers, "text": texts}
    copy = Node(Copy(), name="copy")

    wf = Workflow("wf")
    wf.connect(put, "out_file", copy, "in_file")
    return wf
