"""Writes ports.json: inputs with their defaults, and outputs, of nipype 1.8.5.

    python3 testdata/ports.py > testdata/ports.json
"""
import json

import nipype.algorithms.confounds as conf
import nipype.algorithms.misc as misc
import nipype.interfaces.io as nio
import nipype.interfaces.utility as util

classes = {
    "utility.Merge": (util.Merge, {"numinputs": 2}), "utility.Select": (util.Select, {}), "utility.Split": (util.Split, {}), "utility.Rename": (util.Rename, {}),
    "utility.CSVReader": (util.CSVReader, {}), "utility.AssertEqual": (util.AssertEqual, {}), "utility.IdentityInterface": (util.IdentityInterface, {"fields": ["a"]}),
    "io.SelectFiles": (nio.SelectFiles, {"templates": {"f": "{s}"}}), "io.DataGrabber": (nio.DataGrabber, {"infields": ["s"], "outfields": ["f"]}), "io.DataFinder": (nio.DataFinder, {}),
    "io.DataSink": (nio.DataSink, {}), "io.ExportFile": (nio.ExportFile, {}), "io.FreeSurferSource": (nio.FreeSurferSource, {}), "io.JSONFileGrabber": (nio.JSONFileGrabber, {}),
    "io.JSONFileSink": (nio.JSONFileSink, {}), "algorithms.misc.AddCSVRow": (misc.AddCSVRow, {}), "algorithms.misc.Gunzip": (misc.Gunzip, {}),
    "algorithms.confounds.TSNR": (conf.TSNR, {}), "algorithms.confounds.ComputeDVARS": (conf.ComputeDVARS, {}),
    "algorithms.confounds.FramewiseDisplacement": (conf.FramewiseDisplacement, {}), "algorithms.confounds.NonSteadyStateDetector": (conf.NonSteadyStateDetector, {}),
}
out = {}
for name, (cls, params) in classes.items():
    i = cls(**params)
    ins = {}
    for n, t in sorted(i.inputs.items()):
        d = {"mandatory": bool(t.mandatory), "xor": t.xor}
        if t.usedefault:
            v = t.default
            if callable(getattr(t, "default_value", None)):
                v = t.default_value()[1]
            d["default"] = v
        ins[n] = d
    try:
        outs = sorted(i._outputs().get()) if i._outputs() is not None else []
    except Exception:
        outs = []
    out[name] = {"params": params, "inputs": ins, "outputs": outs}
print(json.dumps(out, indent=1, default=list))
