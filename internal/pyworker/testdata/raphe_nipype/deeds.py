"""What the workers of the tests do: a blob is JSON that says so."""

import json
import os
import signal
import sys
import time


def ready():
    print("ready", os.getpid(), flush=True)


def perform(path):
    with open(path, encoding="utf-8") as file:
        request = json.load(file)
    with open(request["blob"], encoding="utf-8") as file:
        deed = json.load(file)
    reply = {"outputs": {"pid": os.getpid(), "request": request}}
    what = deed["do"]
    if what == "say":
        reply = deed["reply"]
    elif what == "where":
        print("to stdout")
        print("to stderr", file=sys.stderr)
        reply["outputs"].update(dir=os.getcwd(), group=os.getpgrp(), env=os.environ.get("RAPHE_ODD", ""))
    elif what == "sleep":
        ready()
        time.sleep(60)
    elif what == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        ready()
        time.sleep(60)
    elif what == "silent":
        return 0
    elif what == "nonsense":
        with open(request["reply"], "w", encoding="utf-8") as file:
            file.write("{]")
        return 0
    elif what == "complain":
        print("oh no", file=sys.stderr)
        return 3
    elif what == "nap":
        time.sleep(deed["seconds"])
    elif what == "grow":
        hold = []
        while len(hold) < deed["mib"]:
            hold.append(bytearray(b"\x01") * (1 << 20))
        ready()
        time.sleep(deed.get("seconds", 60))
    elif what == "daemon":
        reply["outputs"]["daemon"] = daemon()
    with open(request["reply"] + ".new", "w", encoding="utf-8") as file:
        json.dump(reply, file)
    os.rename(request["reply"] + ".new", request["reply"])
    return 1 if "error" in reply else 0


def daemon():
    """Leaves a process in a session of its own; gives its id."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.setsid()
        pid = os.fork()
        if pid == 0:
            time.sleep(60)
        else:
            os.write(writing, str(pid).encode())
        os._exit(0)
    os.wait()
    return int(os.read(reading, 20))


def leave(status):
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
