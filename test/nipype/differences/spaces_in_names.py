"""A space in the name of a file, given on its own and in a list."""

from nipype import Node, Workflow
from tools import Cat, Put


def workflow(case):
    put = Node(Put(text="ant", out_file="a b.txt"), name="put")
    cat = Node(Cat(), name="cat")
    wf = Workflow("wf")
    wf.connect(put, "out_file", cat, "in_files")
    return wf
