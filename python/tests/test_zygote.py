"""The template: workers are born of it, and are children of who started it."""

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import unittest

import handover
from nipype import Function, Node

PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 120


def look():
    import os
    import random
    import signal
    import sys

    import numpy

    with open("/proc/self/stat") as file:
        parent = int(file.read().rpartition(")")[2].split()[1])
    return {
        "parent": parent,
        "group": os.getpgid(0) == os.getpid(),
        "input": os.readlink("/proc/self/fd/0"),
        "files": len(os.listdir("/proc/self/fd")),
        "random": [random.random(), float(numpy.random.random())],
        "preloaded": "calendar" in sys.modules,
    }


def speak():
    import os
    import sys

    print("to output")
    os.system("echo of a child >&2")
    return 1


def wait(path):
    import signal

    open(path, "w").close()
    signal.pause()


def private():
    found = {}
    with open("/proc/self/smaps_rollup") as file:
        for line in file:
            name, _, rest = line.partition(":")
            if rest.endswith("kB\n"):
                found[name] = int(rest.split()[0])
    return found["Private_Dirty"] + found["Private_Clean"]


class Template:
    """A running template, spoken to as Raphe does."""

    def __init__(self, given):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        self.given = given
        self.log = open(given.folder / "log", "w+")
        program = handover.PACKAGE / "raphe_nipype" / "zygote.py"
        self.process = subprocess.Popen(
            [sys.executable, str(program), str(given.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            bufsize=0,
            cwd="/",
        )
        self.number = 0
        self.ready = self.answer()

    def answer(self):
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        assert ready, "the template does not answer"
        return json.loads(self.process.stdout.readline() or "null")

    def order(self, op, name, **more):
        """Asks for a worker; gives its process number and where its reply will be."""
        ask, reply = self.given.request(op, name, **more)
        self.number += 1
        order = {"id": self.number, "request": str(ask), "dir": str(self.given.folder)}
        for stream in ("stdout", "stderr"):
            order[stream] = str(self.given.folder / stream)
        self.process.stdin.write((json.dumps(order) + "\n").encode())
        answer = self.answer()
        assert answer["id"] == self.number, answer
        return answer["pid"], reply

    def work(self, op, name, **more):
        pid, reply = self.order(op, name, **more)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return json.loads(reply.read_text()) if reply.exists() else None, status

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.log.close()
        return status


class ZygoteTest(handover.HandoverTest):
    def given(self, **bodies):
        nodes = []
        for name, body in bodies.items():
            node = Node(Function(function=body, output_names=["out"]), name=name)
            nodes.append(node)
        workflow = self.workflow(*nodes)
        for node in nodes:
            if "path" in node.inputs.copyable_trait_names():
                node.inputs.path = str(self.folder / "mark")
        return handover.Handover(workflow, preload=["calendar", "no.such.module", "numpy"])

    def template(self, given):
        template = Template(given)
        self.addCleanup(template.close)
        self.assertEqual(template.ready, {"ready": True})
        return template

    def test_what_a_worker_finds(self):
        template = self.template(self.given(one=look, two=look))
        seen = []
        for name in ("wf.one", "wf.two"):
            reply, status = template.work("run", name)
            self.assertEqual(status, 0)
            seen.append(reply["outputs"]["out"])
        self.assertEqual(seen[0]["parent"], os.getpid())
        self.assertEqual([s["group"] for s in seen], [True, True])
        self.assertEqual(seen[0]["input"], os.devnull)
        self.assertEqual(seen[0]["files"], seen[1]["files"])
        self.assertTrue(seen[0]["preloaded"])
        for i in range(2):
            self.assertNotEqual(seen[0]["random"][i], seen[1]["random"][i])
        template.log.seek(0)
        self.assertIn("preload no.such.module", template.log.read())

    def test_output_goes_where_it_was_told(self):
        given = self.given(one=speak)
        self.template(given).work("run", "wf.one")
        self.assertIn("to output\n", (given.folder / "stdout").read_text())
        self.assertIn("of a child\n", (given.folder / "stderr").read_text())

    def test_many_at_once(self):
        given = self.given(**{f"n{i}": speak for i in range(12)})
        template = self.template(given)
        born = [template.order("run", f"wf.n{i}") for i in range(12)]
        for pid, reply in born:
            self.assertEqual(os.waitpid(pid, 0)[1], 0)
            self.assertEqual(json.loads(reply.read_text())["outputs"], {"out": 1})

    def test_killed_worker_does_not_hurt_the_template(self):
        given = self.given(one=wait, two=speak)
        template = self.template(given)
        pid, reply = template.order("run", "wf.one")
        os.kill(pid, signal.SIGKILL)
        self.assertEqual(os.waitpid(pid, 0)[1], signal.SIGKILL)
        self.assertFalse(reply.exists())
        self.assertEqual(template.work("run", "wf.two")[1], 0)

    def test_workers_outlive_the_template(self):
        template = Template(self.given(one=wait))
        pid, _ = template.order("run", "wf.one")
        self.assertEqual(template.close(), 0)
        os.kill(pid, 0)
        os.kill(pid, signal.SIGTERM)
        self.assertEqual(os.waitpid(pid, 0)[1], signal.SIGTERM)

    def test_workers_end_with_who_started_the_template(self):
        given = self.given(one=wait)
        reading, writing = os.pipe()
        starter = os.fork()
        if starter == 0:
            try:
                template = Template(given)
                pid, _ = template.order("run", "wf.one")
                while not (self.folder / "mark").exists():
                    select.select([], [], [], 0.01)
                os.write(writing, b"%d" % pid)
            finally:
                os._exit(0)
        os.close(writing)
        with open(reading, "rb") as pipe:
            pid = int(pipe.read())
        os.waitpid(starter, 0)
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        for _ in range(PATIENCE * 100):
            try:
                os.kill(pid, 0)
                os.waitpid(-1, os.WNOHANG)
            except (ProcessLookupError, ChildProcessError):
                break
            select.select([], [], [], 0.01)
        self.assertRaises(ProcessLookupError, os.kill, pid, 0)

    def test_worker_is_small(self):
        """A worker shares what the template imported: its own memory is a few megabytes."""
        template = self.template(self.given(one=private))
        reply, _ = template.work("run", "wf.one")
        self.assertLess(reply["outputs"]["out"], 10_000)

    def test_folder_that_is_not_there(self):
        program = handover.PACKAGE / "raphe_nipype" / "zygote.py"
        argv = [sys.executable, str(program), str(self.folder / "nothing")]
        done = subprocess.run(argv, capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "")
        self.assertIn("config.json", done.stderr)


if __name__ == "__main__":
    unittest.main()
