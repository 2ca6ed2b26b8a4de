"""The template of the workers:  python zygote.py FOLDER.

Imports nipype and what the nodes of a hand-over need, once, and then forks a worker for each
request. Raphe starts it with pipes for standard input and output. It answers one line,
{"ready":true}; then for each line

    {"id":7,"request":PATH,"stdout":PATH,"stderr":PATH}

it forks and answers {"id":7,"pid":N}, or {"id":7,"error":TEXT} if it cannot. It forks twice:
the worker's parent ends at once, and the worker becomes a child of Raphe (a child subreaper),
which waits for it, measures, limits and kills it as any other child. When its input ends, so
does the template.
"""

import gc
import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback

PR_SET_PDEATHSIG = 1


def main(folder):
    answers, requests = os.dup(1), os.dup(0)
    for fd in (answers, requests):
        os.set_inheritable(fd, False)
    os.dup2(2, 1)  # what is printed while importing must not go among the answers
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    settings = start(folder)
    tell(answers, {"ready": True})
    raphe = os.getppid()
    with open(requests, encoding="utf-8", closefd=False) as lines:
        for line in lines:
            if line.strip():
                order = json.loads(line)
                answer = {"id": order["id"]}
                try:
                    answer["pid"] = fork(settings, order, raphe, (answers, requests))
                except OSError as exc:
                    answer["error"] = str(exc)
                tell(answers, answer)


def start(folder):
    """Imports everything that workers are to find in memory."""
    from raphe_nipype import lean, ops, pages
    from raphe_nipype.settings import Settings

    settings = Settings(folder)
    settings.prepare()
    lean.install()
    settings.configure()
    ops.begin(settings)
    for name in settings.preload:
        preload(name)
    lean.settle()
    warm(settings.folder)
    # What is there now belongs to all workers: no collection shall look at it, since looking
    # writes, and what is written is no longer shared.
    gc.collect()
    gc.freeze()
    pages.forget(workers_follow=True)
    return settings


def preload(name):
    try:
        importlib.import_module(name)
    except (Exception, SystemExit):
        print(f"preload {name}:", file=sys.stderr)
        traceback.print_exc()


def warm(folder):
    """Runs a node that does nothing, so that each worker finds imported, compiled and looked
    up what Python and nipype come to need only when a node runs."""
    from nipype import Function, Node, config, logging
    from nipype.utils.filemanip import loadpkl

    place = tempfile.mkdtemp(prefix="warm-", dir=folder)
    loggers = [log for log in logging.loggers.values() if not log.disabled]
    try:
        for log in loggers:
            log.disabled = True
        node = Node(Function(function="def nothing():\n    return 0\n"), name="nothing")
        node.base_dir, node.config = place, {"execution": {"hash_method": "content"}}
        node.run()
        loadpkl(os.path.join(node.output_dir(), "result_nothing.pklz"))
        config.resource_monitor  # nipype looks for psutil once
    except Exception:
        traceback.print_exc()
    finally:
        for log in loggers:
            log.disabled = False
        shutil.rmtree(place, ignore_errors=True)


def tell(fd, answer):
    os.write(fd, (json.dumps(answer) + "\n").encode())


def fork(settings, order, raphe, inherited):
    """Forks the worker of an order; gives its process number."""
    reading, writing = os.pipe()
    between = os.fork()
    if between == 0:
        status = 1
        try:
            os.close(reading)
            worker = os.fork()
            if worker == 0:
                os.close(writing)
                for fd in inherited:
                    os.close(fd)
                work(settings, order, raphe)
            os.write(writing, b"%d\n" % worker)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with open(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(between, 0)
    if not answer:
        raise OSError("fork a worker: no process")
    return int(answer)


def work(settings, order, raphe):
    """The life of a worker, from its birth to its end."""
    from raphe_nipype import ops, reply

    status = 1
    try:
        os.setpgid(0, 0)
        adopted_by(raphe)
        for path, fd in ((order["stdout"], 1), (order["stderr"], 2)):
            stream = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
            os.dup2(stream, fd)
            os.close(stream)
        reseed()
        status = ops.perform(settings, ops.read_request(settings, order["request"]))
    except BaseException:
        traceback.print_exc()
    finally:
        reply.leave(status)


def adopted_by(raphe):
    """Waits until this process is Raphe's child; from then on it ends when Raphe does."""
    end = time.monotonic() + 10
    while os.getppid() != raphe:
        if time.monotonic() > end:
            raise OSError("the worker did not become a child of raphe")
        time.sleep(0.0002)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != raphe:  # it ended in between
            os._exit(1)


def reseed():
    """numpy's random numbers are not to be the same in all workers."""
    random = sys.modules.get("numpy.random")
    if random is not None and "seed" in vars(random):  # not one that waits to be loaded
        random.seed()


if __name__ == "__main__":
    # Python put the folder of this file first: its modules would be found as top-level ones.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    main(*sys.argv[1:])
