"""SelectFiles: templates in braces, human order, force_lists."""

from nipype import IdentityInterface, Node, SelectFiles, Workflow
from tools import Cat, dump


def workflow(case):
    info = Node(IdentityInterface(fields=["subject"]), name="info")
    info.iterables = ("subject", ["01", "02"])
    templates = {
        "bold": "sub-{subject}/sub-{subject}_run-*_bold.txt",
        "t1w": "sub-{subject}/*_T1w.txt",
        "listed": "sub-{subject}/*_T1w.txt",
        "run": "sub-{subject}/*_run-{run:d}_bold.txt",
        "folder": "sub-{subject}/",
    }
    files = Node(SelectFiles(templates, base_directory=case.data, force_lists=["listed"]), name="files")
    files.inputs.run = 2
    cat = Node(Cat(), name="cat")
    last = dump("last", "bold", "t1w", "listed", "run", "folder")

    wf = Workflow("wf")
    wf.connect([
        (info, files, [("subject", "subject")]),
        (files, cat, [("bold", "in_files")]),
        (files, last, [("bold", "bold"), ("t1w", "t1w"), ("listed", "listed"), ("run", "run"), ("folder", "folder")]),
    ])
    return wf
