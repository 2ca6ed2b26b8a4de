"""Where the process of the workflow is stopped, Raphe rests as well; both go on together."""

import os
import signal
import time

import raphe_nipype.hook  # noqa: F401
from nipype import Function, Node, Workflow


def wait(path):
    import os
    import time

    for _ in range(6000):
        if os.path.exists(path):
            return
        time.sleep(0.01)
    raise RuntimeError("nobody said go")


def workflow():
    node = Node(Function(function=wait, input_names=["path"], output_names=["out"]), name="wait")
    node.inputs.path = os.path.abspath("go")
    wf = Workflow("paused", base_dir=os.getcwd())
    wf.add_nodes([node])
    return wf


def state(pid):
    with open("/proc/%d/stat" % pid) as f:
        return f.read().rpartition(")")[2].split()[0]


def heeds(pid, number):
    """Whether a process has a handler for a signal."""
    with open("/proc/%d/status" % pid) as f:
        caught = next(line for line in f if line.startswith("SigCgt:"))
    return int(caught.split()[1], 16) >> (number - 1) & 1


def child_of(pid):
    """The process raphe that a process started, 0 if there is none."""
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        for child in map(int, f.read().split()):
            with open("/proc/%d/cmdline" % child, "rb") as name:
                if b"\0run\0" in name.read():
                    return child
    return 0


def until(what):
    for _ in range(3000):
        found = what()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("that does not come to pass")


def main():
    python = os.fork()
    if python == 0:
        os.setpgid(0, 0)
        workflow().run(plugin="Raphe")
        os._exit(0)
    try:
        raphe = until(lambda: child_of(python))
        until(lambda: heeds(python, signal.SIGTSTP))
        os.kill(python, signal.SIGTSTP)
        until(lambda: state(python) == "T" and state(raphe) == "T")
        os.kill(python, signal.SIGCONT)
        until(lambda: state(python) != "T" and state(raphe) != "T")
        open("go", "w").close()
        assert os.waitpid(python, 0)[1] == 0
        python = 0
    finally:
        if python:
            os.kill(python, signal.SIGKILL)


main()
