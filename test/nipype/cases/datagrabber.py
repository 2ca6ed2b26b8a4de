"""DataGrabber: template arguments, field templates, human order, one match unwrapped."""

from nipype import DataGrabber, IdentityInterface, Node, Workflow
from tools import Cat, dump


def workflow(case):
    info = Node(IdentityInterface(fields=["subject"]), name="info")
    info.iterables = ("subject", ["01", "02"])
    grab = Node(DataGrabber(infields=["subject", "runs"], outfields=["bold", "t1w", "two"]), name="grab")
    grab.inputs.base_directory = case.data
    grab.inputs.template = "*"
    grab.inputs.sort_filelist = True
    grab.inputs.field_template = {
        "bold": "sub-%s/sub-%s_run-*_bold.txt",
        "t1w": "sub-%s/sub-%s_T1w.txt",
        "two": "sub-%s/sub-%s_run-%d_bold.txt",
    }
    grab.inputs.template_args = {
        "bold": [["subject", "subject"]],
        "t1w": [["subject", "subject"]],
        "two": [["subject", "subject", "runs"]],
    }
    grab.inputs.runs = [10, 2]
    everything = Node(DataGrabber(base_directory=case.data, template="sub-*/*_run-1*", sort_filelist=True), name="everything")
    cat = Node(Cat(), name="cat")
    last = dump("last", "bold", "t1w", "two", "everything")

    wf = Workflow("wf")
    wf.connect([
        (info, grab, [("subject", "subject")]),
        (grab, cat, [("bold", "in_files")]),
        (grab, last, [("bold", "bold"), ("t1w", "t1w"), ("two", "two")]),
        (everything, last, [("outfiles", "everything")]),
    ])
    return wf
