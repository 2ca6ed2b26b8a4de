"""What a command wrote, in the form in which nipype gives it to an interface.

An interface's terminal_output says what becomes of the output of its command: text in the
runtime record (allatonce; stream, with the time of each line in `merged`), files in the
directory of the node (file and its kin), or nothing (none).
"""

import datetime
import os
import sys

# The modes of terminal_output in which nipype writes files: which stream goes where.
FILES = {
    "file": {"stdout": "output.nipype"},
    "file_split": {"stdout": "stdout.nipype", "stderr": "stderr.nipype"},
    "file_stdout": {"stdout": "stdout.nipype"},
    "file_stderr": {"stderr": "stderr.nipype"},
}


def read(path):
    """The bytes of a file of Raphe's; none if there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, TypeError):
        return b""


def present(output, streams, cwd):
    """What run_command would have given for these streams, in a mode of terminal_output."""
    from nipype.utils.filemanip import read_stream
    from nipype.utils.subprocess import iflogger

    if output == "stream":
        return _as_stream(streams, iflogger)
    seen = {"stdout": [], "stderr": []}
    if output == "file":
        streams = {"stdout": streams["stdout"] + streams["stderr"]}
    if output == "allatonce":
        seen = {name: read_stream(content, logger=iflogger) for name, content in streams.items()}
    for name, file_name in FILES.get(output, {}).items():
        with open(os.path.join(cwd, file_name), "wb") as file:
            file.write(streams[name])
        seen[name] = read_stream(streams[name], logger=iflogger)
    merged = []
    if output == "file":
        seen["stdout"], merged = [], seen["stdout"]
    return {
        "stdout": "\n".join(seen["stdout"]),
        "stderr": "\n".join(seen["stderr"]),
        "merged": "\n".join(merged),
    }


def _as_stream(streams, logger):
    """Mode stream: lines with the time, in the log as well. When the command wrote a line
    nobody has seen: all have the time of now."""
    now = datetime.datetime.now().isoformat()
    shown = {"merged": []}
    for name, content in streams.items():
        rows = content.decode("utf-8", "replace").split("\n")
        if not rows[-1]:
            rows.pop()
        shown[name] = "\n".join(rows)
        for row in rows:
            line = f"{name} {now}:{row}"
            logger.info(line)
            shown["merged"].append(line)
    shown["merged"] = "\n".join(shown["merged"])
    return shown


def at_once(original):
    """A run_command for commands that a worker runs itself: where nobody watches, mode stream
    (which looks at two pipes in turn, again and again) reads what was written at the end."""

    def run_command(runtime, output=None, timeout=0.01, write_cmdline=False):
        if output != "stream":
            return original(runtime, output=output, timeout=timeout, write_cmdline=write_cmdline)
        runtime = original(runtime, output="allatonce", write_cmdline=write_cmdline)
        streams = {name: os.fsencode(getattr(runtime, name)) for name in ("stdout", "stderr")}
        for name, value in _as_stream(streams, sys.modules[original.__module__].iflogger).items():
            setattr(runtime, name, value)
        return runtime

    return run_command
