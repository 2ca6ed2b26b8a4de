"""MapNodes below iterables, iterables on a MapNode's own fields, and a join of
MapNodes' lists (lists of lists)."""

from nipype import IdentityInterface, JoinNode, MapNode, Node, Workflow
from tools import Copy, Label, Put, dump


def workflow(case):
    info = Node(IdentityInterface(fields=["subject"]), name="info")
    info.iterables = ("subject", ["s1", "s2"])
    put = MapNode(Put(number=[1, 2]), iterfield=["number"], name="put")
    label = MapNode(Label(), iterfield=["in_file"], name="label")
    label.iterables = ("text", ["p", "q"])
    lists = Node(Put(), name="lists")
    copy = MapNode(Copy(), iterfield=["in_file"], name="copy")
    gather = JoinNode(IdentityInterface(fields=["files"]), joinsource="info", name="gather")
    last = dump("last", "files")

    wf = Workflow("wf")
    wf.connect([
        (info, put, [("subject", "text")]),
        (put, label, [("out_file", "in_file")]),
        (label, copy, [("out_file", "in_file")]),
        (copy, gather, [("out_file", "files")]),
        (gather, last, [("files", "files")]),
        (info, lists, [("subject", "text")]),
    ])
    return wf
