"""A template that keeps the protocol, or breaks it as RAPHE_TEST_ZYGOTE says, once or always."""

import ctypes
import json
import os
import signal
import sys
import time

import deeds

HOLD = bytearray(b"\x01") * (32 << 20)  # what workers share with it


def misbehaves(how):
    """Whether to misbehave in this way now: "once:HOW" only in the first life."""
    wanted = os.environ.get("RAPHE_TEST_ZYGOTE", "")
    mark = os.path.join(sys.argv[1], "misbehaved")
    if wanted.startswith("once:"):
        wanted = wanted[5:]
        if wanted == how and os.path.exists(mark):
            return False
        if wanted == how:
            open(mark, "w").close()
    return wanted == how


def tell(fd, answer):
    os.write(fd, (json.dumps(answer) + "\n").encode())


def main():
    with open(os.path.join(sys.argv[1], "lives"), "a", encoding="utf-8") as file:
        print(os.getpid(), file=file)
    answers, requests = os.dup(1), os.dup(0)
    os.dup2(2, 1)
    if misbehaves("fails"):
        print("ImportError: no module named nipype", file=sys.stderr)
        sys.exit(1)
    if misbehaves("killed"):
        os.kill(os.getpid(), signal.SIGKILL)
    if misbehaves("babbles"):
        os.write(answers, b"Hello, world\n")
        time.sleep(60)
    tell(answers, {"ready": True})
    raphe = os.getppid()
    with open(requests, encoding="utf-8", closefd=False) as lines:
        for line in lines:
            order = json.loads(line)
            if misbehaves("dies"):
                os.kill(os.getpid(), signal.SIGKILL)
            if misbehaves("refuses"):
                tell(answers, {"id": order["id"], "error": "Cannot fork"})
                continue
            pid = fork(order, raphe, (answers, requests))
            if misbehaves("dies-after"):
                os.kill(os.getpid(), signal.SIGKILL)
            if misbehaves("lies"):
                pid = 1 << 30
            if misbehaves("babbles-after"):
                os.write(answers, b'{"id":77,"pid":2}\n')
            tell(answers, {"id": order["id"], "pid": pid})
    if misbehaves("lingers"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)


def fork(order, raphe, inherited):
    reading, writing = os.pipe()
    between = os.fork()
    if between == 0:
        worker = os.fork()
        if worker == 0:
            for fd in (reading, writing) + inherited:
                os.close(fd)
            work(order, raphe)
        os.write(writing, str(worker).encode())
        os._exit(0)
    os.close(writing)
    pid = int(os.read(reading, 20))
    os.close(reading)
    os.waitpid(between, 0)
    return pid


def work(order, raphe):
    os.setpgid(0, 0)
    while os.getppid() != raphe:
        time.sleep(0.0005)
    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))
    if os.getppid() != raphe:
        os._exit(1)
    for path, fd in ((order["stdout"], 1), (order["stderr"], 2)):
        stream = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.dup2(stream, fd)
        os.close(stream)
    os.chdir(order["dir"])
    deeds.leave(deeds.perform(order["request"]))


if __name__ == "__main__":
    main()
