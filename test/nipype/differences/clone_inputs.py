"""Inputs of a clone's identity node set through the clone's own inputs."""

from nipype import IdentityInterface, Node, Workflow
from tools import dump


def workflow(case):
    spec = Node(IdentityInterface(fields=["n"]), name="spec")
    last = dump("last", "n")
    step = Workflow("step")
    step.connect(spec, "n", last, "n")
    twin = step.clone("twin")
    step.inputs.spec.n = 1
    twin.inputs.spec.n = 2
    wf = Workflow("wf")
    wf.add_nodes([step, twin])
    return wf
