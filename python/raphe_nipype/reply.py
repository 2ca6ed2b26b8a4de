"""What a worker answers: a JSON file that appears whole or not at all."""

import json
import os
import sys
import traceback

from .values import encode


def write(path, answer):
    """Writes the reply to path, under a name of its own first."""
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(answer, file, separators=(",", ":"))
    os.replace(temporary, path)


def outputs(result):
    """The defined outputs of nipype's result, by name."""
    from nipype.interfaces.base import isdefined

    found = getattr(result, "outputs", None)
    if found is None:
        return {}
    pairs = found.trait_get() if hasattr(found, "trait_get") else dict(found.items())
    return {name: encode(value) for name, value in pairs.items() if isdefined(value)}


def finished(result, cached):
    """The reply of a node that has its outputs."""
    runtime = getattr(result, "runtime", None)
    several = runtime if isinstance(runtime, list) else [runtime]
    duration = sum(getattr(one, "duration", None) or 0 for one in several)
    return {"outputs": outputs(result), "cached": cached, "runtime": {"duration": duration}}


def failed(exc, runtime=None, crashfile=None):
    """The reply of a node that failed: exc is what node.run() raised, runtime nipype's
    record of the interface that failed, if it came so far."""
    error = {"type": type(exc).__name__, "message": one_line(exc)}
    error["traceback"] = "".join(lines(exc))
    if runtime is not None:
        cause = getattr(runtime, "raphe_cause", None)
        if cause is not None:
            error["type"], error["message"] = type(cause).__name__, one_line(cause)
            error["traceback"] = runtime.traceback
        elif getattr(runtime, "traceback", None):
            error["type"], _, message = runtime.traceback.strip().partition(": ")
            error["message"] = message.rstrip(".")
        for stream in ("cmdline", "stdout", "stderr"):
            text = getattr(runtime, stream, None)
            if text:
                error[stream] = str(text)[-4096:]
    return {"error": error, "crashfile": crashfile}


def lines(exc):
    """The traceback of an exception without the frames of this package at its top."""
    place = exc.__traceback__
    own = os.path.dirname(os.path.abspath(__file__))
    while place is not None and place.tb_frame.f_code.co_filename.startswith(own):
        place = place.tb_next
    return traceback.format_exception(type(exc), exc, place)


def one_line(exc):
    """What an exception says, in one line, with what it was raised from."""
    text = " ".join(str(exc).split()) or type(exc).__name__
    cause = exc.__cause__
    if cause is not None:
        text += f" ({type(cause).__name__}: {one_line(cause)})"
    return text if len(text) <= 2000 else text[:2000] + "..."


def leave(status):
    """Ends the process at once: nipype keeps any exception from ending it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass
    os._exit(status)
