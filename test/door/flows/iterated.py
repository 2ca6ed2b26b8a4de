"""Iterables within nested workflows that are cloned, synchronized ones in the
middle, two levels of them where one depends on the other, and what joins them;
connect functions with arguments, on values that are nested."""

from flowkit import Upper, function, ran, read, write
from nipype import JoinNode, MapNode, Node, Workflow
from nipype.interfaces.fsl import BET
from nipype.interfaces.utility import IdentityInterface, Merge


def say(a, b="b", c="c"):
    ran()
    return write("said.txt", "%s %s %s" % (a, b, c)), str(a) + str(b)


def pair(x, y):
    ran()
    return (x, y), {"x": x, "list": [x, y]}


def gather(items):
    ran()
    return repr(items)


def compare(files, names, other):
    ran()
    return repr((sorted(read(f) for f in files), names, other))


def lists():
    ran()
    return [[write("a%d%d.nii.gz" % (i, j), "f %d %d" % (i, j)) for j in range(2 + i)] for i in range(2)]


def pick(d, key, i=0):
    return d[key][i]


def flat(x, more=None):
    return [v for y in x for v in y] + (more or [])


def inner(name):
    wf = Workflow(name)
    inputs = Node(IdentityInterface(fields=["a", "k"], mandatory_inputs=False), name="in")
    both = Node(function(say, ["file", "text"]), name="say")
    both.iterables = [("b", [1, 2]), ("c", ["p", "q"])]
    both.synchronize = True
    join = JoinNode(
        IdentityInterface(fields=["f", "s"]), joinsource="say", joinfield=["f", "s"], name="join"
    )
    outputs = Node(IdentityInterface(fields=["f", "s"]), name="out")
    wf.connect(
        [
            (inputs, both, [("a", "a")]),
            (both, join, [("file", "f"), ("text", "s")]),
            (join, outputs, [("f", "f"), ("s", "s")]),
        ]
    )
    return wf


def outer():
    wf = Workflow("outer")
    a = Node(IdentityInterface(fields=["a"]), name="a")
    one, two = inner("one"), inner("two")
    three = one.clone("three")
    last = Node(function(compare, ["out"]), name="last")
    wf.connect(
        [
            (a, one, [("a", "in.a")]),
            (a, two, [("a", "in.a")]),
            (a, three, [("a", "in.a")]),
            (one, three, [("out.f", "in.k")]),
            (one, last, [("out.f", "files")]),
            (two, last, [("out.s", "names")]),
            (three, last, [("out.s", "other")]),
        ]
    )
    return wf


def workflow(case):
    subjects = Node(IdentityInterface(fields=["subject"]), name="subjects")
    subjects.iterables = ("subject", ["s1", "s2"])
    sessions = Node(IdentityInterface(fields=["subject", "session"]), name="sessions")
    sessions.itersource = ("subjects", ["subject"])
    sessions.iterables = [("session", {("s1",): ["1", "2"], ("s2",): ["3"]})]
    pairs = Node(function(pair, ["pair", "dict"]), name="pairs")
    first = Node(function(gather, ["out"]), name="first")
    of_sessions = JoinNode(function(gather, ["out"]), joinsource="sessions", joinfield="items", name="of_sessions")
    merged = JoinNode(Merge(2), joinsource="sessions", joinfield=["in1", "in2"], name="merged")
    of_all = JoinNode(function(gather, ["out"]), joinsource="subjects", joinfield=["items"], name="of_all")
    nested = outer()

    source = Node(function(lists, ["lists"]), name="source")
    upper = MapNode(Upper(), iterfield=["in_file"], nested=True, name="upper")
    brains = MapNode(BET(), iterfield=["in_file"], nested=True, name="brains")
    all_of_them = Node(function(gather, ["out"]), name="all_of_them")

    wf = Workflow("iterated")
    wf.connect(
        [
            (subjects, sessions, [("subject", "subject")]),
            (sessions, nested, [("session", "a.a")]),
            (subjects, pairs, [("subject", "x")]),
            (sessions, pairs, [("session", "y")]),
            (pairs, first, [(("dict", pick, "list", 1), "items")]),
            (pairs, of_sessions, [("pair", "items")]),
            (pairs, merged, [("pair", "in1")]),
            (nested, merged, [("last.out", "in2")]),
            (of_sessions, of_all, [("out", "items")]),
            (source, upper, [("lists", "in_file")]),
            (upper, brains, [("out_file", "in_file")]),
            (brains, all_of_them, [(("out_file", flat, ["more"]), "items")]),
        ]
    )
    return wf
