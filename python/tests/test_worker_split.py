"""Command-line nodes in parts leave what Linear leaves, whatever their class overrides."""

import gzip
import json
import os
import pickle
import re
import unittest
from pathlib import Path

import handover
import tools_of_tests as tools
from nipype import MapNode, Node

# What differs between two runs of one node, in any place and at any time.
TIMES = re.compile(r"\* (duration|hostname|prev_wd|platform|startTime|endTime) : .*")
RUNTIME = ("cmdline", "stdout", "stderr", "merged", "returncode")
CLOCK = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+")


def tree(base):
    """All files below base with what is in them, times and the name of base aside."""
    found = {}
    for folder, below, names in os.walk(base):
        if ".raphe" in below:
            below.remove(".raphe")
        for name in names:
            path = Path(folder, name)
            found[str(path.relative_to(base))] = content(path, str(base))
    return found


def content(path, base):
    if path.name.startswith("result_") and path.suffix == ".pklz":
        with gzip.open(path) as file:
            result = pickle.load(file)
        runtime = result.runtime
        seen = [getattr(runtime, name, None) for name in RUNTIME]
        seen[3] = sorted(CLOCK.sub("", seen[3] or "").split("\n"))
        outputs = result.outputs.get() if result.outputs is not None else None
        text = repr((outputs, result.inputs, seen))
    elif path.suffix == ".pklz":
        with gzip.open(path) as file:
            record = pickle.load(file)
        text = repr(record if isinstance(record, dict) else record.inputs)
    else:
        text = path.read_bytes().decode("utf-8", "backslashreplace")
        if path.name == "report.rst":
            # In which order lines of two streams came is known to Linear alone.
            text = TIMES.sub("", re.sub(r" ?std(out|err) \d{4}-.*", "", text))
    text = re.sub(r"> tmp\w{8}\b|: tmp\w{8}\b", "RANDOM", text)
    return CLOCK.sub("TIME", text).replace(os.path.dirname(os.path.dirname(base)), "BASE")


class SplitTest(handover.HandoverTest):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "in.txt"
        self.file.write_text("abc\n")
        (self.folder / "more").mkdir()
        (self.folder / "more" / "in.txt").write_text("aaa\n")

    def both(self, make, fails=False, whole=False, settings=None):
        """Runs a node by Linear and by parts; compares; gives the reply and the commands."""
        linear = self.workflow(make(), place="a")
        linear.config["execution"].update(settings or {})
        if fails:
            self.assertRaises(Exception, linear.run, plugin="Linear")
        else:
            linear.run(plugin="Linear")
        parts = self.workflow(make(), place="b")
        parts.config["execution"].update(settings or {})
        given = handover.Handover(parts)
        reply, commands, printed = given.by_parts("wf.node")
        self.assertEqual("is run whole" in printed, whole, printed)
        self.assertEqual("error" in reply, fails, f"{reply}\n{printed}")
        theirs, mine = (tree(self.folder / place / "wf" / "node") for place in "ab")
        self.maxDiff = None
        self.assertEqual(mine, theirs)
        if not fails:
            again, status, printed = given.work("prepare", "wf.node")
            self.assertEqual((again.get("cached"), status), (True, 0), printed)
            self.assertEqual(again["outputs"], reply["outputs"])
        return reply, commands

    def one(self, interface, **inputs):
        def make():
            node = Node(interface(), name="node")
            node.inputs.trait_set(**{"in_file": str(self.file), **inputs})
            return node

        return make

    def test_plain(self):
        reply, commands = self.both(self.one(tools.Upper))
        self.assertEqual([c["cmdline"].split()[0] for c in commands], ["tr"])
        self.assertEqual(Path(reply["outputs"]["out_file"]).read_text(), "ABC\n")
        self.assertGreaterEqual(reply["runtime"]["duration"], 1.5)

    def test_hash_of_content(self):
        self.both(self.one(tools.Upper), settings={"hash_method": "content"})

    def test_hooks(self):
        reply, _ = self.both(self.one(tools.Hooked))
        self.assertEqual(Path(reply["outputs"]["sidecar"]).read_text(), "before, after tr")

    def test_several_commands(self):
        reply, commands = self.both(self.one(tools.Twice))
        self.assertEqual(len(commands), 3)

    def test_version_is_asked_in_python(self):
        _, commands = self.both(self.one(tools.Asking))
        self.assertEqual(len(commands), 1)

    def test_own_run(self):
        self.both(self.one(tools.OwnRun))

    def in_place(self, interface):
        files = [str(self.file), str(self.folder / "more" / "in.txt")]

        def make():
            node = Node(interface(), name="node")
            node.inputs.in_files = files
            return node

        reply, commands = self.both(make)
        self.assertEqual(len(commands), 1)
        found = [Path(f).read_text() for f in reply["outputs"]["out_files"]]
        self.assertEqual(found[:2], ["bbc\n", "baa\n"])
        self.assertEqual([Path(f).read_text() for f in files], ["abc\n", "aaa\n"])

    def test_inputs_changed_in_place(self):
        self.in_place(tools.InPlace)

    def test_class_that_clears_away_its_results(self):
        self.in_place(tools.Clearing)

    def test_what_can_be_done_once_in_a_directory(self):
        self.both(self.one(tools.Once))

    def test_left_of_a_killed_worker(self):
        given = handover.Handover(self.workflow(self.one(tools.Once)()))
        given.work("prepare", "wf.node")
        directory = given.dir("wf.node")
        directory.rename(directory.parent / "node.held")
        reply, commands, printed = given.by_parts("wf.node")
        self.assertIn("outputs", reply, printed)
        self.assertFalse((directory.parent / "node.held").exists())

    def test_other_command_each_time_runs_whole(self):
        reply, commands = self.both(self.one(tools.Random), whole=True)
        self.assertEqual(len(commands), 1)

    def test_without_its_record_runs_whole(self):
        workflow = self.workflow(self.one(tools.Upper)())
        given = handover.Handover(workflow)
        command = given.work("prepare", "wf.node")[0]["command"]
        result = given.execute(command, 0)
        (given.folder / "n" / "0.split").unlink()
        reply, status, printed = given.work("collect", "wf.node", results=[result])
        self.assertEqual(status, 0, printed)
        self.assertEqual(Path(reply["outputs"]["out_file"]).read_text(), "ABC\n")
        self.assertIn("is run whole", printed)

    def test_command_in_another_directory_is_not_handed_over(self):
        _, commands = self.both(self.one(tools.Aside))
        self.assertEqual(commands, [])

    def speak(self, output="allatonce", **inputs):
        def make():
            node = Node(tools.Speak(**inputs), name="node")
            node.interface.terminal_output = output
            return node

        return make

    def test_terminal_output(self):
        modes = ("stream", "allatonce", "file", "file_split", "file_stdout", "file_stderr", "none")
        for i, mode in enumerate(modes):
            with self.subTest(mode):
                self.folder = self.folder.parent / self.folder.name / str(i)
                self.folder.mkdir()
                self.both(self.speak(mode, text="one\\ntwo  \\nthree"))

    def test_status_that_is_a_success(self):
        self.both(self.speak(text="fine\\n", status=1))

    def test_tool_fails(self):
        reply, _ = self.both(self.speak(text="before the end\\n", status=3), fails=True)
        error = reply["error"]
        self.assertEqual(error["type"], "RuntimeError")
        self.assertEqual(error["message"], "subprocess exited with code 3")
        self.assertEqual(error["stderr"], "heard")
        crash = Path(reply["crashfile"]).read_text()
        for part in ("before the end", "heard", "exited with code 3", "text = before"):
            self.assertIn(part, crash)

    def test_no_such_command(self):
        def make():
            node = Node(tools.Upper(command="no-such-tool-here"), name="node")
            node.inputs.in_file = str(self.file)
            return node

        reply, commands = self.both(make, fails=True)
        self.assertEqual(commands, [])
        self.assertIn("no-such-tool-here", reply["error"]["message"])

    def test_mandatory_input_is_missing(self):
        reply, _ = self.both(lambda: Node(tools.Upper(), name="node"), fails=True)
        self.assertEqual(reply["error"]["type"], "ValueError")
        self.assertIn("requires a value for input 'in_file'", reply["error"]["message"])

    def test_map_node_runs_whole(self):
        def make():
            node = MapNode(tools.Upper(), iterfield=["in_file"], name="node", serial=True)
            node.inputs.in_file = [str(self.file), str(self.folder / "more" / "in.txt")]
            return node

        workflow = self.workflow(make())
        reply, commands, _ = handover.Handover(workflow).by_parts("wf.node")
        self.assertEqual(commands, [])
        self.assertEqual(len(reply["outputs"]["out_file"]), 2)


if __name__ == "__main__":
    unittest.main()
