"""itersource from a node that has an itersource itself; joined back step by step."""

from nipype import IdentityInterface, JoinNode, Node, Workflow
from tools import Cat, Label, Put, dump


def workflow(case):
    info = Node(IdentityInterface(fields=["subject"]), name="info", iterables=("subject", ["s1", "s2"]))
    sessions = Node(IdentityInterface(fields=["subject", "session"]), name="sessions", itersource=("info", "subject"))
    sessions.iterables = [("session", {"s1": ["a", "b"], "s2": ["c"]})]
    put = Node(Put(), name="put")
    label = Node(Label(), name="label", itersource=("sessions", "session"))
    label.iterables = [("text", {"a": [1, 2], "b": [3], "c": [4, 5]})]
    of_session = JoinNode(Cat(), joinsource="label", joinfield="in_files", name="of_session")
    last = dump("last", "file")

    wf = Workflow("wf")
    wf.connect([
        (info, sessions, [("subject", "subject")]),
        (sessions, put, [("session", "text")]),
        (info, put, [("subject", "number")]),
        (put, label, [("out_file", "in_file")]),
        (label, of_session, [("out_file", "in_files")]),
        (of_session, last, [("out_file", "file")]),
    ])
    return wf
