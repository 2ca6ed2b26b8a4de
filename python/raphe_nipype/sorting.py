"""nipype's order of a graph for its report, found in linear time.

With create_report, which is on by default, Workflow.run sorts the nodes by connected parts
before it calls its plugin, and for each part makes an array of all nodes that are left: a
thousand nodes without connections take it a second, ten thousand over a minute. The order
found here is the same. What comes after it looks for each node in a list, twice for each
connection, and compares each node's part with each part: the lists given here help with that.
"""
from typing import Any, Dict, List, Optional, Tuple


def install() -> None:
    """Makes Workflow.run sort by this module."""
    from nipype.pipeline.engine import workflows

    theirs = getattr(workflows, "topological_sort", None)
    if theirs is None or theirs.__module__ == __name__:
        return

    def topological_sort(
        graph: Any, depth_first: bool = False
    ) -> Tuple[List[Any], Optional[List[int]]]:
        return by_parts(graph) if depth_first else theirs(graph)

    workflows.topological_sort = topological_sort


class Nodes(List[Any]):
    """Nodes that know where in the list they are."""

    _places: Optional[Dict[Any, int]] = None

    def index(self, node: Any, *bounds: Any) -> int:
        if self._places is None or len(self._places) != len(self):
            self._places = {node: i for i, node in enumerate(self)}
        place = self._places.get(node)
        return super().index(node, *bounds) if bounds or place is None else place


class Parts(List[int]):
    """Numbers that stay Python's in an array of numpy's: nipype compares them with those of
    this list, which takes twice the time if they are numpy's."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        import numpy

        return numpy.array(list(self), dtype=object)


def by_parts(graph: Any) -> Tuple[Nodes, Parts]:
    """Gives the nodes of a graph, connected part by part, in each of them so that a node
    follows those that it depends on; and the number of each one's part, from 1."""
    import networkx

    rank = {node: i for i, node in enumerate(networkx.topological_sort(graph))}
    nodes, parts = Nodes(), Parts()
    connected = networkx.connected_components(graph.to_undirected(as_view=True))
    for number, part in enumerate(connected, start=1):
        nodes.extend(sorted(part, key=rank.__getitem__))
        parts.extend([number] * len(part))
    return nodes, parts
