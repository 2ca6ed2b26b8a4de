"""A DataSink that is given a path that does not exist."""

from nipype import DataSink, IdentityInterface, Node, Workflow


def workflow(case):
    info = Node(IdentityInterface(fields=["path"]), name="info")
    info.inputs.path = "/no/such/file.txt"
    sink = Node(DataSink(base_directory=case.out), name="sink")
    wf = Workflow("wf")
    wf.connect(info, "path", sink, "texts")
    return wf
