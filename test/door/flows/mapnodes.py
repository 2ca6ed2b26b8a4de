"""MapNodes: of a catalogue's command, of another command, of a function;
nested, serial, with lists of 1 and 5 elements (of 0: refused by nipype) that
are known only when another node has run, over two fields."""

from flowkit import Upper, function, ran, read, write
from nipype import MapNode, Node, Workflow
from nipype.interfaces.fsl import BET

VARIANTS = {"some": {}, "none": {}}
LENGTHS = {"some": (1, 5), "none": (0,)}


def files(n):
    ran()
    return [write("f%d.nii.gz" % i, "file %d" % i) for i in range(n)]


def pairs():
    ran()
    return [["a", "b"], ["c"]]


def shout(text):
    ran()
    return text.upper()


def both(file, n):
    ran()
    return "%s x %d" % (read(file), n)


def workflow(case):
    wf = Workflow("mapnodes")
    for n in LENGTHS[case.variant]:
        make = Node(function(files, ["out"], n=n), name="make%d" % n)
        brains = MapNode(BET(frac=0.4), iterfield=["in_file"], name="brains%d" % n)
        uppers = MapNode(Upper(), iterfield=["in_file"], name="uppers%d" % n)
        texts = MapNode(function(both, ["out"]), iterfield=["file", "n"], name="texts%d" % n)
        texts.inputs.n = list(range(n))
        serial = MapNode(function(both, ["out"], n=7), iterfield=["file"], name="serial%d" % n, serial=True)
        wf.connect(
            [
                (make, brains, [("out", "in_file")]),
                (brains, uppers, [("out_file", "in_file")]),
                (make, texts, [("out", "file")]),
                (make, serial, [("out", "file")]),
            ]
        )
    make = Node(function(pairs, ["out"]), name="pairs")
    nested = MapNode(function(shout, ["out"]), iterfield=["text"], nested=True, name="nested")
    wf.connect(make, "out", nested, "text")
    fixed = MapNode(BET(mask=True), iterfield=["in_file"], name="fixed")
    fixed.inputs.in_file = [case.file("s1"), case.file("Jürgen Ø")]
    wf.add_nodes([fixed])
    return wf
