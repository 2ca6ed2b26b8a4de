"""The plugin, with a stand-in for raphe: what it starts, tells and raises."""
import contextlib
import gc
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
from unittest import mock

import workflows
from nipype import Node, Workflow
from nipype.interfaces.utility import Merge

from raphe_nipype import engine
from raphe_nipype.plugin import RaphePlugin

STAND_IN = '''\
#!{python}
"""Tells of each node that it ran, or what $OUTCOME says; says what it was given."""
import json, os, signal, sys, time
given = sys.argv[1:]
events = open(given[given.index("--events") + 1], "w")
outcome = json.loads(os.environ.get("OUTCOME", "{{}}"))
failed = False
def note(word):
    with open(os.environ["WAIT"], "a") as file:
        print(word, file=file)
def tell(event, record, **more):
    more.update(event=event, node=record["label"], instance=record["dir"])
    print(json.dumps(more), file=events, flush=True)
for line in open(given[1]):
    record = json.loads(line)
    if record["kind"] != "node":
        continue
    what = outcome.get(record["label"], "finished")
    if what != "cached":
        tell("started", record)
    failure = {{"cause": "exit status 3", "stderr": "alas"}}
    tell(what, record, **({{"failure": failure}} if what == "failed" else {{}}))
    failed = failed or what == "failed"
if os.environ.get("WAIT"):
    signal.signal(signal.SIGINT, lambda *a: sys.exit(5))
    signal.signal(signal.SIGTERM, lambda *a: (note("ended"), sys.exit(6)))
    note(str(os.getpid()))
    time.sleep(60)
json.dump(given, open(os.path.join(given[given.index("--base-dir") + 1], "given.json"), "w"))
sys.exit(1 if failed else int(os.environ.get("STATUS", "0")))
'''


def stand_in(folder):
    path = os.path.join(folder, "stand-in")
    with open(path, "w") as file:
        file.write(STAND_IN.format(python=sys.executable))
    os.chmod(path, stat.S_IRWXU)
    return path


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.base = os.path.realpath(folder.name)
        environ = {"RAPHE_BINARY": stand_in(self.base), "RAPHE_RUN_ARGS": ""}
        self.environ(**environ)

    def environ(self, **variables):
        patch = mock.patch.dict(os.environ, variables)
        patch.start()
        self.addCleanup(patch.stop)

    def given(self):
        with open(os.path.join(self.base, "given.json")) as file:
            return json.load(file)


class Run(Case):
    def test_command(self):
        plugin = RaphePlugin({"n_procs": 3, "memory_gb": 1.5, "limit": "soft"})
        workflows.flat(self.base, 2).run(plugin=plugin)
        given = self.given()
        definition = os.path.join(self.base, ".raphe/nipype/flat/graph.jsonl")
        self.assertEqual(given[:4], ["run", definition, "--base-dir", self.base])
        self.assertEqual(given[4], "--command")
        self.assertEqual(
            given[6:-2], ["--procs", "3", "--memory", "1536M", "--limit", "soft"]
        )

    def test_arguments_of_raphe_run_win(self):
        copy = os.path.join(self.base, "events")
        self.environ(RAPHE_RUN_ARGS=json.dumps(["--procs=7", "--events=" + copy]))
        workflows.flat(self.base, 2).run(plugin=RaphePlugin({"n_procs": 3}))
        given = self.given()
        self.assertEqual(given[6:-2], ["--procs", "3", "--procs=7"])
        with open(copy) as lines:
            self.assertEqual(len(lines.readlines()), 4)

    def test_record_of_python(self):
        args = {"start_method": "spawn", "maxtasksperchild": 4, "preload": ["colorsys"]}
        workflows.flat(self.base, 2).run(plugin=RaphePlugin(args), updatehash=True)
        with open(self.given()[1]) as lines:
            record = json.loads(lines.readlines()[1])
        self.assertEqual(record["kind"], "python")
        self.assertEqual(record["executable"], sys.executable)
        self.assertTrue(os.path.isfile(os.path.join(record["package"], "raphe_nipype/plugin.py")))
        self.assertEqual(record["folder"], os.path.dirname(self.given()[1]))
        for name, value in args.items():
            self.assertEqual(record[name], value)
        self.assertTrue(record["updatehash"])
        self.assertNotIn("then", record)

    def test_graph_comes_back(self):
        graph = workflows.rich(self.base).run(plugin=RaphePlugin())
        names = sorted(node.fullname for node in graph.nodes())
        self.assertEqual(names.count("rich.start"), 3)
        self.assertGreater(len(graph.edges()), 5)

    def test_workflow_stays(self):
        wf = workflows.flat(self.base, 2)
        wf.run(plugin=RaphePlugin())
        self.assertEqual(wf.get_node("n1").inputs.x, 1)
        wf.run(plugin=RaphePlugin())

    def test_collector_is_left_as_it_was(self):
        gc.unfreeze()
        self.addCleanup(gc.unfreeze)
        plugin = RaphePlugin()
        self.assertGreater(gc.get_freeze_count(), 0)
        workflows.flat(self.base, 1).run(plugin=plugin)
        self.assertEqual(0, gc.get_freeze_count())
        self.environ(STATUS="4")
        with self.assertRaises(RuntimeError):
            workflows.flat(self.base, 1).run(plugin=RaphePlugin())
        self.assertEqual(0, gc.get_freeze_count())
        self.environ(STATUS="0")
        gc.freeze()  # somebody else's
        workflows.flat(self.base, 1).run(plugin=plugin)
        self.assertGreater(gc.get_freeze_count(), 0)

    def test_nothing_to_do(self):
        Workflow("empty", base_dir=self.base).run(plugin=RaphePlugin())
        self.assertFalse(os.path.exists(os.path.join(self.base, "given.json")))

    def test_without_a_folder_it_is_the_current_one(self):
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.base)
        wf = workflows.flat(None, 1)
        merge = Node(Merge(1), name="merge")
        wf.connect(wf.get_node("n0"), "y", merge, "in1")
        graph = wf.run(plugin=RaphePlugin())
        places = sorted(node.output_dir() for node in graph)
        self.assertEqual(places, [os.path.join(self.base, "flat", n) for n in ("merge", "n0")])
        (merge,) = [node for node in graph if node.name == "merge"]
        source = os.path.join(self.base, "flat/n0/result_n0.pklz")
        self.assertEqual(merge.input_source, {"in1": (source, "y")})

    def test_callback(self):
        heard = []
        self.environ(OUTCOME=json.dumps({"flat.n1": "cached", "flat.n2": "failed"}))
        args = {"status_callback": lambda node, status: heard.append((node.name, status))}
        with self.assertRaises(RuntimeError):
            workflows.flat(self.base, 3).run(plugin=RaphePlugin(args))
        self.assertEqual(heard, [
            ("n0", "start"), ("n0", "end"), ("n1", "start"), ("n1", "end"),
            ("n2", "start"), ("n2", "exception"),
        ])

    def test_callback_that_fails_ends_the_run(self):
        def callback(node, status):
            raise KeyError(node.name)

        note = os.path.join(self.base, "note")
        self.environ(WAIT=note)
        with self.assertRaises(KeyError):
            workflows.flat(self.base, 1).run(plugin=RaphePlugin({"status_callback": callback}))


class Failures(Case):
    def test_one(self):
        self.environ(OUTCOME=json.dumps({"flat.n0": "failed"}))
        with self.assertLogs("nipype.workflow", "INFO") as logs:
            with self.assertRaises(RuntimeError) as caught:
                workflows.flat(self.base, 2).run(plugin=RaphePlugin())
        self.assertIn("Node n0", str(caught.exception))
        self.assertIn("exit status 3", str(caught.exception))
        self.assertIn("alas", str(caught.exception))
        self.assertIn("could not run node: flat.n0", "\n".join(logs.output))

    def test_what_the_worker_said(self):
        self.environ(OUTCOME=json.dumps({"flat.n0": "failed"}))
        folder = os.path.join(self.base, ".raphe/nipype/flat/r")
        os.makedirs(folder)
        with open(os.path.join(folder, "0.json"), "w") as file:
            error = {"type": "ValueError", "message": "m", "traceback": "Traceback: so it was"}
            json.dump({"error": error, "crashfile": "/crash.txt"}, file)
        with self.assertLogs("nipype.workflow", "INFO") as logs:
            with self.assertRaisesRegex(RuntimeError, "so it was"):
                workflows.flat(self.base, 2).run(plugin=RaphePlugin())
        self.assertIn("crashfile: /crash.txt", "\n".join(logs.output))

    def test_several(self):
        self.environ(OUTCOME=json.dumps({"flat.n0": "failed", "flat.n1": "failed"}))
        with self.assertRaisesRegex(RuntimeError, "2 raised") as caught:
            workflows.flat(self.base, 2).run(plugin=RaphePlugin())
        self.assertIn("Node n0", str(caught.exception.__cause__))

    def test_raphe_itself(self):
        self.environ(STATUS="3")
        with self.assertRaisesRegex(RuntimeError, "exit status 3"):
            workflows.flat(self.base, 2).run(plugin=RaphePlugin())


class Arguments(Case):
    def test_refused(self):
        for args in ({"start_method": "fork"}, {"maxtasksperchild": -1}, {"n_procs": "many"}):
            with self.subTest(args=args):
                self.assertRaises(ValueError, RaphePlugin, args)

    def test_unknown_ones_are_passed_over(self):
        with self.assertLogs("nipype.workflow", "WARNING") as logs:
            RaphePlugin({"qsub_args": "-q all"})
        self.assertIn("qsub_args", logs.output[0])

    def test_a_worker_runs_one_node(self):
        with self.assertLogs("nipype.workflow", "WARNING") as logs:
            RaphePlugin({"maxtasksperchild": 10})
        self.assertIn("each worker runs one node", logs.output[0])

    def test_more_than_there_is(self):
        wf = workflows.rich(self.base)
        for args in ({"n_procs": 1}, {"memory_gb": 1}):
            with self.subTest(args=args), self.assertRaisesRegex(RuntimeError, "Insufficient"):
                wf.run(plugin=RaphePlugin(args))
            wf.run(plugin=RaphePlugin({**args, "raise_insufficient": False}))

    def test_more_than_the_machine_has(self):
        wf = Workflow("huge", base_dir=self.base)
        wf.add_nodes([Node(Merge(1), name="n", mem_gb=2.0**30)])
        with self.assertRaisesRegex(RuntimeError, "Insufficient"):
            wf.run(plugin=RaphePlugin({"raise_insufficient": True}))
        with self.assertLogs("nipype.workflow", "WARNING") as logs:
            wf.run(plugin=RaphePlugin())
        self.assertIn("exceed the total amount of memory", logs.output[0])

    def test_more_gpus_than_allowed(self):
        class OnGPU(Node):
            def is_gpu_node(self):
                return True

        workflows.OnGPU, OnGPU.__module__, OnGPU.__qualname__ = OnGPU, "workflows", "OnGPU"
        modules = {"nipype.utils.gpu_count": mock.Mock(gpu_count=lambda: 1)}
        wf = Workflow("gpu", base_dir=self.base)
        wf.add_nodes([OnGPU(Merge(1), name="n", n_procs=2)])
        with mock.patch.dict(sys.modules, modules):
            with self.assertRaisesRegex(RuntimeError, "Insufficient GPU"):
                wf.run(plugin=RaphePlugin())
            wf.run(plugin=RaphePlugin({"n_gpu_procs": 2}))
            with open(self.given()[1]) as lines:
                records = [json.loads(line) for line in lines]
            self.assertEqual([r["n_gpu_procs"] for r in records if r["kind"] == "python"], [2])
            self.assertEqual([r["gpu"] for r in records if r["kind"] == "node"], [True])

    def test_binary(self):
        self.assertEqual(engine.binary("/bin/sh"), "/bin/sh")
        self.assertEqual(engine.binary(), os.environ["RAPHE_BINARY"])
        self.assertRaisesRegex(RuntimeError, "/no/such", engine.binary, "/no/such")
        del os.environ["RAPHE_BINARY"]
        self.environ(PATH=self.base)
        with contextlib.suppress(FileNotFoundError):
            os.rename(os.path.join(self.base, "stand-in"), os.path.join(self.base, "raphe"))
        self.assertEqual(engine.binary(), os.path.join(self.base, "raphe"))
        self.environ(PATH="/no/such")
        self.assertRaisesRegex(RuntimeError, "not found", engine.binary)


SCRIPT = """
import os, sys
import raphe_nipype.hook
import workflows
wf = workflows.flat(sys.argv[1], 1)
wf.run(plugin="Raphe", plugin_args={"exec": len(sys.argv) > 2})
print("behind the run")
"""


class Processes(Case):
    """What becomes of raphe and of Python when something ends one of them."""

    def start(self, *args, **variables):
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, self.base, *args],
            cwd=os.path.dirname(os.path.abspath(__file__)),
            env={**os.environ, **variables},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        self.addCleanup(process.kill)
        return process

    def note(self, until):
        """Waits until the stand-in has noted so many words."""
        path = os.path.join(self.base, "note")
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with contextlib.suppress(FileNotFoundError), open(path) as file:
                words = file.read().split()
                if len(words) >= until:
                    return words
            time.sleep(0.02)
        self.fail("the stand-in noted nothing")

    def test_replaced(self):
        given = json.dumps(["--events", "/dev/null"])
        process = self.start("exec", STATUS="4", RAPHE_RUN_ARGS=given)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 4)
        self.assertNotIn("behind the run", out)

    def test_not_replaced(self):
        process = self.start()
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)
        self.assertIn("behind the run", out)

    def test_interrupt_is_passed_on_once(self):
        process = self.start(WAIT=os.path.join(self.base, "note"))
        self.note(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertIn("KeyboardInterrupt", err)
        self.assertNotIn("behind the run", out)

    def test_raphe_ends_with_python(self):
        process = self.start(WAIT=os.path.join(self.base, "note"))
        self.note(1)
        process.kill()
        self.assertEqual(self.note(2)[1], "ended")


class Hook(Case):
    def python(self, text, *args):
        done = subprocess.run(
            [sys.executable, *args, "-c", textwrap.dedent(text)],
            env=dict(os.environ), capture_output=True, text=True, timeout=60,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def test_before_nipype(self):
        out = self.python("""
            import raphe_nipype.hook, sys
            import nipype.pipeline.plugins as plugins
            assert "raphe_nipype.plugin" not in sys.modules
            print(plugins.RaphePlugin.__name__, plugins.LinearPlugin.__name__)
            try:
                plugins.NoSuchPlugin
            except AttributeError as error:
                print(error)
        """)
        self.assertEqual(out.splitlines(), [
            "RaphePlugin LinearPlugin",
            "module 'nipype.pipeline.plugins' has no attribute 'NoSuchPlugin'",
        ])

    def test_after_nipype(self):
        out = self.python("""
            import nipype.pipeline.plugins as plugins
            import raphe_nipype.hook
            print(plugins.RaphePlugin.__name__)
        """)
        self.assertEqual(out, "RaphePlugin")

    def test_imports_nothing(self):
        out = self.python("""
            import sys
            before = set(sys.modules)
            import raphe_nipype.hook
            print(sorted(set(sys.modules) - before))
        """, "-S")
        self.assertEqual(out, "['raphe_nipype', 'raphe_nipype.hook']")


if __name__ == "__main__":
    unittest.main()
