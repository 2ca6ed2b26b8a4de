"""The plugin: `wf.run(plugin="Raphe", plugin_args={...})`.

nipype expands its graph and gives it to RaphePlugin.run, which hands it over to
the program raphe and waits, or is replaced by it. What can be said in plugin_args
is listed at the class.
"""
import ctypes
import gc
import os
import sys
import threading
from typing import Any, Dict, List, Optional

from nipype import logging
from nipype.pipeline.plugins.base import PluginBase

from . import engine, finish, hollow, pages, programs, sorting
from .dump import Handover
from .failures import Events
from .options import true

logger = logging.getLogger("nipype.workflow")


class RaphePlugin(PluginBase):
    """Executes a workflow with Raphe.

    plugin_args:

    - n_procs: processors that nodes may claim at once (default: all)
    - memory_gb: memory that they may hold together (default: 90% of what there is)
    - n_gpu_procs: how many processes may use GPUs at once (default: as many as
      there are GPUs)
    - raise_insufficient: refuse nodes that claim more than that (default: True)
    - limit: what ends a node that takes too much memory: "hard", "soft" or "none"
    - exec: replace this process by raphe (default: False). Python code behind
      Workflow.run is not executed then, but for what fMRIPrep and MRIQC do there
    - start_method: "zygote", workers are forked from a template process, or "spawn"
    - maxtasksperchild: accepted, but a worker never runs more than one node
    - preload: modules that the template process imports (default: those that
      several nodes need)
    - raphe: path of the program
    - status_callback: called with (node, status), status "start", "end" or "exception"
    """

    def __init__(self, plugin_args: Optional[Dict[str, Any]] = None) -> None:
        super().__init__(plugin_args=plugin_args)
        args = self.plugin_args
        for name in sorted(set(args) - KNOWN):
            logger.warning('[Raphe] plugin_args has "%s", which means nothing here.', name)
        self.processors = int(args.get("n_procs") or _processors())
        self.memory_gb = args.get("memory_gb")
        self.raise_insufficient = args.get("raise_insufficient", True)
        default = "zygote" if sys.platform == "linux" else "spawn"
        self.start_method = args.get("start_method") or default
        self.tasks = int(args.get("maxtasksperchild") or 1)
        self.gpus = 0  # that there are, for a graph with nodes that use them
        if self.start_method not in ("zygote", "spawn"):
            raise ValueError(f'start_method "{self.start_method}" is not "zygote" or "spawn"')
        if self.tasks < 1:
            raise ValueError(f"maxtasksperchild {self.tasks} is not a positive number")
        if self.tasks > 1:
            logger.warning(
                "[Raphe] maxtasksperchild is %d: here each worker runs one node.", self.tasks
            )
        # What there is now, modules above all, need not be looked through again and again
        # while nipype expands its graph, which makes little that is garbage.
        self._frozen = gc.get_freeze_count() == 0
        if self._frozen:
            gc.freeze()

    def run(self, graph: Any, config: Dict[str, Any], updatehash: bool = False) -> None:
        """Runs an expanded graph."""
        try:
            if len(graph) > 0:
                self._run(graph, config, updatehash)
        finally:
            if self._frozen:
                self._frozen = False
                gc.unfreeze()

    def _run(self, graph: Any, config: Dict[str, Any], updatehash: bool) -> None:
        self._check_resources(graph)
        program = engine.binary(self.plugin_args.get("raphe"))
        caller = _caller(graph)
        handover = Handover(_settle(graph, caller), _workflow_name(graph), config)
        replace = bool(self.plugin_args.get("exec"))
        if true(handover.config.get("execution", {}).get("remove_node_directories")):
            logger.warning("[Raphe] remove_node_directories: all directories are kept.")
        lock = handover.claim()
        try:
            nodes = self._hand_over(handover, graph, updatehash, replace)
            argv = engine.command(program, handover.definition, handover.base, self._options())
            if replace:
                os.set_inheritable(lock, True)
                engine.become(argv)
            if threading.active_count() == 1:  # no other is loading a library meanwhile
                pages.forget()
            events = Events(handover, nodes, self._status_callback)
            status = engine.run(argv, events.hear, lambda: _free(caller))
        finally:
            os.close(lock)
        events.report(status)

    def _hand_over(
        self, handover: Handover, graph: Any, updatehash: bool, replace: bool
    ) -> List[Any]:
        """Writes the hand-over folder, and gives the nodes in the order of their numbers."""
        nodes: List[Any] = []

        def written(node: Any, index: int) -> None:
            if index == len(nodes):
                nodes.append(node)
            if not replace:
                hollow.empty(node, handover.blob(index), index, handover.config)

        gc.disable()  # what is made here is no garbage
        try:
            handover.write(
                graph, lambda h: self._python(h, updatehash, replace), updatehash, written
            )
        finally:
            gc.enable()
        logger.info("[Raphe] %d nodes handed over: %s", len(nodes), handover.definition)
        return nodes

    def _python(self, handover: Handover, updatehash: bool, replace: bool) -> Dict[str, Any]:
        """Gives the definition's record of how Python is run."""
        execution = handover.config.get("execution", {})
        txt = str(execution.get("crashfile_format", "")).lower() in ("text", "txt", ".txt")
        preload = self.plugin_args.get("preload")
        if preload is not None:
            handover.modules = [preload] if isinstance(preload, str) else list(preload)
        record = {
            "kind": "python",
            "executable": sys.executable,
            "package": os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
            "folder": handover.folder,
            "start_method": self.start_method,
            "maxtasksperchild": self.tasks,
            "preload": handover.modules,
            "updatehash": bool(updatehash),
            "create_report": true(execution.get("create_report", True)),
            "crashfile_format": "txt" if txt else "pklz",
        }
        if self.gpus:
            record["n_gpu_procs"] = self.gpus
        program = programs.running()
        if program:
            programs.save(program, handover.folder)
            handover.program = program
            if replace:
                record["then"] = finish.tail(program, handover.folder)
        return record

    def _options(self) -> List[str]:
        """Gives the options of `raphe run`."""
        options = []
        if self.plugin_args.get("n_procs"):
            options += ["--procs", str(self.processors)]
        if self.memory_gb is not None:
            options += ["--memory", f"{int(float(self.memory_gb) * 1024)}M"]
        if self.plugin_args.get("limit"):
            options += ["--limit", str(self.plugin_args["limit"])]
        return options

    def _check_resources(self, graph: Any) -> None:
        """Refuses nodes that claim more than there is, as MultiProc does."""
        memory = self.memory_gb
        if memory is None:
            memory = 0.9 * _memory()
        if any(n.mem_gb > memory for n in graph):
            logger.warning(
                "Some nodes exceed the total amount of memory available (%0.2fGB).", memory
            )
            # What nobody gave a bound for gets all there is, if that is not forbidden.
            given = self.memory_gb is not None or "raise_insufficient" in self.plugin_args
            if self.raise_insufficient and given:
                raise RuntimeError("Insufficient resources available for job")
        if any((n.n_procs or 1) > self.processors for n in graph):
            logger.warning(
                "Some nodes demand for more threads than available (%d).", self.processors
            )
            if self.raise_insufficient:
                raise RuntimeError("Insufficient resources available for job")
        gpu_nodes = [n for n in graph if getattr(n, "is_gpu_node", bool)()]
        if gpu_nodes:
            self._check_gpus(max(n.n_procs or 1 for n in gpu_nodes))

    def _check_gpus(self, most: int) -> None:
        """Refuses a node that claims more of the GPUs than plugin_args allow, or there are."""
        from nipype.utils.gpu_count import gpu_count

        allowed = self.plugin_args.get("n_gpu_procs")
        if allowed is None:
            allowed = gpu_count()
        self.gpus = int(allowed)
        if most > allowed:
            logger.warning("Nodes demand more GPU than allowed (%d).", allowed)
            if self.raise_insufficient:
                raise RuntimeError("Insufficient GPU resources available for job")


sorting.install()

KNOWN = {
    "exec",
    "limit",
    "maxtasksperchild",
    "memory_gb",
    "n_gpu_procs",
    "n_procs",
    "preload",
    "raise_insufficient",
    "raphe",
    "start_method",
    "status_callback",
}


def _processors() -> int:
    """Gives the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> float:
    """Gives the memory of this machine in GB; without end where it is not known."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1024**3
    except (OSError, ValueError):
        return float("inf")


def _caller(graph: Any) -> Dict[str, Any]:
    """Gives the variables of the Workflow.run that made the graph, {} if none did."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "run" and frame.f_locals.get("execgraph") is graph:
            return dict(frame.f_locals)
        frame = frame.f_back
    return {}


def _workflow_name(graph: Any) -> str:
    node = next(iter(graph))
    return (node._hierarchy or node.name).partition(".")[0]


def _settle(graph: Any, caller: Dict[str, Any]) -> str:
    """Gives the folder in which the workflow works.

    Where it has none nipype gives each node a temporary folder of its own, which
    nobody finds again. Here the nodes move to the current folder then.
    """
    first = next(iter(graph))
    workflow = caller.get("self")
    if first.base_dir is not None and getattr(workflow, "base_dir", first.base_dir) is not None:
        return first.base_dir
    base = os.getcwd()
    moved = {}
    for node in graph:
        before = node.output_dir()
        node.base_dir, node._output_dir = base, None
        moved[before] = node.output_dir()
    for node in graph:
        node.input_source = {
            field: (os.path.join(moved[os.path.dirname(path)], os.path.basename(path)), source)
            for field, (path, source) in node.input_source.items()
        }
    return base


def _free(caller: Dict[str, Any]) -> None:
    """Gives memory back that only nipype's own copies of the graph hold."""
    flat = caller.pop("flatgraph", None)
    if flat is not None:
        flat.clear()
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # not in every libc
        if trim is not None:
            trim(0)
