"""Modules that are loaded late are the same modules."""

import subprocess
import sys
import unittest

import handover

START = f"""
import sys
sys.path.insert(0, {str(handover.PACKAGE)!r})
from raphe_nipype import lean
{{before}}
lean.install()
"""


class LeanTest(unittest.TestCase):
    def check(self, code, before=""):
        """Runs code in a Python where the stand-ins are installed; it says what it asserts."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", START.format(before=before) + code],
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_imported_is_not_loaded(self):
        self.check(
            """
import nibabel as nb
from nibabel import load as load_image
import scipy.io as sio
assert type(nb) is lean.LazyModule and type(sio) is lean.LazyModule
assert "nibabel.nifti1" not in sys.modules
load = nb.Nifti1Image.load
assert "nibabel.nifti1" in sys.modules and type(nb) is type(sys)
assert nb is sys.modules["nibabel"] and nb.__spec__.loader is nb.__loader__
assert nb.__path__ and type(sys.modules["scipy"]) is lean.LazyModule
try:
    load_image("/no/such/file")
except FileNotFoundError:
    pass
"""
        )

    def test_module_in_a_package_that_waits(self):
        self.check(
            """
import nibabel.nifti1
from nibabel.orientations import aff2axcodes
import nibabel
assert nibabel.nifti1 is sys.modules["nibabel.nifti1"]
assert nibabel.Nifti1Image is nibabel.nifti1.Nifti1Image
"""
        )

    def test_module_below_is_used_first(self):
        self.check(
            """
import scipy.io as sio
assert callable(sio.loadmat)
import scipy, scipy.io
assert scipy.io is sio and type(scipy) is type(sys)
assert scipy.__version__
"""
        )

    def test_nobody_reads_from_addresses(self):
        self.check(
            """
import nibabel
nibabel.Nifti1Image
lean.settle()
assert "ssl" not in sys.modules and "email" not in sys.modules
import urllib.request
from urllib import request
assert urllib.request is request and type(request) is lean.LazyModule
assert request.Request("file:/x").full_url == "file:/x"
assert "http.client" in sys.modules and type(request) is type(sys)
"""
        )

    def test_package_that_is_there_already(self):
        self.check(
            """
import scipy.io
assert type(scipy.io) is lean.LazyModule
assert callable(scipy.io.loadmat) and type(scipy.io) is type(sys)
""",
            "import scipy",
        )

    def test_what_a_module_lacks(self):
        self.check(
            """
import nibabel
assert not hasattr(nibabel, "no_such_name")
try:
    from nibabel import no_such_name
except ImportError:
    pass
else:
    raise AssertionError
try:
    import nibabel.no_such_module
except ModuleNotFoundError:
    pass
else:
    raise AssertionError
"""
        )

    def test_parts_of_numpy(self):
        self.check(
            """
import numpy as np
assert 0 <= np.random.random() < 1
assert np.ma.array([1, 2], mask=[False, True]).sum() == 1
assert np.polynomial.Polynomial([1, 2])(3) == 7
from numpy.random import RandomState, mtrand
import numpy.fft, numpy.random, pickle
assert numpy.random is np.random is sys.modules["numpy.random"]
assert np.random.RandomState is RandomState is mtrand.RandomState
pickle.loads(pickle.dumps(RandomState(3)))
"""
        )

    def test_many_threads(self):
        self.check(
            """
import nibabel, threading
found = []
def look():
    start.wait()
    found.append(nibabel.Nifti1Image)
start = threading.Barrier(8)
threads = [threading.Thread(target=look) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(found) == 8 and len(set(found)) == 1
"""
        )

    def test_nipype_without_setuptools(self):
        self.check(
            """
import nipype.pipeline.engine
from nipype.interfaces import fsl
assert "pkg_resources" not in sys.modules and "prov" not in sys.modules
assert "nibabel.nifti1" not in sys.modules
import nipype.interfaces.base.core as core
try:
    core.write_provenance(None)
except Exception:
    pass
assert "prov" in sys.modules  # loaded when it is called
"""
        )

    def test_settle_loads_what_others_hold(self):
        self.check(
            """
import nipype.interfaces.fsl
lean.settle()
assert "nibabel.nifti1" not in sys.modules
import types
own = types.ModuleType("own")
own.nib = sys.modules["nibabel"]
sys.modules["own"] = own
lean.settle()
assert "nibabel.nifti1" in sys.modules
"""
        )

    def test_what_is_loaded_stays(self):
        self.check("import nibabel\nassert type(nibabel) is type(sys)\n", before="import nibabel")


if __name__ == "__main__":
    unittest.main()
