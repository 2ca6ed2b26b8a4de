"""Workers by themselves: what each operation does and answers."""

import json
import os
import pickle
import sys
import unittest
from pathlib import Path

import handover
import tools_of_tests as tools
from nipype import Function, MapNode, Node, Workflow


def double(x):
    print("doubling", x)
    return 2 * x


def text(x):
    return str(x)


def write(name, text):
    import os

    with open(name, "w") as file:
        file.write(text)
    return os.path.abspath(name)


def several():
    import numpy

    return (1, 2.5), {3: None}, numpy.float64(0.5), numpy.arange(3), object


def wrong(x):
    raise KeyError("no such thing")


def leave(x):
    raise SystemExit(3)


def die(x):
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)


def function(body, name="node", **inputs):
    node = Node(Function(function=body, output_names=["out"]), name=name)
    node.inputs.trait_set(**inputs)
    return node


class RunTest(handover.HandoverTest):
    def given(self, *nodes, **more):
        return handover.Handover(self.workflow(*nodes), **more)

    def test_runs_and_then_finds_it_cached(self):
        given = self.given(function(double, x=21))
        for work in (given.work, given.spawn):
            reply, status, printed = work("run", "wf.node")
            self.assertEqual((reply["outputs"], status), ({"out": 42}, 0), printed)
        self.assertTrue(reply["cached"])
        reply, _, printed = given.work("run", "wf.node", force=True)
        self.assertFalse(reply["cached"])
        self.assertIn("doubling 21", printed)
        self.assertGreater(reply["runtime"]["duration"], 0)

    def test_what_only_a_session_has(self):
        class Gone(Function):
            pass

        main = sys.modules["__main__"]
        Gone.__module__, Gone.__qualname__, main.Gone = "__main__", "Gone", Gone
        self.addCleanup(vars(main).pop, "Gone")
        node = Node(Gone(function=double, output_names=["out"]), name="node")
        reply, status, _ = self.given(node).spawn("run", "wf.node")
        self.assertEqual(status, 1)
        self.assertIn("Put it into a module", reply["error"]["message"])

    def test_linear_finds_it_cached(self):
        node = function(write, name="node")
        node.inputs.trait_set(name="x.txt", text="one")
        reply, _, printed = self.given(node).work("run", "wf.node")
        written = Path(reply["outputs"]["out"])
        before = written.stat().st_mtime_ns
        node = function(write, name="node")
        node.inputs.trait_set(name="x.txt", text="one")
        self.workflow(node).run(plugin="Linear")
        self.assertEqual(written.stat().st_mtime_ns, before)

    def test_values_of_upstream(self):
        one, two = function(double, name="one", x=4), function(double, name="two")
        workflow = self.workflow(one, two)
        workflow.connect(one, ("out", text), two, "x")
        given = handover.Handover(workflow)
        given.work("run", "wf.one")
        reply, _, printed = given.work("run", "wf.two")
        self.assertEqual(reply["outputs"], {"out": "88"}, printed)

    def test_values_of_all_kinds(self):
        names = ["tuple", "dict", "number", "array", "class"]
        node = Node(Function(function=several, output_names=names), name="node")
        reply, _, printed = self.given(node).work("run", "wf.node")
        outputs = reply["outputs"]
        self.assertEqual(outputs["tuple"], {"$tuple": [1, 2.5]})
        self.assertEqual(outputs["dict"], {"$dict": [[3, {"$none": True}]]})
        self.assertEqual(outputs["number"], 0.5)
        self.assertEqual(list(outputs["array"]), ["$opaque"])
        self.assertEqual(list(outputs["class"]), ["$opaque"])

    def test_exception(self):
        reply, status, printed = self.given(function(wrong, x=17)).work("run", "wf.node")
        self.assertEqual(status, 1)
        self.assertEqual(reply["error"]["type"], "KeyError")
        self.assertEqual(reply["error"]["message"], "'no such thing'")
        self.assertIn('line 2, in wrong', reply["error"]["traceback"])
        crash = Path(reply["crashfile"]).read_text()
        self.assertIn("x = 17", crash)
        self.assertIn("KeyError: 'no such thing'", crash)
        self.assertNotIn("raphe_nipype", crash)

    def test_exit_in_a_function_is_a_failure(self):
        reply, status, _ = self.given(function(leave, x=1)).work("run", "wf.node")
        self.assertEqual((reply["error"]["type"], status), ("SystemExit", 1))

    def test_killed(self):
        given = self.given(function(die, x=5))
        reply, status, _ = given.work("run", "wf.node")
        self.assertEqual((reply, status), (None, -9))
        (given.folder / "out").write_text("last words\n")
        result = {"message": "killed by signal 9", "stdout": str(given.folder / "out")}
        reply, status, _ = given.work("crash", "wf.node", result=result)
        self.assertEqual(status, 0)
        crash = Path(reply["crashfile"]).read_text()
        for part in ("Node: wf.node", "x = 5", "killed by signal 9", "last words"):
            self.assertIn(part, crash)

    def test_blob_that_cannot_be_read(self):
        given = self.given(function(double, x=1))
        (given.folder / "n" / "0.pkl").write_bytes(b"\x80\x04cno.such.module\nThing\n.")
        reply, status, _ = given.spawn("run", "wf.node")
        self.assertEqual((reply["error"]["type"], status), ("ModuleNotFoundError", 1))

    def test_updatehash(self):
        given = self.given(function(double, x=1))
        given.work("run", "wf.node")
        given = self.given(function(double, x=2))
        reply, _, printed = given.work("run", "wf.node", updatehash=True)
        self.assertEqual((reply["outputs"], reply["cached"]), ({"out": 2}, True), printed)

    def test_settings_of_the_node(self):
        node = function(wrong, x=1)
        node.config = {"execution": {"crashdump_dir": str(self.folder / "own")}}
        reply, _, _ = self.given(node).work("run", "wf.node")
        self.assertEqual(Path(reply["crashfile"]).parent, self.folder / "own")

    def test_where_it_works_and_what_it_sees(self):
        def look():
            import os
            import sys

            return [os.environ.get("SEEN"), "GONE" in os.environ, sys.path[-1]]

        os.environ["GONE"] = "1"
        self.addCleanup(os.environ.pop, "GONE")
        given = self.given(function(look), environ={"SEEN": "yes", "GONE": None})
        content = json.loads((given.folder / "config.json").read_text())
        content["path"] = content["path"] + ["/some/where"]
        (given.folder / "config.json").write_text(json.dumps(content))
        reply, _, printed = given.spawn("run", "wf.node")
        self.assertEqual(reply["outputs"]["out"], ["yes", False, "/some/where"], printed)


class ProbesTest(handover.HandoverTest):
    """What is asked of tools is asked once for each state of the tool."""

    def setUp(self):
        super().setUp()
        self.tool = self.folder / "tool"
        self.write(1)

    def write(self, version):
        says = f"echo asked >> {self.folder}/asked\necho version {version}\n"
        self.tool.write_text("#!/bin/sh\n" + says)
        self.tool.chmod(0o755)

    def test_libraries(self):
        from raphe_nipype import probes

        asked = []

        def ask(name, environ):
            asked.append(name)
            return b"answer %d" % len(asked)

        get = probes.libraries(str(self.folder), ask)
        environ = {"PATH": str(self.folder)}
        self.assertEqual([get("tool", environ), get("tool", environ)], [b"answer 1"] * 2)
        self.assertEqual(get("tool", {**environ, "LD_PRELOAD": "x"}), b"answer 2")
        self.write("1.1")
        self.assertEqual(get("tool", environ), b"answer 3")
        self.assertEqual([get("none", environ), get("none", environ)], [b"answer 4", b"answer 5"])

    def test_versions(self):
        from raphe_nipype import probes

        ask = tools.Version.__mro__[1].__dict__["version"].__func__

        def version():
            class Fresh(tools.Version):
                _version = None
                version_cmd = f"{self.tool} --version"
                version = probes.versions(str(self.folder), ask)

            return Fresh.version()

        self.assertEqual([version(), version()], ["1", "1"])
        self.write("2.0")
        self.assertEqual([version(), version()], ["2.0", "2.0"])
        self.assertEqual((self.folder / "asked").read_text(), "asked\n" * 2)
        self.tool.unlink()
        self.assertIsNone(version())


class MapTest(handover.HandoverTest):
    def given(self, count, **more):
        node = MapNode(tools.Upper(), iterfield=["in_file"], name="node", **more)
        paths = [self.folder / f"in{i}.txt" for i in range(count)]
        for i, path in enumerate(paths):
            path.write_text(f"text {i}")
        node.inputs.in_file = [str(path) for path in paths]
        return handover.Handover(self.workflow(node))

    def test_elements_and_the_whole(self):
        given = self.given(3)
        elements = given.work("expand", "wf.node")[0]["elements"]
        self.assertEqual([e["result"] for e in elements], ["_node0", "_node1", "_node2"])
        self.assertEqual([e["dir"] for e in elements][2], "wf/node/mapflow/_node2")
        self.assertEqual(elements[1]["inputs"], {"in_file": str(self.folder / "in1.txt")})
        times = []
        for element in elements:
            results, commands, printed = given.by_parts(element["blob"])
            self.assertEqual(len(commands), 1, printed)
            times.append(Path(results["outputs"]["out_file"]).stat().st_mtime_ns)
        reply, _, printed = given.work("run", "wf.node")
        outputs = reply["outputs"]["out_file"]
        self.assertEqual([Path(f).read_text() for f in outputs], ["TEXT 0", "TEXT 1", "TEXT 2"])
        self.assertEqual([Path(f).stat().st_mtime_ns for f in outputs], times, printed)
        self.assertTrue(given.work("run", "wf.node")[0]["cached"])

    def test_elements_are_the_same_each_time(self):
        given = self.given(2)
        first = given.work("expand", "wf.node")[0]
        self.assertEqual(given.spawn("expand", "wf.node")[0], first)

    def test_elements_whose_crashes_go_elsewhere_are_the_same(self):
        digests, folders = set(), []
        for run in ("one", "another_one"):
            folders.append(str(self.folder / run))
            node = MapNode(tools.Upper(), iterfield=["in_file"], name="node")
            node.inputs.in_file = [__file__, handover.__file__]
            node.config = {"execution": {"crashdump_dir": folders[-1]}}
            given = handover.Handover(self.workflow(node))
            elements = given.work("expand", "wf.node")[0]["elements"]
            digests.add(tuple(element["sha256"] for element in elements))
            blob = pickle.loads((given.folder / elements[0]["blob"]).read_bytes())
            self.assertEqual(blob.config["execution"]["crashdump_dir"], folders[-1])
        self.assertEqual(len(digests), 1)

    def test_few_elements_and_serial_are_not_expanded(self):
        for count, more in ((1, {}), (3, {"serial": True})):
            with self.subTest(count=count, **more):
                given = self.given(count, **more)
                self.assertEqual(given.work("expand", "wf.node")[0], {"elements": []})
                reply, status, printed = given.work("run", "wf.node")
                self.assertEqual(status, 0, printed)
                self.assertEqual(len(reply["outputs"].get("out_file", [])), count)

    def test_expanding_what_has_no_list(self):
        node = MapNode(tools.Upper(), iterfield=["in_file"], name="node")
        reply, status, _ = handover.Handover(self.workflow(node)).work("expand", "wf.node")
        self.assertEqual((reply["error"]["type"], status), ("ValueError", 1))
        self.assertTrue(Path(reply["crashfile"]).exists())


class ScriptTest(handover.HandoverTest):
    """Classes of the script itself, pickled as __main__.Name."""

    SCRIPT = '''
import os
import sys
from nipype import Node, Workflow
from nipype.interfaces.base import BaseInterface, BaseInterfaceInputSpec, TraitedSpec, traits

class In(BaseInterfaceInputSpec):
    x = traits.Int()

class Out(TraitedSpec):
    y = traits.Int()

class Own(BaseInterface):
    input_spec, output_spec = In, Out

    def _run_interface(self, runtime):
        return runtime

    def _list_outputs(self):
        return {"y": self.inputs.x + int(sys.argv[1])}

w = Workflow("wf", base_dir=os.path.abspath("a"))
w.add_nodes([Node(Own(x=3), name="node")])
if len(sys.argv) > 2:
    sys.path.insert(0, sys.argv[2])
    import handover
    h = handover.Handover(w, main={"path": __file__, "argv": sys.argv[:2]})
    reply, status, printed = h.spawn("run", "wf.node")
    print(reply, status, printed)
    reply, status, printed = h.spawn("run", "wf.node")
    print(reply, status, printed)
else:
    w.run()
'''

    def test_own_interface(self):
        import subprocess
        import sys

        (self.folder / "script.py").write_text(self.SCRIPT)
        argv = [sys.executable, "script.py", "4", str(handover.HERE)]
        out = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
        self.assertIn("'outputs': {'y': 7}, 'cached': False", out)
        self.assertIn("'outputs': {'y': 7}, 'cached': True", out)
        again = subprocess.run([sys.executable, "script.py", "4"], capture_output=True, text=True)
        self.assertIn("cached", again.stdout + again.stderr)  # Linear, over the worker's results


if __name__ == "__main__":
    unittest.main()
