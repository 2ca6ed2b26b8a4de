"""The tail of a program like fMRIPrep, when raphe has taken its place."""
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest

from test_plugin import stand_in

# A program of the same build, told apart from the real one by doing nothing.
FILES = {
    "config.py": """
        import json, pathlib
        class execution:
            notrack, name = False, None
        class work:
            words, found, path = 0, None, None
        def dumps():
            return json.dumps([execution.notrack, execution.name, work.words, repr(work.path)])
        def to_filename(path):
            with open(path, "w") as file:
                file.write(dumps())
            work.path.write_text(repr(work.found))
        def load(path):
            with open(path) as file:
                execution.notrack, execution.name, work.words, work.path = json.load(file)
    """,
    "cli/parser.py": """
        import sys
        from .. import config
        def parse_args():
            config.execution.name = sys.argv[1]
            config.work.found = [("one", "two")]
            config.work.path = config.pathlib.Path("found")
    """,
    "cli/workflow.py": """
        import sys
        import workflows
        def build_workflow(config_file, retval):
            print("built")
            retval.update(return_code=0, workflow=workflows.flat(sys.argv[2], 1))
            return retval
        def build_boilerplate(config_file, workflow):
            print("boilerplate")
    """,
    "cli/watch.py": """
        import os
        from multiprocessing import Process
        class Watch(Process):
            def __init__(self):
                Process.__init__(self, name="watch", daemon=True)
                self.of = os.getpid()
            def run(self):
                print("watched by another:", os.getpid() != self.of, flush=True)
    """,
    "cli/run.py": """
        import sys
        def main():
            from multiprocessing import Manager, Process
            from .parser import parse_args
            from .workflow import build_workflow
            from .. import config
            config.work.words = len(sys.argv)
            parse_args()
            config.to_filename("settings.json")
            from .watch import Watch
            watch = Watch()
            watch.start()
            watch.join()
            if watch.exitcode:
                sys.exit(2)
            config.load("settings.json")
            retval = build_workflow("settings.json", {})
            with Manager() as manager:
                from .workflow import build_boilerplate
                process = Process(target=build_boilerplate, args=("settings.json", None))
                process.start()
                process.join()
            failed = 1
            try:
                retval["workflow"].run("Raphe", plugin_args={"exec": True})
                failed = 0
            finally:
                import multiprocessing
                words = "report of", config.execution.name, config.work.found, config.work.words
                process = multiprocessing.Process(target=print, args=words)
                process.start()
                process.join()
                sys.exit(failed)
    """,
    "__main__.py": """
        import raphe_nipype.hook
        from .cli.run import main
        main()
    """,
}

# Raphe at its end: the folder's definition says what takes its place.
RAPHE = """#!{python}
import json, os, sys
print("ran", flush=True)
record = json.loads(open(sys.argv[2]).readlines()[1])
then = record["then"] + ["{status}"]
os.execv(then[0], then)
"""


class Finish(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.base = os.path.realpath(folder.name)
        for name, text in FILES.items():
            path = os.path.join(self.base, "fmriprep", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(textwrap.dedent(text))

    def outcome(self, status):
        path = stand_in(self.base)
        with open(path, "w") as file:
            file.write(RAPHE.format(python=sys.executable, status=status))
        tests = os.path.dirname(os.path.abspath(__file__))
        path = os.pathsep.join([self.base, tests, os.environ.get("PYTHONPATH", "")])
        binary = os.path.join(self.base, "stand-in")
        environ = {**os.environ, "RAPHE_BINARY": binary, "PYTHONPATH": path}
        return subprocess.run(
            [sys.executable, "-m", "fmriprep", "sub-01", self.base],
            env=environ, cwd=self.base, capture_output=True, text=True, timeout=120,
        )

    def test_success(self):
        done = self.outcome(0)
        self.assertEqual(done.returncode, 0, done.stderr)
        # What the program's own file does not hold is there again, too.
        report = "report of sub-01 [('one', 'two')] 3"
        said = ("built", "boilerplate", "ran\n", report)
        order = [done.stdout.index(words) for words in said]
        self.assertEqual(order, sorted(order))
        self.assertEqual(done.stdout.count("built"), 1)
        self.assertEqual(done.stdout.count("watched by another: True"), 2)

    def test_failure(self):
        done = self.outcome(1)
        self.assertEqual(done.returncode, 1)
        self.assertIn("report of sub-01", done.stdout)


if __name__ == "__main__":
    unittest.main()
