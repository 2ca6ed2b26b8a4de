"""Runs the workflows of flows/ by nipype's Linear plugin and by Raphe.

    flows.py SCRATCH [FLOW...]

Each workflow is run in the same base directory in six ways, which must agree:

    linear                      nipype's own
    linear, again               what nipype finds to be done the second time
    linear, continued by raphe
    raphe
    raphe, again
    raphe, continued by linear

"Agree" means: the same files with the same contents (tree.py), the same nodes
run, as often, the same outputs of the nodes of the graph that run() returns,
and an exception or none. And where nothing runs, Raphe starts no Python. One
JSON object a workflow goes to standard output:
{"flow": name, "found": [what differs]}.

A flow is a module with
    workflow(case)    gives the workflow; case is a flowkit.Case
    VARIANTS          name -> nipype configuration (optional)
    RUN_AGAIN         arguments of run() the second time (optional)
    LINKED            True if the base directory is reached by a link (optional)
    ORACLE            which plugin of nipype's is "linear" (optional)
    PYTHON_AGAIN      True if nodes are run each time by their nature (optional)
"""

import importlib.util
import json
import os
import shutil
import sys
import traceback

os.environ["NIPYPE_NO_ET"] = "1"
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

import flowkit  # noqa: E402
import tree  # noqa: E402
from nipype import config, logging  # noqa: E402

AT_ONCE = 2


class Flow:
    """One variant of a module of flows/."""

    def __init__(self, module, variant, settings, scratch):
        self.module, self.settings = module, settings
        self.variant = variant
        self.name = module.__name__ + ("-" + variant if variant else "")
        self.folder = os.path.join(scratch, self.name)
        self.linked = getattr(module, "LINKED", False)
        self.base = os.path.join(self.folder, "lïnk", "base") if self.linked else os.path.join(self.folder, "base")
        self.found = []

    def compare(self):
        """Runs it all ways and gives what differs."""
        oracle = getattr(self.module, "ORACLE", "Linear")
        if self.linked:
            os.mkdir(os.path.join(self.folder, "real"))
            os.symlink("real", os.path.dirname(self.base))
        linear = self.run(oracle, 0, "linear")
        self.save()
        linear2 = self.run(oracle, 1, "linear, again")
        self.restore()
        continued = self.run("Raphe", 1, "linear, continued by raphe")
        shutil.rmtree(self.base)
        raphe = self.run("Raphe", 0, "raphe")
        self.save()
        raphe2 = self.run("Raphe", 1, "raphe, again")
        self.restore()
        back = self.run(oracle, 1, "raphe, continued by linear")

        self.agree(linear, raphe)
        for second in continued, raphe2, back:
            self.agree(linear2, second)
        idle = not raphe2["ran"] and not raphe2["error"]
        if idle and raphe2["python"] and not getattr(self.module, "PYTHON_AGAIN", False):
            self.found.append("raphe, again: starts Python: %s" % raphe2["python"])
        return self.found

    def save(self):
        """Keeps the tree, and goes on in the original, for Raphe's sake: it
        knows files by more than their times."""
        shutil.rmtree(self.base + ".kept", ignore_errors=True)
        shutil.copytree(self.base, self.base + ".kept", symlinks=True)

    def restore(self):
        shutil.rmtree(self.base)
        os.rename(self.base + ".kept", self.base)

    def agree(self, want, got):
        said = tree.compare(want["way"], want["tree"], got["way"], got["tree"])
        for key in "error", "ran", "results":
            if want[key] != got[key]:
                said.append("%s: %s: %s\n    %s: %s" % (key, want["way"], want[key], got["way"], got[key]))
        if said:
            log = flowkit.read(got["log"])[-3000:]
            self.found.append("%s is not as %s:\n" % (got["way"], want["way"]) + "\n".join(said[:12]) + "\n" + log)

    def run(self, plugin, round, way):
        """One run in a process of its own, since nipype's settings are global."""
        stem = os.path.join(self.folder, way.replace(" ", "-").replace(",", ""))
        facts = {"way": way, "log": stem + ".log"}
        os.environ["DOOR_RAN"] = stem + ".ran"
        os.environ["DOOR_PYTHON"] = stem + ".python"
        for name in (".ran", ".python", ".log"):
            open(stem + name, "w").close()
        child = os.fork()
        if child == 0:
            self.child(plugin, round, stem)
        os.waitpid(child, 0)
        try:
            facts.update(json.loads(flowkit.read(stem + ".json")))
        except OSError:
            facts.update(error="the process died", results={})
        facts["ran"] = sorted(line[len(self.base) :] for line in flowkit.read(stem + ".ran").splitlines())
        facts["python"] = flowkit.read(stem + ".python").splitlines()
        facts["tree"] = tree.listing(self.base)
        return facts

    def child(self, plugin, round, stem):
        log = os.open(stem + ".log", os.O_WRONLY)
        os.dup2(log, 1)
        os.dup2(log, 2)
        try:
            facts = self.run_here(plugin, round)
            flowkit.write(stem + ".json", json.dumps(facts))
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(0)

    def run_here(self, plugin, round):
        os.makedirs(self.base, exist_ok=True)
        os.chdir(self.base)
        execution = {"crashdump_dir": os.path.join(self.base, "crashes"), "hash_method": "content"}
        config.update_config({"execution": execution})
        config.update_config(self.settings)
        logging.update_logging(config)
        data = os.path.join(os.path.dirname(self.folder), "data")
        case = flowkit.Case(base=self.base, data=data, round=round, variant=self.variant)
        wf = self.module.workflow(case)
        wf.base_dir = self.base
        arguments = getattr(self.module, "RUN_AGAIN", {}) if round else {}
        facts = {"error": False, "results": {}}
        if plugin == "Raphe":
            arguments = dict(arguments, plugin_args={"n_procs": 2})
        try:
            graph = wf.run(plugin=plugin, **arguments)
        except Exception:
            traceback.print_exc()
            facts["error"] = True
        else:
            facts["results"] = {n.itername + " " + n.fullname: results(n) for n in graph.nodes()}
        return facts


def results(node):
    return tree.record(node.result.outputs)


def load(path):
    name = os.path.basename(path)[: -len(".py")]
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def flows(scratch, names):
    folder = os.path.join(HERE, "flows")
    sys.path.insert(0, folder)
    for file in sorted(os.listdir(folder)):
        if file.endswith(".py") and (not names or file[:-3] in names):
            module = load(os.path.join(folder, file))
            for variant, settings in getattr(module, "VARIANTS", {"": {}}).items():
                yield Flow(module, variant, settings, scratch)


def judge(flow):
    """Compares in a process of its own, so that several flows run at once."""
    os.makedirs(flow.folder)
    child = os.fork()
    if child:
        return child
    os.dup2(2, 1)  # nipype talks
    try:
        found = flow.compare()
    except BaseException:
        found = [traceback.format_exc()]
    flowkit.write(os.path.join(flow.folder, "found"), json.dumps({"flow": flow.name, "found": found}))
    os._exit(0)


def report(running):
    """Waits for one flow and prints what was found."""
    flow = running.pop(os.wait()[0])
    print(flowkit.read(os.path.join(flow.folder, "found")), flush=True)


def main():
    scratch = os.path.abspath(sys.argv[1])
    os.makedirs(scratch, exist_ok=True)
    flowkit.make_data(os.path.join(scratch, "data"))
    flowkit.make_tools(os.path.join(scratch, "bin"))
    os.environ["PATH"] = os.path.join(scratch, "bin") + os.pathsep + os.environ["PATH"]
    os.environ["FSLOUTPUTTYPE"] = "NIFTI_GZ"
    watch_pythons(os.path.join(scratch, "site"))
    import raphe_nipype.hook  # noqa: F401  what the wheel's .pth file does

    running = {}
    for flow in flows(scratch, sys.argv[2:]):
        if len(running) == AT_ONCE:
            report(running)
        running[judge(flow)] = flow
    while running:
        report(running)


def watch_pythons(folder):
    """Has every interpreter that starts from here on note its command line."""
    os.makedirs(folder)
    flowkit.write(
        os.path.join(folder, "sitecustomize.py"),
        "import os, sys\n"
        "with open(os.environ['DOOR_PYTHON'], 'a') as f:\n"
        "    f.write(' '.join(getattr(sys, 'orig_argv', sys.argv)) + '\\n')\n",
    )
    os.environ["PYTHONPATH"] = folder + os.pathsep + os.environ.get("PYTHONPATH", "")


if __name__ == "__main__":
    main()
