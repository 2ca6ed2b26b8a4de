"""JoinNode of IdentityInterface between two commands, with a field that is not
joined; then a MapNode over what was joined."""

from nipype import IdentityInterface, JoinNode, MapNode, Node, Workflow
from tools import Cat, Copy, Label, Put, dump


def workflow(case):
    put = Node(Put(), name="put")
    put.iterables = [("text", ["ant", "bee"]), ("number", [1, 2])]
    gather = JoinNode(IdentityInterface(fields=["files", "title"]), joinsource="put", joinfield="files", name="gather")
    gather.inputs.title = "T"
    label = MapNode(Label(), iterfield=["in_file"], name="label")
    cat = Node(Cat(), name="cat")
    last = dump("last", "files", "title")

    wf = Workflow("wf")
    wf.connect([
        (put, gather, [("out_file", "files")]),
        (gather, label, [("files", "in_file"), ("title", "text")]),
        (label, cat, [("out_file", "in_files")]),
        (gather, last, [("files", "files"), ("title", "title")]),
    ])
    return wf
