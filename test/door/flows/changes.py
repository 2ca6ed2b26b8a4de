"""The second time some inputs differ: what depends on them runs, as far as
what they make differs; and nodes that are always run, or never."""

from flowkit import Always, Changer, Upper, function, ran, read, write
from nipype import MapNode, Node, Workflow
from nipype.interfaces.fsl import BET, ImageMaths

PYTHON_AGAIN = True


def make(n):
    ran()
    return write("made.nii.gz", "made"), list(range(n))


def add(a, b):
    ran()
    return a + b


def workflow(case):
    wf = Workflow("changes")
    same = Node(function(make, ["file", "list"], n=3 + case.round), name="same")
    after_same = Node(BET(), name="after_same")
    sums = MapNode(function(add, ["out"], b=1), iterfield=["a"], name="sums")
    wf.connect([(same, after_same, [("file", "in_file")]), (same, sums, [("list", "a")])])

    tool = Node(BET(in_file=case.file(), frac=0.5 + 0.1 * case.round), name="tool")
    maths = Node(ImageMaths(op_string="-bin"), name="maths")
    shout = Node(Upper(), name="shout")
    wf.connect([(tool, maths, [("out_file", "in_file")]), (maths, shout, [("out_file", "in_file")])])

    always = Node(Always(in_file=case.file()), name="always")
    after_always = Node(Changer(), name="after_always")
    never = Node(Changer(in_file=case.file(), times=2 + case.round), name="never", overwrite=False)
    over = Node(BET(in_file=case.file("s2")), name="over", overwrite=True)
    over_map = MapNode(Upper(), iterfield=["in_file"], name="over_map", overwrite=True)
    over_map.inputs.in_file = [case.file("s1"), case.file("s2")]
    wf.connect(always, "out_file", after_always, "in_file")
    wf.add_nodes([never, over, over_map])

    stamped = Node(BET(in_file=case.file("s3")), name="stamped")
    stamped.config = {"execution": {"hash_method": "timestamp", "create_report": "false"}}
    kept = Node(Changer(in_file=case.file("s3")), name="kept")
    kept.config = {"execution": {"keep_inputs": "true", "remove_unnecessary_outputs": "false"}}
    wf.add_nodes([stamped, kept])
    return wf
