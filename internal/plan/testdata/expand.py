"""Asks nipype (1.8.5 or later) which instances the sketches make.

    go test -run Nipype -update ..    # draws sketches.json
    python3 expand.py < sketches.json > expanded.json

For each sketch that nipype can expand: every node of its execution graph, by
the directory below base_dir, with its inputs as text.
"""
import json
import os
import re
import sys

from nipype import Workflow, logging
from nipype.interfaces.base import isdefined
from nipype.interfaces.utility import Function, IdentityInterface
from nipype.pipeline.engine import JoinNode, Node
from nipype.pipeline.engine.utils import evaluate_connect_function, generate_expanded_graph

logging.getLogger("nipype.workflow").setLevel("CRITICAL")
BASE = "/base"


def interface(spec, sketch):
    fields = ["a", "b", "c", "d"] + [it["field"] for it in spec.get("iterables", [])]
    if spec["kind"] == "identity":
        return IdentityInterface(fields=fields, mandatory_inputs=False)
    return Function(input_names=fields, output_names=["out"], function="def f(**kw): pass")


def node(spec, sketch):
    kw = {"interface": interface(spec, sketch), "name": spec["name"]}
    if spec["kind"] == "join":
        made = JoinNode(joinsource=spec["joinsource"], joinfield=[e["dst_port"] for e in spec.get("in", [])], **kw)
    else:
        made = Node(**kw)
    for field, v in spec.get("consts", {}).items():
        setattr(made.inputs, field, v)
    if "iterables" in spec:
        made.iterables = [(it["field"], it.get("by_key") or it["values"]) for it in spec["iterables"]]
        made.synchronize = spec.get("sync", False)
    if "itersource" in spec:
        made.itersource = (spec["itersource"], "f" + spec["itersource"])
    return made


def expand(sketch):
    wf = Workflow("wf", base_dir=BASE)
    nodes = {spec["name"]: node(spec, sketch) for spec in sketch["nodes"]}
    wf.add_nodes(list(nodes.values()))
    for spec in sketch["nodes"]:
        for e in spec.get("in", []):
            port = e["src_port"]
            if "fn" in e:
                port = (port, "def %s(x):\n    return '%s(' + x + ')'\n" % (e["fn"], e["fn"]), ())
            wf.connect([(nodes[e["src"]], nodes[spec["name"]], [(port, e["dst_port"])])])
    graph = generate_expanded_graph(wf._create_flat_graph())
    for n in graph.nodes():
        n.base_dir = BASE
        n.config = wf.config
    return {where(n): told(graph, n) for n in graph.nodes()}


def where(n):
    return os.path.relpath(n.output_dir(), BASE)


def told(graph, n):
    values = {}
    for field in n.inputs.copyable_trait_names():
        v = getattr(n.inputs, field)
        if isdefined(v) and field != "function_str":
            values[field] = v
    for src, _, data in graph.in_edges(n, data=True):
        for port, field in data["connect"]:
            if isinstance(port, tuple):
                values[field] = evaluate_connect_function(port[1], (), where(src) + ":" + port[0])
            else:
                values[field] = where(src) + ":" + port
    slots = {}
    for field in sorted(values, key=lambda f: [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", f)]):
        m = re.fullmatch(r"([abcd])J(\d+)", field)
        if m:
            slots.setdefault(m[1], []).append(values.pop(field))
    values.update(slots)
    return " ".join(sorted("%s=%s" % kv for kv in values.items()))


def main():
    out = []
    for k, sketch in enumerate(json.load(sys.stdin)):
        try:
            out.append({"sketch": sketch, "instances": expand(sketch)})
        except Exception as e:
            print("sketch %d: %s: %s" % (k, type(e).__name__, e), file=sys.stderr)
    print("[" + ",\n".join(json.dumps(case, sort_keys=True) for case in out) + "]")


main()
