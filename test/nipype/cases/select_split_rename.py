"""Select, Split and Rename."""

from nipype import MapNode, Node, Rename, Select, Workflow
from nipype.interfaces.utility import Split
from tools import Put, dump


def workflow(case):
    put = MapNode(Put(text=["ant", "bee", "cat", "dog"]), iterfield=["text"], name="put")
    one = Node(Select(index=[2]), name="one")
    two = Node(Select(index=[-1, 0]), name="two")
    split = Node(Split(splits=[1, 3]), name="split")
    squeeze = Node(Split(splits=[1, 2, 1], squeeze=True), name="squeeze")
    rename = Node(Rename(format_string="%(who)s_run%(run)02d.txt"), name="rename")
    rename.inputs.who = "sub"
    rename.inputs.run = 7
    parsed = Node(Rename(format_string="%(first)s-%(n)d"), name="parsed")
    parsed.inputs.parse_string = r"(?P<first>\w)\w+_run(?P<ignored>\d+)"
    parsed.inputs.n = 3
    parsed.inputs.keep_ext = True
    last = dump("last", "one", "two", "out1", "out2", "sq1", "sq2", "sq3", "renamed", "parsed")

    wf = Workflow("wf")
    wf.connect([
        (put, one, [("out_file", "inlist")]),
        (put, two, [("out_file", "inlist")]),
        (put, split, [("out_file", "inlist")]),
        (put, squeeze, [("out_file", "inlist")]),
        (one, rename, [("out", "in_file")]),
        (rename, parsed, [("out_file", "in_file")]),
        (one, last, [("out", "one")]),
        (two, last, [("out", "two")]),
        (split, last, [("out1", "out1"), ("out2", "out2")]),
        (squeeze, last, [("out1", "sq1"), ("out2", "sq2"), ("out3", "sq3")]),
        (rename, last, [("out_file", "renamed")]),
        (parsed, last, [("out_file", "parsed")]),
    ])
    return wf
