"""What nipype asks of tools, asked once.

nipype asks ldd for the libraries of each command before it runs (setting get_linked_libs,
which is on unless somebody turned it off), and packages for their version (antsRegistration
--version). A process that runs many nodes asks for a version once; workers would all ask. The
answers are kept in the hand-over folder for as long as the tool's file, and what steers the
linker, stay the same.
"""

import hashlib
import os
import pickle

# What of the environment decides where the linker looks.
LINKER = ("LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH")


def libraries(folder, ask):
    """Gives a get_dependencies that asks with `ask` what folder does not know."""

    def get_dependencies(name, environ):
        place = _place(folder, name, environ, "libraries")
        known = _read(place)
        if known is None:
            known = ask(name, environ)
            if isinstance(known, bytes):  # text tells that asking failed
                _keep(place, known)
        return known

    return get_dependencies


def versions(folder, ask):
    """Gives a PackageInfo.version (a class method) that asks with `ask` what folder does not
    know; packages that find out their version in other ways than by a command ask each time."""

    def version(package):
        if package._version is not None or not package.version_cmd:
            return ask(package)
        tool = package.version_cmd.split()[0]
        what = f"version {package.__module__}.{package.__qualname__} {package.version_cmd}"
        place = _place(folder, tool, os.environ, what)
        package._version = _read(place)
        if package._version is None and ask(package) is not None:
            _keep(place, package._version)
        return package._version

    return classmethod(version)


def _place(folder, tool, environ, what):
    """The file for what was asked of a tool; None where the tool is not found."""
    from nipype.utils.filemanip import which

    path = which(tool, env=environ)
    try:
        stat = os.stat(path)
    except (OSError, TypeError):
        return None
    seen = [what, path, stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns]
    seen += [environ.get(variable) for variable in LINKER]
    return os.path.join(folder, "tools", hashlib.sha256(repr(seen).encode()).hexdigest())


def _read(place):
    try:
        with open(place, "rb") as file:
            return pickle.load(file)
    except (OSError, TypeError, EOFError, pickle.UnpicklingError):
        return None


def _keep(place, answer):
    if place is None:
        return
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        temporary = f"{place}.{os.getpid()}"
        with open(temporary, "wb") as file:
            pickle.dump(answer, file)
        os.replace(temporary, place)
    except OSError:
        pass  # the next one asks again
