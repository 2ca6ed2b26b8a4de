"""The operations of a worker: run, expand, prepare, collect, crash (doc/formats.md).

A request names a blob, the pickle of one node. Whatever is done, nipype's own code does it:
node.run() finds results of earlier runs, writes the hash, report and result files, and
copies inputs. Here its surroundings are prepared and its end is told.
"""

import glob
import json
import os
import pickle
import traceback

from . import probes, reply, split, streams
from .digest import PROTOCOL, digest


def perform(settings, request):
    """Carries out a request and writes its reply; gives the exit status of the worker."""
    try:
        settings.enter()
        answer = OPERATIONS[request["op"]](settings, request)
    except BaseException as exc:
        traceback.print_exc()
        answer = reply.failed(exc)
    reply.write(request["reply"], answer)
    return 1 if "error" in answer else 0


def load(path):
    """The node of a blob, with nipype's settings merged as node.run() does."""
    from copy import deepcopy

    from nipype import config
    from nipype.pipeline.engine.utils import merge_dict

    with open(path, "rb") as file:
        try:
            node = pickle.load(file)
        except AttributeError as exc:
            if "__main__" not in str(exc):
                raise
            raise AttributeError(
                f"{exc}: it was defined in an interactive session, or in a place of the script "
                "that a worker does not come to. Put it into a module, and import it."
            ) from exc
    node.config = merge_dict(deepcopy(config._sections), node.config or {})
    return node


def run(settings, request):
    """Runs a node, or finds that nipype ran it before."""
    node = load(request["blob"])
    if request.get("force"):
        forget(node)
    return run_node(node, bool(request.get("updatehash", settings.updatehash)))


def run_node(node, updatehash):
    """node.run(), told as a reply."""
    trace = Trace()
    try:
        with trace:
            result = node.run(updatehash=updatehash)
            return reply.finished(result, not trace.executed)
    except BaseException as exc:
        return failure(node, exc, trace)


def failure(node, exc, trace):
    """The reply of a node whose run raised exc, after nipype's crash file was written."""
    crashfile = write_crash(node, reply.lines(exc))
    of_interface = str(exc).startswith("Exception raised while executing Node")
    return reply.failed(exc, trace.failed if of_interface else None, crashfile)


def write_crash(node, lines):
    """Writes nipype's crash file; None if that cannot be done."""
    from nipype.pipeline.plugins.tools import report_crash

    try:
        return os.path.abspath(report_crash(node, traceback=lines))
    except Exception:
        traceback.print_exc()
        return None


def forget(node):
    """Removes nipype's hash files: it is to be run whatever they say."""
    for path in glob.glob(os.path.join(glob.escape(node.output_dir()), "_0x*.json")):
        os.remove(path)


def expand(settings, request):
    """Writes the elements of a MapNode as nodes of their own, beside its blob."""
    node = load(request["blob"])
    try:
        if node.num_subnodes() <= 1:
            return {"elements": []}
        stem = os.path.splitext(request["blob"])[0]
        common = dict(settings.config)
        elements = [
            write_element(settings, element, f"{stem}_{i}.pkl", common, node.iterfield)
            for i, element in enumerate(node.get_subnodes())
        ]
    except Exception as exc:
        return reply.failed(exc, None, write_crash(node, reply.lines(exc)))
    return {"elements": elements}


def write_element(settings, node, path, common, iterfield):
    """Writes one element; gives what the reply says of it."""
    place = node.output_dir()
    node.config = difference(node.config, common)
    blob = pickle.dumps(node, PROTOCOL)
    if not same(path, blob):
        with open(path, "wb") as file:
            file.write(blob)
    return {
        "blob": os.path.relpath(path, settings.folder),
        "sha256": digest(node, blob),
        "dir": os.path.relpath(place, settings.base),
        "result": node.name,
        "inputs": {name: reply.encode(getattr(node.inputs, name)) for name in iterfield},
    }


def same(path, content):
    try:
        with open(path, "rb") as file:
            return file.read() == content
    except OSError:
        return False


def difference(config, common):
    """The settings in config that are not those of all nodes."""
    apart = {}
    for section, options in config.items():
        shared = common.get(section, {})
        own = {name: text for name, text in options.items() if shared.get(name) != text}
        if own:
            apart[section] = own
    return apart


def prepare(settings, request):
    """Runs a command-line node up to its first command."""
    return _by_parts(settings, request, [])


def collect(settings, request):
    """Runs a command-line node again, with what Raphe found of its commands."""
    results = request.get("results") or [request["result"]]
    return _by_parts(settings, request, results)


def _by_parts(settings, request, results):
    from nipype.pipeline.engine import MapNode

    node = load(request["blob"])
    if request.get("force") and not results:
        forget(node)
    updatehash = bool(request.get("updatehash", settings.updatehash))
    if isinstance(node, MapNode):
        return run_node(node, updatehash)
    handoff = split.Handoff(node, request, results)
    trace = Trace()
    try:
        with trace, handoff:
            result = node.run(updatehash=updatehash)
        if not handoff.strayed:
            return reply.finished(result, not trace.executed)
    except BaseException as exc:
        if not handoff.strayed:
            return failure(node, exc, trace)
    # What this class does before its command cannot be repeated, or comes out otherwise
    # each time. Its results are right only if it runs in one piece.
    print(f"{node.fullname}: cannot be run in parts, is run whole", flush=True)
    node = load(request["blob"])
    forget(node)
    return run_node(node, updatehash)


def crash(settings, request):
    """Writes nipype's crash file for a failure that Raphe saw from outside."""
    node = load(request["blob"])
    try:
        node._get_inputs()  # so that the crash file shows them
    except Exception:
        traceback.print_exc()
    result = request.get("result") or {}
    text = str(result.get("message", "the node failed")).rstrip("\n") + "\n"
    for name, title in (("stdout", "Standard output"), ("stderr", "Standard error")):
        content = streams.read(result.get(name))
        if content:
            text += f"\n{title}:\n{content.decode('utf-8', 'replace')}"
    return {"crashfile": write_crash(node, text.splitlines(keepends=True))}


OPERATIONS = {
    "run": run,
    "expand": expand,
    "prepare": prepare,
    "collect": collect,
    "crash": crash,
}


class Trace:
    """Watches a node.run(): whether it executed anything, and which interface failed.

    The places watched are nipype's own functions; they do what they did."""

    def __init__(self):
        self.executed = False
        self.failed = None

    def __enter__(self):
        from nipype.interfaces.base.support import RuntimeContext
        from nipype.pipeline.engine import nodes

        self._context, self._nodes = RuntimeContext, nodes
        self._saved = nodes._save_hashfile, RuntimeContext.__exit__
        save_hashfile, leave = self._saved
        trace = self

        def saving(hashfile, *args, **kwargs):
            if str(hashfile).endswith("_unfinished.json"):
                trace.executed = True
            return save_hashfile(hashfile, *args, **kwargs)

        def leaving(context, kind, exc, place):
            kept = leave(context, kind, exc, place)
            if getattr(context.runtime, "traceback", None):
                trace.failed = Failed(context.runtime, exc)
            return kept

        nodes._save_hashfile, RuntimeContext.__exit__ = saving, leaving
        return self

    def __exit__(self, *exc):
        self._nodes._save_hashfile, self._context.__exit__ = self._saved


class Failed:
    """The runtime record of a failed interface and the exception that it died of."""

    def __init__(self, runtime, cause):
        self._runtime = runtime
        self.raphe_cause = cause

    def __getattr__(self, name):
        return getattr(self._runtime, name)


def read_request(settings, path):
    """The request of a file, its paths made absolute."""
    with open(path, encoding="utf-8") as file:
        request = json.load(file)
    for name in ("blob", "reply"):
        request[name] = settings.inside(request[name])
    return request


def begin(settings):
    """Prepares nipype for work in this process."""
    from nipype.interfaces.base import core
    from nipype.pipeline import engine  # noqa: F401 (what every node needs)

    core.run_command = streams.at_once(core.run_command)
    core.get_dependencies = probes.libraries(settings.folder, core.get_dependencies)
    ask = core.PackageInfo.__dict__["version"].__func__
    core.PackageInfo.version = probes.versions(settings.folder, ask)
