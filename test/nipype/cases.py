"""Runs the cases with nipype's Linear plugin, all in one process.

    cases.py DATA ROOT

Case FOLDER/NAME.py, with FOLDER "cases" or "differences", works in
ROOT/FOLDER/NAME and may write results to ROOT/FOLDER/NAME/out. One JSON object
a case goes to standard output: {"case": "FOLDER/NAME", "error": null or text}.
"""

import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import nibabel
import numpy
from nipype import config, logging

HERE = Path(__file__).parent


def configure(root):
    """Settings under which nipype's files can be compared with Raphe's: no
    reports, nothing deleted, no question whether there is a newer nipype."""
    config.update_config(
        {
            "execution": {
                "create_report": "false",
                "check_version": "false",
                "remove_unnecessary_outputs": "false",
                "keep_inputs": "true",
                "crashdump_dir": tempfile.mkdtemp(dir=root),
                "crashfile_format": "txt",
                "stop_on_first_crash": "true",
                "get_linked_libs": "false",
            },
            "logging": {name: "CRITICAL" for name in ("workflow_level", "utils_level", "interface_level")},
        }
    )
    logging.update_logging(config)


def make_image(path):
    """Writes a small image whose voxels are all different."""
    voxels = numpy.arange(6 * 5 * 4, dtype="int16").reshape(6, 5, 4)
    nibabel.Nifti1Image(voxels, numpy.diag([2.0, 2.0, 3.0, 1.0])).to_filename(path)


def load(path):
    spec = importlib.util.spec_from_file_location("case_" + path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # nipype pickles interfaces by the name of their module
    spec.loader.exec_module(module)
    return module


def run(path, data, base):
    case = SimpleNamespace(data=str(data), out=str(base / "out"), path=lambda name: str(data / name))
    base.mkdir(parents=True)
    wf = load(path).workflow(case)
    wf.base_dir = str(base)
    wf.run(plugin="Linear")


def main():
    data, root = (Path(a).resolve() for a in sys.argv[1:])
    sys.path.insert(0, str(HERE))
    configure(root.parent)
    make_image(data / "image.nii")
    for path in sorted(HERE.glob("cases/*.py")) + sorted(HERE.glob("differences/*.py")):
        case = path.parent.name + "/" + path.stem
        error = None
        try:
            run(path, data, root / case)
        except Exception as e:
            error = f"{type(e).__name__}: {e}"
        print(json.dumps({"case": case, "error": error}), flush=True)


if __name__ == "__main__":
    main()
