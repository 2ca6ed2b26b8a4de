"""A lambda on a connection."""

from nipype import Node, Workflow
from tools import Put, dump


def workflow(case):
    put = Node(Put(text="ant"), name="put")
    last = dump("last", "file")
    wf = Workflow("wf")
    wf.connect([(put, last, [(("out_file", lambda path: [path]), "file")])])
    return wf
