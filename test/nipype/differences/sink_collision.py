"""Two files of one name, put into one folder of a DataSink."""

from nipype import DataSink, Node, Workflow
from tools import Put


def workflow(case):
    ant = Node(Put(text="ant"), name="ant")
    bee = Node(Put(text="bee"), name="bee")
    sink = Node(DataSink(base_directory=case.out), name="sink")
    wf = Workflow("wf")
    wf.connect([
        (ant, sink, [("out_file", "texts.@ant")]),
        (bee, sink, [("out_file", "texts.@bee")]),
    ])
    return wf
