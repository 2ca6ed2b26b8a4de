"""The order, the places and the names of nodes, which nothing but the workflow decides."""
import hashlib
import heapq
import itertools
import os
import re
from typing import Any, Dict, List, Set, Tuple

from .options import true


def in_order(graph: Any) -> List[Any]:
    """Gives the nodes so that each follows those that it needs, and otherwise by
    their places on disk."""
    waiting = {node: degree for node, degree in graph.in_degree()}
    ready: List[Tuple[Any, int, Any]] = []
    arrival = itertools.count()

    def add(node: Any) -> None:
        heapq.heappush(ready, (_natural(node.output_dir()), next(arrival), node))

    for node, degree in list(waiting.items()):
        if degree == 0:
            add(node)
    order = []
    while ready:
        node = heapq.heappop(ready)[-1]
        order.append(node)
        for successor in graph.successors(node):
            waiting[successor] -= 1
            if waiting[successor] == 0:
                add(successor)
    return order


def _natural(text: str) -> List[Any]:
    """Gives a key by which s2 comes before s10."""
    return [part.zfill(12) if part.isdigit() else part for part in re.split(r"(\d+)", text)]


def place(node: Any, base: str) -> str:
    """Gives a node's folder below base. A folder in it may be a link to elsewhere;
    then the node is where its name says."""
    path = os.path.relpath(node.output_dir(), base)
    if path == os.pardir or path.startswith(os.pardir + os.sep):
        parts = (node._hierarchy or "").split(".")
        params = [_parameters(node, str(p)) for p in node.parameterization]
        path = os.path.join(*parts, *params, node.name)
    return path.replace(os.sep, "/")


def _parameters(node: Any, text: str) -> str:
    from nipype.pipeline.engine.utils import _parameterization_dir

    whole = true(node.config["execution"]["parameterize_dirs"])
    return _parameterization_dir(text, 252 if whole else 32)


class Names:
    """Names of nodes that are unique in the workflow: made of the node's full name,
    with a number where it has several instances."""

    def __init__(self) -> None:
        self._used: Set[str] = set()
        self._next: Dict[str, int] = {}

    def of(self, node: Any) -> str:
        stem = node.fullname.partition(".")[2] or node.name
        stem = stem.replace(".", "_")
        if len(stem.encode()) > 200:
            stem = node.name[:100] + "_" + hashlib.sha256(stem.encode()).hexdigest()[:8]
        name = stem
        while name in self._used:
            self._next[stem] = self._next.get(stem, 1) + 1
            name = f"{stem}_{self._next[stem]}"
        self._used.add(name)
        return name
