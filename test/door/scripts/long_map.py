"""What the elements of a map over a long list leave does not grow with the list."""

import os
import pickle
import stat

import raphe_nipype.hook  # noqa: F401
from nipype import MapNode, Workflow
from nipype.interfaces.fsl import BET
from nipype.utils.filemanip import loadpkl


def sizes(name, count):
    """Runs a map; gives the sizes of what nipype keeps of two of its elements."""
    files = [os.path.abspath("%s-%04d.nii.gz" % ("long" * 40, i % 7)) for i in range(count)]
    node = MapNode(BET(), iterfield=["in_file"], name="each")
    node.inputs.in_file = files
    wf = Workflow(name, base_dir=os.getcwd())
    wf.add_nodes([node])
    wf.run(plugin="Raphe", plugin_args={"n_procs": 2})
    paths = ["%s/each/mapflow/_each%d/_node.pklz" % (name, i) for i in (0, count - 1)]
    for i, path in zip((0, count - 1), paths):
        element = loadpkl(path)
        assert element.inputs.in_file == files[i], (path, element.inputs.in_file)
        assert element.output_dir() == os.path.dirname(os.path.abspath(path)), path
        pickle.dumps(element)
    return [os.path.getsize(path) for path in paths]


def main():
    os.mkdir("bin")
    with open("bin/bet", "w") as f:
        f.write('#!/bin/sh\ncp "$1" "$2"\n')
    os.chmod("bin/bet", stat.S_IRWXU)
    os.environ["PATH"] = os.path.abspath("bin") + os.pathsep + os.environ["PATH"]
    for i in range(7):
        open("%s-%04d.nii.gz" % ("long" * 40, i), "w").close()
    few, many = sizes("few", 2), sizes("many", 200)
    assert max(many) < max(few), (few, many)


main()
