"""The hand-over folder: what is written of a graph, and what of it is the same each time."""
import hashlib
import json
import os
import pickle
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import workflows
from nipype import MapNode, Node, Workflow, config, logging
from nipype.interfaces import fsl
from nipype.pipeline.engine.utils import topological_sort

from raphe_nipype import hollow
from raphe_nipype.dump import Handover


class Writes:
    """A plugin that hands over and does nothing with it."""

    plugin_args = {}

    def __init__(self, empty=False):
        self.empty, self.handover, self.before = empty, None, {}

    def run(self, graph, config, updatehash=False):
        nodes, _ = topological_sort(graph)
        self.before = {node.output_dir(): node for node in nodes}
        name = nodes[0]._hierarchy.partition(".")[0]
        self.handover = Handover(nodes[0].base_dir, name, config)
        os.close(self.handover.claim())
        self.handover.write(graph, lambda _: {"kind": "python"}, updatehash, self.written)

    def written(self, node, index):
        if self.empty:
            hollow.empty(node, self.handover.blob(index), index, self.handover.config)


def records(handover):
    with open(handover.definition, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.base = os.path.realpath(folder.name)

    def written(self, wf, **options):
        """Hands a workflow over and gives its records by kind, nodes by their folder."""
        plugin = Writes(**options)
        self.graph = wf.run(plugin=plugin)
        self.handover = plugin.handover
        self.records = records(plugin.handover)
        return {r["dir"]: r for r in self.records if r["kind"] == "node"}

    def classes(self):
        return {r["id"]: r for r in self.records if r["kind"] == "class"}

    def edges(self):
        return [r for r in self.records if r["kind"] == "edge"]


class Rich(Case):
    def test_records(self):
        nodes = self.written(workflows.rich(self.base))
        self.assertEqual(self.records[0], {"kind": "raphe-definition", "version": 1})
        self.assertEqual([r["kind"] for r in self.records[1:3]], ["python", "workflow"])
        self.assertEqual(self.records[2]["base_dir"], self.base)
        self.assertEqual(self.records[2]["config"]["hash_method"], "timestamp")
        start = nodes["rich/_subject_s10/start"]
        self.assertEqual(start["label"], "rich.start")
        self.assertEqual((start["n_procs"], start["mem_gb"]), (2, 1.5))
        self.assertEqual(start["needed_outputs"], ["y"])
        self.assertEqual(start["inputs"]["x"], "s10")
        self.assertNotEqual(start["exec_id"], "start")
        self.assertNotIn("type", start)
        self.assertFalse({"n_procs", "mem_gb"} & set(nodes["rich/bet"]))
        own = nodes["rich/own"]
        self.assertTrue(own["run_without_submitting"])
        self.assertTrue(nodes["rich/last"]["overwrite"])
        self.assertEqual(len({r["name"] for r in nodes.values()}), len(nodes))

    def test_ways(self):
        nodes = self.written(workflows.rich(self.base))
        ways = {node["label"].rpartition(".")[2]: node["how"] for node in nodes.values()}
        self.assertEqual(ways, {
            "start": "worker", "bet": "tool", "maths": "tool", "thresholds": "tool",
            "own": "split", "joined": "worker", "last": "worker",
        })

    def test_order(self):
        places = list(self.written(workflows.rich(self.base)))
        starts = [place for place in places if place.endswith("start")]
        order = [place.split("_")[-1] for place in starts]
        self.assertEqual(order, ["s1/start", "s2/start", "s10/start"])

    def test_map_and_join(self):
        nodes = self.written(workflows.rich(self.base))
        maths = nodes["rich/inner/maths"]
        self.assertEqual((maths["type"], maths["iterfield"]), ("MapNode", ["in_file"]))
        self.assertEqual(maths["inputs"]["op_string"], "-add 1")
        joined = nodes["rich/joined"]
        self.assertNotIn("type", joined)
        into = [e["to"] for e in self.edges() if e["to"].startswith("joined.")]
        self.assertEqual(into, ["joined.in1J1", "joined.in1J2", "joined.in1J3"])

    def test_edges(self):
        nodes = self.written(workflows.rich(self.base))
        names = {node["name"]: node for node in nodes.values()}
        for edge in self.edges():
            source, target = names[edge["from"].partition(".")[0]], edge["to"].partition(".")
            python = source["result"] == "maths" and names[target[0]]["result"] == "own"
            self.assertEqual(edge.get("python", False), python, edge)
            self.assertNotIn(target[2], names[target[0]]["inputs"])

    def test_what_comes_before(self):
        self.written(workflows.rich(self.base))
        seen = set()
        for record in self.records:
            if record["kind"] == "class":
                seen.add(record["id"])
            elif record["kind"] == "node":
                self.assertIn(record["class"], seen)
                seen.add(record["name"])
            elif record["kind"] == "edge":
                self.assertIn(record["from"].partition(".")[0], seen)
                self.assertIn(record["to"].partition(".")[0], seen)

    def test_classes(self):
        nodes = self.written(workflows.rich(self.base))
        classes = self.classes()
        own = classes[nodes["rich/own"]["class"]]
        self.assertEqual(own["name"], "workflows.Own")
        self.assertEqual(own["output_spec"], "workflows.OwnOutput")
        self.assertNotIn("interface", own)
        self.assertTrue(own["command_line"])
        self.assertEqual(own["nohash"], ["environ"])
        self.assertEqual(own["nofilehash"], ["out_file"])
        self.assertEqual(own["outputs"], ["out_file"])
        bet = classes[nodes["rich/bet"]["class"]]
        self.assertEqual(bet["interface"], "fsl.BET")
        self.assertIn("mask", bet["inputs"])
        self.assertFalse(bet["always_run"])

    def test_blobs(self):
        nodes = self.written(workflows.rich(self.base))
        for place, node in nodes.items():
            path = os.path.join(self.handover.folder, node["blob"])
            with open(path, "rb") as blob:
                data = blob.read()
            self.assertEqual(hashlib.sha256(data).hexdigest(), node["sha256"])
            copy = pickle.loads(data)
            self.assertEqual(copy.output_dir(), os.path.join(self.base, place))
            self.assertEqual(copy.config, {})
            self.assertIsNone(copy.iterables)

    def test_config(self):
        self.written(workflows.rich(self.base))
        with open(os.path.join(self.handover.folder, "config.json")) as file:
            content = json.load(file)
        self.assertEqual(content["cwd"], os.getcwd())
        self.assertEqual(content["config"]["execution"]["hash_method"], "timestamp")
        self.assertIsNone(content["main"])
        self.assertTrue(all(os.path.isabs(entry) for entry in content["path"]))
        self.assertIn("nipype.interfaces.utility.wrappers", content["preload"])
        self.assertNotIn("nipype.interfaces.fsl.preprocess", content["preload"])

    def test_the_definition_comes_last(self):
        """Whoever sees it finds what it names, and nothing of an earlier one."""
        moved, move = [], os.replace

        def replace(source, target):
            moved.append((os.path.basename(target), sorted(os.listdir(self.blobs))))
            move(source, target)

        self.blobs = os.path.join(self.base, ".raphe", "nipype", "rich", "n")
        os.makedirs(self.blobs)
        open(os.path.join(self.blobs, "999.pkl"), "w").close()
        with mock.patch.object(os, "replace", replace):
            nodes = self.written(workflows.rich(self.base))
        self.assertEqual([name for name, _ in moved], ["config.json", "graph.jsonl"])
        self.assertEqual(moved[-1][1], sorted(f"{i}.pkl" for i in range(len(nodes))))

    def test_a_log_that_is_not_written_here_is_written_nowhere(self):
        def write_log(answer):
            config.set("logging", "log_to_file", answer)
            config.set("logging", "log_directory", os.path.join(self.base, "logs"))

        def handed_over():
            self.written(workflows.rich(self.base))
            with open(os.path.join(self.handover.folder, "config.json")) as file:
                return json.load(file)["config"]["logging"]["log_to_file"]

        def as_before():
            write_log("false")
            logging.update_logging(config)

        directory = config.get("logging", "log_directory")
        self.addCleanup(config.set, "logging", "log_directory", directory)
        self.addCleanup(as_before)
        write_log("true")
        self.assertEqual(handed_over(), "false")
        os.mkdir(os.path.join(self.base, "logs"))
        logging.update_logging(config)
        self.assertEqual(handed_over(), "true")


class Same(Case):
    """Two hand-overs of one workflow are the same, byte for byte."""

    def test_in_other_processes(self):
        texts = set()
        for seed in ("1", "2"):
            script = (
                "import sys, workflows, test_dump; plugin = test_dump.Writes();"
                "workflows.rich(sys.argv[1]).run(plugin=plugin)"
            )
            environ = dict(os.environ, PYTHONHASHSEED=seed)
            subprocess.run(
                [sys.executable, "-c", script, self.base],
                env=environ, check=True, capture_output=True,
                cwd=os.path.dirname(os.path.abspath(__file__)),
            )
            with open(os.path.join(self.base, ".raphe/nipype/rich/graph.jsonl")) as file:
                texts.add(file.read())
        self.assertEqual(len(texts), 1)

    def test_sets_in_other_processes(self):
        digests = set()
        for seed in ("1", "2", "3"):
            script = (
                "import sys, workflows, test_dump; plugin = test_dump.Writes();"
                "wf = workflows.flat(sys.argv[1], 1); node = wf.get_node('n0');"
                "node.interface.names = {'sets', 'have', 'no', 'order', 'of', 'their', 'own'};"
                "node.interface.others = [frozenset(node.interface.names)]; wf.run(plugin=plugin)"
            )
            subprocess.run(
                [sys.executable, "-c", script, self.base],
                env=dict(os.environ, PYTHONHASHSEED=seed), check=True, capture_output=True,
                cwd=os.path.dirname(os.path.abspath(__file__)),
            )
            with open(os.path.join(self.base, ".raphe/nipype/flat/graph.jsonl")) as file:
                nodes = [json.loads(line) for line in file]
            digests.add(tuple(node["sha256"] for node in nodes if node["kind"] == "node"))
        self.assertEqual(len(digests), 1)

    def test_again(self):
        wf = workflows.rich(self.base)
        before, times = self.written(wf), self.times()
        self.assertEqual(before, self.written(wf))
        self.assertEqual(times, self.times())

    def test_another_node_changes_no_blob(self):
        wf = workflows.rich(self.base)
        before = {place: node["sha256"] for place, node in self.written(wf).items()}
        wf.add_nodes([workflows.function("a_new_one")])
        after = self.written(wf)
        self.assertEqual(before, {place: after[place]["sha256"] for place in before})

    def test_a_folder_for_the_crashes_of_each_run(self):
        digests, configs = set(), []
        for run in ("one", "another_one"):
            wf = workflows.flat(self.base, 2)
            for name in wf.list_node_names():
                wf.get_node(name).config = {
                    "execution": {"crashdump_dir": "/crashes/of/" + run, "keep_inputs": "true"},
                    "logging": {"log_directory": "/logs/of/" + run},
                }
            nodes = self.written(wf)
            digests.add(tuple(node["sha256"] for node in nodes.values()))
            with open(os.path.join(self.handover.folder, nodes["flat/n1"]["blob"]), "rb") as blob:
                configs.append(pickle.load(blob).config)
        self.assertEqual(len(digests), 1)
        self.assertEqual(configs[1]["execution"]["crashdump_dir"], "/crashes/of/another_one")
        self.assertEqual(configs[1]["logging"]["log_directory"], "/logs/of/another_one")
        wf.get_node("n1").config = {"execution": {"hash_method": "content"}}
        digests.add(tuple(node["sha256"] for node in self.written(wf).values()))
        self.assertEqual(len(digests), 2)

    def test_blobs_that_are_no_node_go(self):
        self.written(workflows.flat(self.base, 5))
        self.written(workflows.flat(self.base, 3))
        names = sorted(os.listdir(os.path.join(self.handover.folder, "n")))
        self.assertEqual(names, ["0.pkl", "1.pkl", "2.pkl"])

    def times(self):
        folder = os.path.join(self.handover.folder, "n")
        return {e.name: e.stat().st_mtime_ns for e in os.scandir(folder)}


class Ways(Case):
    """How a node is run, where one thing about it is not nipype's own."""

    def how(self, node, prepare=None):
        wf = Workflow("ways", base_dir=self.base)
        wf.add_nodes([node])
        if prepare:
            prepare(wf)
        return self.written(wf)["ways/" + node.name]["how"]

    def bet(self, **options):
        return Node(fsl.BET(in_file=workflows.image(self.base), **options), name="bet")

    def test_plain(self):
        self.assertEqual(self.how(self.bet()), "tool")

    def test_subclass(self):
        node = Node(workflows.Bet(in_file=workflows.image(self.base)), name="bet")
        self.assertEqual(self.how(node), "split")

    def test_own_method(self):
        node = self.bet()
        node.interface._list_outputs = workflows.same
        self.assertEqual(self.how(node), "split")

    def test_other_command(self):
        self.assertEqual(self.how(self.bet(command="other")), "split")

    def test_other_streams(self):
        node = self.bet()
        for where, way in (("stream", "tool"), ("file", "split"), ("allatonce", "split")):
            node.interface.terminal_output = where
            self.assertEqual(self.how(node), way)

    def test_subclass_of_node(self):
        class Mine(MapNode):
            pass

        workflows.Mine, Mine.__module__, Mine.__qualname__ = Mine, "workflows", "Mine"
        node = Mine(fsl.BET(), iterfield=["in_file"], name="bet")
        node.inputs.in_file = [workflows.image(self.base)]
        self.assertEqual(self.how(node), "split")

    def test_config_that_a_definition_does_not_have(self):
        node = self.bet()
        for option, way in (("keep_inputs", "tool"), ("create_report", "split")):
            node.config = {"execution": {option: "not as it was"}}
            self.assertEqual(self.how(node), way)

    def test_config_of_all(self):
        self.addCleanup(config.set_default_config)
        config.set("execution", "use_relative_paths", "true")
        self.assertEqual(self.how(self.bet()), "split")

    def test_monitored(self):
        self.addCleanup(config.set_default_config)
        config.set("monitoring", "enabled", "true")
        self.assertEqual(self.how(self.bet()), "worker")


class Nodes(Case):
    def test_what_cannot_be_pickled_is_named(self):
        wf = workflows.flat(self.base, 1)
        wf.get_node("n0").interface.no_pickle = lambda: None
        with self.assertRaisesRegex(RuntimeError, "flat.n0 can't be pickled"):
            wf.run(plugin=Writes())

    def test_one_at_a_time(self):
        first, second = (Handover(self.base, "flat", {}) for _ in range(2))
        lock = first.claim()
        self.assertRaisesRegex(RuntimeError, "already", second.claim)
        os.close(lock)
        os.close(second.claim())

    def test_opaque_inputs(self):
        wf = Workflow("opaque", base_dir=self.base)
        node = workflows.function("n")
        node.inputs.x = {1, 2}
        wf.add_nodes([node])
        record = self.written(wf)["opaque/n"]
        self.assertEqual(record["opaque"], ["x"])
        self.assertNotIn("x", record["inputs"])

    def test_own_config(self):
        wf = workflows.flat(self.base, 2)
        wf.get_node("n1").config = {"execution": {"hash_method": "content", "keep_inputs": "true"}}
        nodes = self.written(wf)
        self.assertNotIn("config", nodes["flat/n0"])
        own = nodes["flat/n1"]["config"]
        self.assertEqual(own, {"hash_method": "content", "keep_inputs": True})
        with open(os.path.join(self.handover.folder, nodes["flat/n1"]["blob"]), "rb") as blob:
            node = pickle.load(blob)
        self.assertEqual(
            node.config, {"execution": {"hash_method": "content", "keep_inputs": "true"}}
        )

    def test_short_names_of_folders(self):
        wf = Workflow("short", base_dir=self.base)
        wf.config["execution"] = {"parameterize_dirs": False}
        node = workflows.function("n")
        node.iterables = ("x", ["a" * 300, "b" * 300])
        wf.add_nodes([node])
        self.assertTrue(all(len(place) < 60 for place in self.written(wf)))

    def test_names_that_meet(self):
        wf = Workflow("meet", base_dir=self.base)
        inner = Workflow("a")
        inner.add_nodes([workflows.function("b"), workflows.function("c_2")])
        node = workflows.function("a_c")
        node.iterables = ("x", [1, 2, 3])
        wf.add_nodes([inner, workflows.function("a_b"), node])
        names = [r["name"] for r in self.written(wf).values()]
        self.assertEqual(len(set(names)), 6)

    def test_a_folder_that_is_a_link(self):
        elsewhere = tempfile.TemporaryDirectory()
        self.addCleanup(elsewhere.cleanup)
        os.symlink(elsewhere.name, os.path.join(self.base, "flat"))
        nodes = self.written(workflows.flat(self.base, 2))
        self.assertEqual(sorted(nodes), ["flat/n0", "flat/n1"])


class Hollow(Case):
    def test_nodes_come_back(self):
        wf = workflows.rich(self.base)
        whole = {n.output_dir(): n for n in wf.run(plugin=Writes()).nodes()}
        graph = wf.run(plugin=Writes(empty=True))
        for node in graph.nodes():
            with self.subTest(node=node.itername):
                kept = set(vars(node))
                self.assertLess(len(kept), 8)
                other = whole[node.output_dir()]
                self.assertEqual((node.name, repr(node)), (other.name, repr(other)))
                self.assertEqual(set(vars(node)), kept)
                self.assertIsInstance(node, type(other))
                self.assertEqual(node.inputs.trait_get(), other.inputs.trait_get())
                self.assertEqual(node.config["execution"]["plugin"], "Linear")
                self.assertIs(type(node), type(other))

    def test_what_was_set_stays(self):
        wf = workflows.flat(self.base, 1)
        (node,) = wf.run(plugin=Writes(empty=True)).nodes()
        node.overwrite = True
        self.assertEqual(node.inputs.x, 0)
        self.assertTrue(node.overwrite)

    def test_copies_and_pickles(self):
        wf = workflows.flat(self.base, 1)
        (node,) = wf.run(plugin=Writes(empty=True)).nodes()
        self.assertEqual(pickle.loads(pickle.dumps(node)).inputs.x, 0)

    def test_another_hand_over_takes_nothing_from_them(self):
        kept = list(workflows.flat(self.base, 3).run(plugin=Writes(empty=True)))
        other = workflows.flat(self.base, 2)
        other.get_node("n1").inputs.x = 7
        other.run(plugin=Writes(empty=True))
        self.assertEqual([node.inputs.x for node in kept], [0, 1, 2])

    def test_nothing_else_is_invented(self):
        wf = workflows.flat(self.base, 1)
        (node,) = wf.run(plugin=Writes(empty=True)).nodes()
        self.assertFalse(hasattr(node, "no_such_thing"))


if __name__ == "__main__":
    unittest.main()
