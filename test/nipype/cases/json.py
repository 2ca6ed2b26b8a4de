"""JSONFileGrabber and JSONFileSink: defaults, dotted names, all kinds of values."""

from nipype import Function, Node, Workflow
from nipype.interfaces.io import JSONFileGrabber, JSONFileSink


def values():
    return [0.1 + 0.2, 1e-7, 1e22, 5, True, None, "é\"\\\n", [], {}]


def workflow(case):
    grab = Node(JSONFileGrabber(in_file=case.path("record.json")), name="grab")
    grab.inputs.defaults = {"age": 99, "sex": "f"}
    source = Node(Function(input_names=[], output_names=["values"], function=values), name="source")
    sink = Node(JSONFileSink(infields=["subject", "age", "ratio", "tags", "nested", "sex", "values"]), name="sink")
    sink.inputs.in_dict = {"subject": "other", "kept": [1, 2]}
    deep = Node(JSONFileSink(infields=["a.b.c", "d"]), name="deep")

    wf = Workflow("wf")
    wf.connect([
        (grab, sink, [(f, f) for f in ["subject", "age", "ratio", "tags", "nested", "sex"]]),
        (source, sink, [("values", "values")]),
        (grab, deep, [("age", "a.b.c"), ("tags", "d")]),
    ])
    return wf
