"""The shared libraries of tools, asked once for each tool.

With the setting get_linked_libs (which is on unless somebody turned it off) nipype asks ldd
for the libraries of each command, before each run, to keep the answer in the node's result:
half of the time that a worker takes to prepare a small node. The answer is kept in the
hand-over folder for as long as the tool's file and what steers the linker stay the same.
"""

import hashlib
import os

# What of the environment decides where the linker looks.
LINKER = ("LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH")


def remembering(folder, ask):
    """Gives a get_dependencies that asks with `ask` what folder does not know."""

    def get_dependencies(name, environ):
        place = _place(folder, name, environ)
        if place is None:
            return ask(name, environ)
        try:
            with open(place, "rb") as file:
                return file.read()
        except OSError:
            answer = ask(name, environ)
            if isinstance(answer, bytes):
                _keep(place, answer)
            return answer

    return get_dependencies


def _place(folder, name, environ):
    """The file for the answer about a tool; None where the tool is not found."""
    from nipype.utils.filemanip import which

    path = which(name, env=environ)
    try:
        stat = os.stat(path)
    except (OSError, TypeError):
        return None
    seen = [path, stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns]
    seen += [environ.get(variable) for variable in LINKER]
    return os.path.join(folder, "libraries", hashlib.sha256(repr(seen).encode()).hexdigest())


def _keep(place, answer):
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        temporary = f"{place}.{os.getpid()}"
        with open(temporary, "wb") as file:
            file.write(answer)
        os.replace(temporary, place)
    except OSError:
        pass  # the next one asks again
