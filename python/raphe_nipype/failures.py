"""What Raphe tells of nodes, as nipype's plugins tell it.

    Events   hears the events of a run: calls nipype's status callback, and keeps
             what failed
"""
import json
import os
from typing import Any, Callable, Dict, List, Optional, Tuple

from nipype import logging
from nipype.pipeline.plugins.tools import report_nodes_not_run

from .dump import Handover
from .order import place

try:
    from nipype.pipeline.engine.nodes import NodeExecutionError
except ImportError:  # nipype before 1.8
    NodeExecutionError = RuntimeError

logger = logging.getLogger("nipype.workflow")

_MAPFLOW = "/mapflow/"


class Events:
    """Hears the events of the run of a hand-over, whose nodes are given in the
    order of their numbers."""

    def __init__(
        self, handover: Handover, nodes: List[Any], callback: Optional[Callable] = None
    ) -> None:
        self._handover = handover
        self._nodes = nodes
        self._callback = callback
        self._places: Dict[str, int] = {}
        self._started: set = set()
        self.failed: List[Dict[str, Any]] = []

    def hear(self, line: bytes) -> None:
        """Takes in one event."""
        if self._callback is None and b'"failed"' not in line:
            return
        event = json.loads(line)
        if event.get("event") == "failed":
            self.failed.append(event)
        if self._callback is not None:
            self._call_back(event)

    def _call_back(self, event: Dict[str, Any]) -> None:
        status = _STATUSES.get(event.get("event"))
        node = self._number(event.get("instance"))
        if status is None or node is None:
            return
        if node not in self._started:
            self._started.add(node)
            self._callback(self._nodes[node], "start")
        if status != "start":
            self._started.discard(node)
            self._callback(self._nodes[node], status)

    def _number(self, instance: Optional[str]) -> Optional[int]:
        """Gives the number of the node that an instance is, None if it is none."""
        if not self._places:
            base = self._handover.base
            self._places = {place(node, base): i for i, node in enumerate(self._nodes)}
        return self._places.get(instance)

    def report(self, status: int) -> None:
        """Says what failed, and raises as nipype does, if anything did."""
        errors, notrun, crashed = [], [], set()
        for event in self.failed:
            number, reply = self._of(event["instance"])
            if number is None or number in crashed:
                continue
            crashed.add(number)
            failure = event.get("failure") or {}
            crashfile = failure.get("crashfile") or reply.get("crashfile")
            notrun.append({"node": self._nodes[number], "dependents": [], "crashfile": crashfile})
            errors.append(_message(self._nodes[number], failure, reply.get("error") or {}))
        report_nodes_not_run(notrun)
        if not errors:
            if status != 0:
                raise RuntimeError(f"raphe run ended with exit status {status}; it said why")
            return
        first = NodeExecutionError(errors[0])
        if len(errors) == 1:
            raise first
        raise RuntimeError(f"{len(errors)} raised. Re-raising first.") from first

    def _of(self, instance: str) -> Tuple[Optional[int], Dict[str, Any]]:
        """Gives the number of the node to which an instance or an element belongs,
        and the reply of its worker."""
        number, element = self._number(instance), ""
        whole = instance
        while number is None and _MAPFLOW in whole:
            whole, _, last = whole.rpartition(_MAPFLOW)
            number = self._number(whole)
            if number is not None:
                element = "_" + last.partition("/")[0][len(self._nodes[number].name) + 1:]
        if number is None:
            return None, {}
        return number, _reply(os.path.join(self._handover.folder, "r", f"{number}{element}.json"))


_STATUSES = {
    "started": "start",
    "expanded": "start",
    "finished": "end",
    "cached": "end",
    "failed": "exception",
}


def _reply(path: str) -> Dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):  # it did not come to a reply
        return {}


def _message(node: Any, failure: Dict[str, Any], error: Dict[str, Any]) -> str:
    """Tells one failure: as the worker did, or else as Raphe did."""
    lines = [f"Exception raised while executing Node {node.name}.", ""]
    if error.get("traceback"):
        lines.append(error["traceback"])
    elif error:
        lines.append(f"{error.get('type')}: {error.get('message')}")
    else:
        lines.append(failure.get("cause") or "it failed")
        for field in ("detail", "command", "stdout", "stderr"):
            if failure.get(field):
                lines += [f"{field.capitalize()}:", str(failure[field])]
    return "\n".join(lines)
