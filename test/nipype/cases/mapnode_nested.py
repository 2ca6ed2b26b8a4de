"""MapNode with nested=True: lists of lists come back in their shape."""

from nipype import Function, MapNode, Workflow
from tools import Copy, dump, Put


def triple(x, y):
    return 3 * x + y


def workflow(case):
    put = MapNode(Put(), iterfield=["text"], name="put", nested=True)
    put.inputs.text = [["ant", "bee"], ["cat", ["dog"]], "eel"]
    copy = MapNode(Copy(), iterfield=["in_file"], name="copy", nested=True)
    sums = MapNode(Function(input_names=["x", "y"], output_names=["z"], function=triple),
                   iterfield=["x", "y"], name="sums", nested=True)
    sums.inputs.x = [[1, 2], [3, [4]]]
    sums.inputs.y = [[10, 20], [30, [40]]]
    last = dump("last", "put", "copy", "sums")

    wf = Workflow("wf")
    wf.connect([
        (put, copy, [("out_file", "in_file")]),
        (put, last, [("out_file", "put")]),
        (copy, last, [("out_file", "copy")]),
        (sums, last, [("z", "sums")]),
    ])
    return wf
