"""Makes Raphe the plugin of nipype's own tests.

A pytest plugin (`pytest -p everywhere`, with EVERYWHERE naming a file to write):
wherever a test lets a workflow run by a plugin that it names, or by none, Raphe
runs it. Debug, which calls a function of the test instead of running nodes, and
plugin objects, which are the test's own, stay. One JSON object a test goes to
the file: {"test", "outcome", "runs": how often Raphe ran, "why"}.

EVERYWHERE_PLUGIN names a plugin other than Raphe, to see what a test expects of
nipype's own: tests whose interfaces fill variables of the test fail with any
plugin that has processes.
"""

import json
import os

import pytest
import raphe_nipype.hook  # noqa: F401  what the wheel's .pth file does
from nipype import config
from nipype.pipeline.engine import Workflow

PLUGIN = os.environ.get("EVERYWHERE_PLUGIN", "Raphe")

# What these are about is no property of a workflow's execution.
NOT_OURS = {
    "test_run_multiproc_nondaemon_false": "expects that children of workers are refused, as multiprocessing does",
}

runs = 0
original = Workflow.run


def run(self, plugin=None, plugin_args=None, updatehash=False):
    global runs
    if plugin is None or isinstance(plugin, str) and plugin != "Debug":
        runs += 1
        plugin = PLUGIN
        config.set("execution", "poll_sleep_duration", "0.02")  # MultiProc's; what it finds is the same
    return original(self, plugin=plugin, plugin_args=plugin_args, updatehash=updatehash)


Workflow.run = run


def pytest_collection_modifyitems(items):
    for item in items:
        # "multiprocessing issues in Python 3.8" are no issue here
        item.own_markers = [
            m for m in item.own_markers if "multiprocessing" not in m.kwargs.get("reason", "")
        ]
        if item.name in NOT_OURS:
            item.add_marker(pytest.mark.skip(reason=NOT_OURS[item.name]))


def pytest_runtest_logstart():
    global runs
    runs = 0


def pytest_runtest_logreport(report):
    if report.when != "call" and report.outcome == "passed":
        return
    line = {"test": report.nodeid.rpartition("nipype/")[2], "outcome": report.outcome, "runs": runs, "why": ""}
    if report.outcome == "failed":
        line["why"] = report.longreprtext[-4000:]
    elif report.outcome == "skipped" and isinstance(report.longrepr, tuple):
        line["why"] = report.longrepr[2]
    with open(os.environ["EVERYWHERE"], "a") as f:
        f.write(json.dumps(line) + "\n")
