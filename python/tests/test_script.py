"""Scripts that are run as they stand, and the scripts' own modules in workers."""
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest

from test_plugin import stand_in

from raphe_nipype import script


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.base = os.path.realpath(folder.name)

    def write(self, text, name="a script.py"):
        path = os.path.join(self.base, name)
        with open(path, "w") as file:
            file.write(textwrap.dedent(text))
        return path

    def python(self, *args, **variables):
        environ = {**os.environ, "RAPHE_BINARY": stand_in(self.base), "RAPHE_RUN_ARGS": ""}
        return subprocess.run(
            [sys.executable, *args], env={**environ, **variables}, cwd=self.base,
            capture_output=True, text=True, timeout=120,
        )

    def run_script(self, path, *args, **variables):
        return self.python("-m", "raphe_nipype.script", path, *args, **variables)


WORKFLOW = """
    import os, sys
    from nipype import Function, Node, Workflow
    def double(x):
        return 2 * x
    wf = Workflow("wf", base_dir=os.path.dirname(os.path.abspath(__file__)))
    node = Node(Function(["x"], ["y"], function=double), name="node")
    node.inputs.x = 1
    wf.add_nodes([node])
"""


class Script(Case):
    def given(self):
        with open(os.path.join(self.base, "given.json")) as file:
            return json.load(file)

    def test_any_plugin(self):
        """Of several workflows in one script, each names another plugin."""
        calls = (
            "wf.run()", "wf.run('Linear')", "wf.run(plugin='Debug')", "wf.run('Raphe')",
            "wf.run('SGE', plugin_args={'qsub_args': '-q all'}, updatehash=True)",
            "from nipype.pipeline.plugins import LinearPlugin; wf.run(LinearPlugin())",
        )
        given = os.path.join(self.base, "given.json")
        after = [f"{call}\nos.remove({given!r})" for call in calls]
        done = self.run_script(self.write("\n".join([textwrap.dedent(WORKFLOW), *after])))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_arguments_that_mean_something(self):
        path = self.write(textwrap.dedent(WORKFLOW) + textwrap.dedent("""
            wf.run("MultiProc", plugin_args={"n_procs": 2, "non_daemon": True})
        """))
        done = self.run_script(path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.given()[6:8], ["--procs", "2"])
        self.assertNotIn("non_daemon", done.stderr)

    def test_as_python_runs_it(self):
        text = """
            import json, sys
            print(json.dumps([__name__, __file__, sys.argv, sys.path[0]]))
            sys.exit(3)
        """
        path = self.write(text)
        for args in ((path, "one", "--two"), ("a script.py",)):
            with self.subTest(args=args):
                plain, ours = self.python(*args), self.run_script(*args)
                self.assertEqual(ours.stdout, plain.stdout)
                self.assertEqual(ours.returncode, 3)

    def test_an_exception_is_told(self):
        done = self.run_script(self.write("def f():\n    raise KeyError('gone')\nf()\n"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("raise KeyError('gone')", done.stderr)
        self.assertIn("KeyError: 'gone'", done.stderr)

    def test_kept_arguments(self):
        args = {"n_procs": 2, "qsub_args": "", "exec": True}
        self.assertEqual(script.kept("MultiProc", args), {"n_procs": 2, "exec": True})
        self.assertEqual(script.kept(None, None), {"raise_insufficient": False})


UNPICKLE = """
    import json, os, pickle, sys
    from raphe_nipype import mainmodule
    base = sys.argv[1]
    with open(os.path.join(base, ".raphe/nipype/wf/config.json")) as file:
        mainmodule.restore(json.load(file)["main"])
    with open(os.path.join(base, ".raphe/nipype/wf/n/0.pkl"), "rb") as blob:
        node = pickle.load(blob)
    print(node.interface.run().outputs.y, type(node.interface).__module__, sys.argv[1:] == [base])
"""

OWN = """
    import os, sys
    import raphe_nipype.hook
    from nipype import Node, Workflow
    from nipype.interfaces.base import SimpleInterface, TraitedSpec, traits
    print("started", sys.argv[1:])
    class Spec(TraitedSpec):
        y = traits.Int()
    class Own(SimpleInterface):
        input_spec = output_spec = Spec
        def _run_interface(self, runtime):
            self._results["y"] = 7
            return runtime
    {guard}
        wf = Workflow("wf", base_dir=os.path.dirname(os.path.abspath(__file__)))
        wf.add_nodes([Node(Own(), name="own")])
        wf.run("Raphe")
        print("behind the run")
"""


class OwnModule(Case):
    """A class that the script defines is found by a process that is no script."""

    def check(self, *command):
        done = self.python(*command, PYTHONPATH=os.pathsep.join(sys.path + [self.base]))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("behind the run", done.stdout)
        done = self.python(self.write(UNPICKLE, "unpickle.py"), self.base,
                           PYTHONPATH=os.pathsep.join(sys.path + [self.base]))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines(), ["started ['an argument']", "7 __main__ True"])

    def write_own(self, guard):
        return self.write(textwrap.dedent(OWN).replace("{guard}", guard), "own.py")

    def test_guarded(self):
        self.check(self.write_own('if __name__ == "__main__":'), "an argument")

    def test_not_guarded(self):
        """A class behind another workflow, in a script that raphe run started."""
        path = self.write_own("if True:")
        with open(path) as file:
            text = file.read()
        first = text.replace("Own", "Other").replace("own", "other").replace('"wf"', '"first"')
        with open(path, "w") as file:
            file.write("from __future__ import annotations\n" + first + text)
        self.check("-m", "raphe_nipype.script", path, "an argument")

    def test_a_module(self):
        self.write_own("if True:")
        self.check("-m", "own", "an argument")


if __name__ == "__main__":
    unittest.main()
