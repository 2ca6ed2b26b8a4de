"""The same value twice in an iterable."""

from nipype import JoinNode, Node, Workflow
from tools import Cat, Put


def workflow(case):
    put = Node(Put(), name="put", iterables=("text", [3, 1, 3]))
    cat = JoinNode(Cat(), joinsource="put", joinfield="in_files", name="cat")
    wf = Workflow("wf")
    wf.connect(put, "out_file", cat, "in_files")
    return wf
