"""Settings that a program keeps in a module of its own, as nodes find them in workers."""
import os
import sys
import tempfile
import types
import unittest
from pathlib import Path

from handover import Handover

from raphe_nipype import programs

# A program that is told nothing keeps what stands here.
CONFIG = """
class work:
    threshold, found, place, layout = 0.2, None, None, None
    @classmethod
    def get(cls):
        return cls.threshold
class loggers:
    cli = None
    @classmethod
    def init(cls):
        cls.cli = "a logger"
"""


def look():
    from someprogram import config

    work = config.work
    return [work.get(), work.found, str(work.place), work.layout, config.loggers.cli]


class Programs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.base = Path(os.path.realpath(folder.name))
        package = self.base / "packages" / "someprogram"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        (package / "config.py").write_text(CONFIG)
        sys.path.insert(0, str(package.parent))
        self.addCleanup(sys.path.remove, str(package.parent))

    def config(self):
        """The program's settings as they are when it hands over."""
        from someprogram import config

        for name in ("someprogram", "someprogram.config"):
            self.addCleanup(sys.modules.pop, name, None)
        config.work.threshold, config.work.found = 0.5, [("one", {"run": 1})]
        config.work.place, config.work.layout = Path("/some/where"), types.SimpleNamespace()
        return config

    def test_settings_in_workers(self):
        from nipype import Function, Node, Workflow

        self.config()
        wf = Workflow(name="wf", base_dir=str(self.base))
        wf.add_nodes([Node(Function(function=look), name="node")])
        given = Handover(wf, program="someprogram")
        programs.save("someprogram", str(given.folder))
        reply, status, printed = given.spawn("run", "wf.node")
        self.assertEqual(status, 0, printed)
        told = [0.5, [("one", {"run": 1})], "/some/where", None, "a logger"]
        from nipype.utils.filemanip import loadpkl

        result = loadpkl(str(given.dir("wf.node") / "result_node.pklz"))
        self.assertEqual(result.outputs.out, told)

    def test_no_program(self):
        self.assertIsNone(programs.running())


if __name__ == "__main__":
    unittest.main()
