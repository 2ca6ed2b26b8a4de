"""Tools that fail leave crash files that nipype reads, without a Python for each."""

import glob
import os
import stat
import sys

import raphe_nipype.hook  # noqa: F401
from nipype import MapNode, Node, Workflow, config
from nipype.interfaces.fsl import BET, ImageMaths
from nipype.interfaces.utility import Merge
from nipype.utils.filemanip import loadcrash

TOOLS = {"bet": 'echo spoken; echo "bad: $1" >&2; exit 3', "fslmaths": "exit 0"}


def prepare():
    os.mkdir("bin")
    for name, body in TOOLS.items():
        with open("bin/" + name, "w") as f:
            f.write("#!/bin/sh\n" + body + "\n")
        os.chmod("bin/" + name, stat.S_IRWXU)
    # This one has nipype: what is started later says so, and fails.
    with open("bin/sitecustomize.py", "w") as f:
        f.write("import os\nopen(%r, 'a').write('x')\n" % os.path.abspath("pythons"))
    os.environ["PATH"] = os.path.abspath("bin") + os.pathsep + os.environ["PATH"]
    os.environ["PYTHONPATH"] = os.path.abspath("bin") + os.pathsep + os.environ["PYTHONPATH"]
    for i in range(12):
        open("in%d.nii.gz" % i, "w").close()


def run(form, name):
    config.update_config(
        {"execution": {"crashfile_format": form, "crashdump_dir": os.path.abspath(name + "/crashes")}}
    )
    files = [os.path.abspath("in%d.nii.gz" % i) for i in range(12)]
    lone = Node(BET(in_file=files[0], frac=0.25), name="lone")
    lone.config = {"execution": {"crashdump_dir": os.path.abspath(name + "/elsewhere")}}
    names = Node(Merge(1), name="names")
    names.inputs.in1 = files
    each = MapNode(BET(mask=True), iterfield=["in_file"], name="each")
    made = Node(ImageMaths(in_file=files[1], op_string="-bin"), name="made")
    wf = Workflow(name, base_dir=os.getcwd())
    wf.connect(names, "out", each, "in_file")
    wf.add_nodes([lone, made])
    try:
        wf.run(plugin="Raphe", plugin_args={"n_procs": 2})
    except RuntimeError as error:
        return str(error.__cause__)
    sys.exit("nothing failed")


def only(pattern):
    found = glob.glob(pattern)
    assert len(found) == 1, (pattern, found)
    return found[0]


def main():
    prepare()
    run("pklz", "pickles")
    assert len(glob.glob("pickles/crashes/crash-*.pklz")) == 13, os.listdir("pickles/crashes")
    crash = loadcrash(only("pickles/elsewhere/crash-*-lone-*.pklz"))
    node = crash["node"]
    assert node.fullname == "pickles.lone" and node.inputs.frac == 0.25
    assert node.output_dir() == os.path.abspath("pickles/lone")
    text = "".join(crash["traceback"])
    for part in ("executing Node lone.", "bet in0.nii.gz", "spoken", "bad: ", "exit status 3"):
        assert part in text, text

    node = loadcrash(only("pickles/crashes/crash-*-_each7-*.pklz"))["node"]
    assert node.inputs.in_file == os.path.abspath("in7.nii.gz") and node.inputs.mask is True
    assert node.output_dir() == os.path.abspath("pickles/each/mapflow/_each7")
    assert node.interface.cmdline.startswith("bet "), node.interface.cmdline
    assert "crashdump_dir" in node.config["execution"]

    text = "".join(loadcrash(only("pickles/crashes/crash-*-made-*.pklz"))["traceback"])
    assert "out_file" in text, text

    run("txt", "texts")
    with open(only("texts/crashes/crash-*-_each7-*.txt")) as f:
        text = f.read()
    assert text.startswith("Node: _each7\nWorking directory: %s\n\nNode inputs:\n\nargs = <undefined>\n" % (
        os.path.abspath("texts/each/mapflow/_each7"))), text
    for part in ("\nin_file = %s\n" % os.path.abspath("in7.nii.gz"), "\nmask = True\n", "exit status 3"):
        assert part in text, text
    assert not os.path.exists("pythons"), "Python was started"


main()
