"""A hand-over folder for the tests of workers, made from a workflow without a plugin's help."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from copy import deepcopy
from pathlib import Path

os.environ["NIPYPE_NO_ET"] = "1"
HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent
sys.path[:0] = [str(PACKAGE), str(HERE)]


class Handover:
    """What nipype gives a plugin, as files: blobs by the full name of their node."""

    def __init__(self, workflow, settings=None, **more):
        from nipype import config
        from nipype.pipeline.plugins.base import PluginBase

        self.base = Path(workflow.base_dir)
        self.folder = self.base / ".raphe" / "nipype" / workflow.name
        for name in ("n", "q", "r"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        kept = []

        class Keep(PluginBase):
            def run(self, graph, config, updatehash=False):
                kept.append((graph, config))

        workflow.run(plugin=Keep())
        graph, merged = kept[0]
        common = deepcopy({s: dict(options) for s, options in merged.items()})
        for section, options in (settings or {}).items():
            common.setdefault(section, {}).update(options)
        content = {"config": common, "path": sys.path, "cwd": os.getcwd(), "environ": {}, **more}
        (self.folder / "config.json").write_text(json.dumps(content))
        self.nodes = self._write(graph, common)

    def _write(self, graph, common):
        import pickle

        from nipype.pipeline.engine.utils import topological_sort

        from raphe_nipype.ops import difference

        nodes = {}
        for i, node in enumerate(topological_sort(graph)[0]):
            nodes[str(node)] = (f"n/{i}.pkl", node.output_dir())
            node.config = difference(node.config, common)
            if hasattr(node, "use_plugin"):
                del node.use_plugin
            with open(self.folder / "n" / f"{i}.pkl", "wb") as file:
                pickle.dump(node, file, protocol=pickle.HIGHEST_PROTOCOL)
        return nodes

    def dir(self, name):
        return Path(self.nodes[name][1])

    def request(self, op, name, **more):
        """Writes a request; gives its path and that of the reply."""
        blob = name if name.endswith(".pkl") else self.nodes[name][0]
        stem = Path(blob).stem
        ask, answer = self.folder / "q" / f"{stem}.json", self.folder / "r" / f"{stem}.json"
        if answer.exists():
            answer.unlink()
        content = {"op": op, "blob": blob, "reply": str(answer), "label": name, **more}
        ask.write_text(json.dumps(content))
        return ask, answer

    def work(self, op, name, **more):
        """Has a worker do one thing; gives reply, exit status and what it printed.

        The worker is forked from this process; `spawn` starts one as Raphe does."""
        ask, answer = self.request(op, name, **more)
        printed = self.folder / "printed"
        child = os.fork()
        if child == 0:
            self._be_worker(ask, printed)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        reply = json.loads(answer.read_text()) if answer.exists() else None
        return reply, status, printed.read_text()

    def _be_worker(self, ask, printed):
        from raphe_nipype import ops, reply
        from raphe_nipype.settings import Settings

        status = 70
        try:
            output = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(output, 1)
            os.dup2(output, 2)
            settings = Settings(str(self.folder))
            settings.prepare()
            settings.configure()
            ops.begin(settings)
            status = ops.perform(settings, ops.read_request(settings, str(ask)))
        finally:
            reply.leave(status)

    def spawn(self, op, name, **more):
        """Starts a worker of its own; gives the same as work."""
        ask, answer = self.request(op, name, **more)
        program = PACKAGE / "raphe_nipype" / "worker.py"
        done = subprocess.run(
            [sys.executable, str(program), str(self.folder), str(ask)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            cwd="/",
        )
        reply = json.loads(answer.read_text()) if answer.exists() else None
        return reply, done.returncode, done.stdout

    def by_parts(self, name):
        """Runs a command-line node as Raphe does; gives the last reply and the commands."""
        commands, results = [], []
        reply, _, printed = self.work("prepare", name)
        while "command" in (reply or {}):
            commands.append(reply["command"])
            results.append(self.execute(reply["command"], len(results)))
            reply, _, printed = self.work("collect", name, results=results)
        return reply, commands, printed

    def execute(self, command, number):
        """The part of Raphe: runs a command with its streams in files."""
        paths = {s: str(self.folder / "r" / f"{s}.{number}") for s in ("stdout", "stderr")}
        with open(paths["stdout"], "wb") as out, open(paths["stderr"], "wb") as err:
            done = subprocess.run(
                ["/bin/sh", "-c", command["cmdline"]],
                env=command["env"],
                cwd=command["cwd"],
                stdout=out,
                stderr=err,
                stdin=subprocess.DEVNULL,
            )
        return {"returncode": done.returncode, "duration": 1.5, **paths}


class HandoverTest(unittest.TestCase):
    """A test with a folder of its own, in which nipype says only what went wrong."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = Path(place.name).resolve()
        here = os.getcwd()
        self.addCleanup(os.chdir, here)
        os.chdir(self.folder)

    def workflow(self, *nodes, name="wf", place="a"):
        from nipype import Workflow

        workflow = Workflow(name, base_dir=str(self.folder / place))
        workflow.config["logging"] = {"workflow_level": "ERROR"}
        workflow.config["execution"] = {"crashdump_dir": str(self.folder / "crash"),
                                        "crashfile_format": "txt"}
        workflow.add_nodes(list(nodes))
        return workflow
