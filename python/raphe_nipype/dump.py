"""Writes the hand-over folder: what Raphe and the workers need of an expanded graph.

    graph.jsonl   the graph, in Raphe's definition as JSON lines (doc/formats.md)
    config.json   what all nodes share: nipype's configuration, sys.path, ...
    n/<i>.pkl     a node, as a pickle

Two hand-overs of one workflow give the same bytes, so that Raphe can tell by a
blob's digest that a node has not changed: nodes are numbered in an order that
networkx's sets have no part in, and what says nothing of the node is taken out
of it first. A blob that is there already is left alone.
"""
import fcntl
import json
import os
import pickle
import re
import sys
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from nipype import logging
from nipype.pipeline.engine.nodes import JoinNode, MapNode

from . import hollow, mainmodule
from .digest import PROTOCOL, digest
from .facts import Classes, how
from .options import TOLD, Sections, asks_for_more, common, own_part, settings, true
from .order import Names, in_order, place
from .values import is_undefined, NoForm, plain

logger = logging.getLogger("nipype.workflow")

DEFAULT_MEM_GB = 0.2  # what nipype takes a node for of which nobody said anything
_OF_MAIN = b"\x8c\x08__main__"  # how a pickle names the module of a class of the script


class Handover:
    """What one call of Workflow.run hands over.

    base is the folder in which the workflow works, name its name, config the
    configuration that all nodes share.
    """

    def __init__(self, base: str, name: str, config: Dict[str, Any]) -> None:
        self.base = os.path.realpath(base)
        self.name = name
        self.config = common(config)
        self.folder = os.path.join(self.base, ".raphe", "nipype", name)
        self.definition = os.path.join(self.folder, "graph.jsonl")
        self.special = asks_for_more(self.config)
        self.needs_main = False
        self.modules: List[str] = []  # that more than one node needs in Python
        self.program: Optional[str] = None  # whose settings were saved, see programs.py

    @property
    def blobs(self) -> str:
        """The folder of the nodes' blobs."""
        return os.path.join(self.folder, "n")

    def blob(self, index: int) -> str:
        """Gives the path of a node's blob."""
        return os.path.join(self.blobs, f"{index}.pkl")

    def claim(self) -> int:
        """Keeps other processes from handing over to the same folder, until the file
        that is given is closed or the process ends, and what it became."""
        os.makedirs(self.blobs, exist_ok=True)
        lock = os.open(os.path.join(self.folder, "lock"), os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise RuntimeError(
                f'the workflow "{self.name}" runs in {self.base} already; '
                "let it end, or use another base_dir"
            ) from None
        except OSError:  # a file system without locks
            pass
        return lock

    def write(
        self,
        graph: Any,
        python: Callable[["Handover"], Dict[str, Any]],
        updatehash: bool,
        done: Callable[[Any, int], None],
    ) -> int:
        """Writes everything and gives the number of nodes.

        python gives the definition's record of that kind; done is called with
        each node that was written, and its number. Nodes that work in the same
        folder are one; done is called with each of them.
        """
        order = in_order(graph)
        classes = Classes()
        self.modules = _modules(order, classes)
        temporary = self.definition + ".new"
        with open(temporary, "w", encoding="utf-8") as out:
            write = _lines(out)
            write({"kind": "raphe-definition", "version": 1})
            write(python(self))
            write(self._workflow())
            count = 0
            for index, node in self._nodes(order, classes, write):
                done(node, index)
                count = max(count, index + 1)
            self._write_config(updatehash)
            self._remove_blobs(count)
        os.replace(temporary, self.definition)  # last: what it names is there now
        return count

    def _workflow(self) -> Dict[str, Any]:
        return {
            "kind": "workflow",
            "name": self.name,
            "base_dir": self.base,
            "config": settings(self.config),
        }

    def _nodes(
        self, order: List[Any], classes: Classes, write: Callable[[Dict[str, Any]], None]
    ) -> Iterator[Tuple[int, Any]]:
        """Writes the records of the nodes with their classes and edges, and yields
        each node with its number when that is done.

        Iterables that hold a value twice make two nodes that do the same in the
        same folder: the second is the first.
        """
        names = Names()
        sources: Dict[str, str] = {}  # result file: name of its node
        places: Dict[str, int] = {}  # folder: number of its node
        for node in order:
            if node.output_dir() in places:
                yield places[node.output_dir()], node
                continue
            index = places[node.output_dir()] = len(places)
            record = {"kind": "node", "name": names.of(node), "in": self.name}
            sources[_result_file(node)] = record["name"]
            values = node.inputs.trait_get()
            own = self._options(node, record)
            facts = self._inputs(node, record, values, classes)
            record["how"] = self._how(node, facts, record, own)
            if facts["id"] is None:
                facts["id"] = f"c{len(classes)}"
                write(facts)
            record["class"] = facts["id"]
            record["blob"], record["sha256"] = f"n/{index}.pkl", self._write_blob(node, index)
            write(record)
            for field, source in sorted(node.input_source.items()):
                write(_edge(self.name, record["name"], field, source, sources))
            yield index, node

    def _inputs(
        self, node: Any, record: Dict[str, Any], values: Dict[str, Any], classes: Classes
    ) -> Dict[str, Any]:
        """Fills in the inputs and how the node runs; gives the record of its class."""
        if isinstance(node, JoinNode):  # its own inputs are slots, and what was set there
            own = {name: value for name, value in values.items() if not is_undefined(value)}
            values = {**node.interface.inputs.trait_get(), **own}
        inputs, opaque = {}, []
        for name, value in values.items():
            if name in node.input_source or is_undefined(value):
                continue
            try:
                inputs[name] = plain(value)
            except (NoForm, RecursionError):
                opaque.append(name)
        record["inputs"] = inputs
        if opaque:
            record["opaque"] = opaque
        return classes.record(node.interface, list(values))

    def _how(
        self, node: Any, facts: Dict[str, Any], record: Dict[str, Any], own: Dict[str, Any]
    ) -> str:
        monitoring = {**self.config.get("monitoring", {}), **own.get("monitoring", {})}
        if true(monitoring.get("enabled")):  # it watches what Python runs
            return "worker"
        special = self.special or any(set(own[section]) - TOLD for section in own)
        return how(node, facts, record.get("opaque", []), special)

    def _options(self, node: Any, record: Dict[str, Any]) -> Sections:
        """Fills in all but the inputs; gives what is the node's own of the configuration."""
        record["dir"] = place(node, self.base)
        record["label"] = node.fullname
        record["result"] = node.name
        record["exec_id"] = node._id
        if isinstance(node, MapNode):
            record["type"] = "MapNode"
            record["iterfield"] = list(node.iterfield)
            _flag(record, "nested", node.nested)
            _flag(record, "serial", getattr(node, "_serial", False))
        procs, memory = int(node.n_procs or 1), float(node.mem_gb)
        if procs != 1 or node._n_procs is not None:  # else nobody said it
            record["n_procs"] = procs
        if memory != DEFAULT_MEM_GB:
            record["mem_gb"] = memory
        if node.overwrite is not None:
            record["overwrite"] = bool(node.overwrite)
        _flag(record, "run_without_submitting", node.run_without_submitting)
        _flag(record, "gpu", getattr(node, "is_gpu_node", bool)())
        record["needed_outputs"] = list(node.needed_outputs)
        own = own_part(node.config, self.config)
        strip(node, own)
        told = settings(own)
        if told:
            record["config"] = told
        return own

    def _write_blob(self, node: Any, index: int) -> str:
        try:
            data = pickle.dumps(node, PROTOCOL)
        except Exception as exc:  # whatever a class's own code raises
            raise RuntimeError(f"node {node.fullname} can't be pickled: {exc}") from exc
        self.needs_main = self.needs_main or _OF_MAIN in data
        path = self.blob(index)
        if not _holds(path, data):
            hollow.fill_from(path)
            with open(path, "wb") as out:
                out.write(data)
        return digest(node, data)

    def _write_config(self, updatehash: bool) -> None:
        main = mainmodule.found() if self.needs_main else None
        if self.needs_main and main is None:
            logger.warning(
                "[Raphe] A node needs what is defined in an interactive session, "
                "where workers don't find it: put that into a file, and import it."
            )
        config = {
            section: {name: str(value) for name, value in options.items()}
            for section, options in self.config.items()
        }
        if "logging" in config:  # a setting that was not obeyed here is not in workers either
            to_file = getattr(logging, "_hdlr", None) is not None
            config["logging"]["log_to_file"] = str(to_file).lower()
        content = {
            "config": config,
            "path": search_path(),
            "cwd": os.getcwd(),
            "updatehash": bool(updatehash),
            "environ": {},
            "preload": self.modules,
            "main": main,
            "program": self.program,
        }
        path = os.path.join(self.folder, "config.json")
        with open(path + ".new", "w", encoding="utf-8") as out:
            json.dump(content, out, indent=1)
        os.replace(path + ".new", path)

    def _remove_blobs(self, count: int) -> None:
        """Removes blobs that are no node's any more."""
        with os.scandir(self.blobs) as entries:
            for entry in entries:
                number = re.match(r"\d+", entry.name)
                if number and int(number.group()) >= count:
                    hollow.fill_from(entry.path)
                    os.unlink(entry.path)


def strip(node: Any, own: Sections) -> None:
    """Takes out of a node what says nothing of it alone."""
    node.config = own
    node.iterables = node.itersource = None
    node.input_source = dict(sorted(node.input_source.items()))
    for name in ("use_plugin", "index"):
        vars(node).pop(name, None)


def _result_file(node: Any) -> str:
    return os.path.join(node.output_dir(), f"result_{node.name}.pklz")


def _edge(
    workflow: str, name: str, field: str, source: Tuple[str, Any], sources: Dict[str, str]
) -> Dict[str, Any]:
    """Gives the record of one connection into the field of a node."""
    path, port = source
    function = isinstance(port, tuple)
    if function:
        port = port[0]
    record = {
        "kind": "edge",
        "in": workflow,
        "from": f"{sources[path]}.{port}",
        "to": f"{name}.{field}",
    }
    _flag(record, "python", function or "." in port)
    return record


def _flag(record: Dict[str, Any], name: str, value: Any) -> None:
    """Sets a flag that is left out when it is off."""
    if value:
        record[name] = True


def _lines(out: Any) -> Callable[[Dict[str, Any]], None]:
    encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

    def write(record: Dict[str, Any]) -> None:
        out.write(encoder.encode(record))
        out.write("\n")

    return write


def _holds(path: str, data: bytes) -> bool:
    """Whether a file is there and has just this content."""
    try:
        with open(path, "rb") as file:
            return file.read(len(data) + 1) == data
    except FileNotFoundError:
        return False


def search_path() -> List[str]:
    """Gives sys.path as it is for a process that works elsewhere."""
    return [os.path.abspath(entry) for entry in sys.path if isinstance(entry, str)]


def _modules(order: List[Any], classes: Classes) -> List[str]:
    """Gives the modules that are worth importing once for all workers: those of
    interfaces that more than one unit of work needs in Python."""
    counts: Dict[str, int] = {}
    for node in order:
        cls = type(node.interface)
        if not classes.native(cls):
            counts[cls.__module__] = counts.get(cls.__module__, 0) + 1 + isinstance(node, MapNode)
    return sorted(name for name, count in counts.items() if count > 1 and name != "__main__")
