"""Command-line nodes in parts: Python, the command, Python; no Python while it runs.

nipype runs every command of an interface through one function, run_command. To prepare a
node is to call node.run() with a run_command that writes down what is to be run and ends the
process. To collect is to call node.run() once more, in a new process, where run_command
answers with what Raphe found: exit status, output, time taken. All of the class's own Python
(overridden methods, hooks, what it does before and after its command) takes part in both. A
class that runs several commands is repeated once for each.

When it is repeated node.run() must find things as it found them before: hashes are those from
before the command, and what a class of its own does ahead of its command (it may clear away
what an earlier run left) it does in an empty directory, while that with the tool's results
waits under another name. Then the two change places. Where there is no such Python, nothing is
moved or copied. What all that takes is kept in a file beside the blob. Commands that differ
when repeated (a random file name, say) show that a class cannot be run so: Handoff.strayed, and
the caller runs it in one piece.

A command is Raphe's if it runs in the directory of the node, but for those by which nipype
asks a package for its version: these are short, run for real, and are remembered by the class.
"""

import datetime
import os
import pickle
import shutil

from . import reply, streams

# What a class may override that runs before its command.
AHEAD = ("run", "cmdline", "_run_interface", "_pre_run_hook", "_parse_inputs", "_format_arg")


class Strayed(Exception):
    """A repeated run came to another command than the first."""


class Handoff:
    """One part of the run of a node. A context: inside it nipype hands its commands over."""

    def __init__(self, node, request, results):
        self.node = node
        self.results = results
        self.reply = request["reply"]
        self.directory = os.path.realpath(node.output_dir())
        self.held = self.directory + ".held"  # the directory with the results
        self.busy = busy(node.interface)
        self.path = os.path.splitext(request["blob"])[0] + ".split"
        self.used = 0
        self.active = []  # the runtime records of interfaces that are running
        self.probing = 0
        self.state = {"commands": [], "copied": {}, "dependencies": []}
        if results:
            self.state = _state(self.path) or self.state
        # Whether something else than what was recorded is going on.
        self._mismatch = len(self.state["commands"]) != len(results)

    @property
    def strayed(self):
        """Whether what was recorded did not fit what the class does."""
        return self._mismatch or self.used < len(self.results)

    def run_command(self, runtime, output=None, timeout=0.01, write_cmdline=False):
        """Takes the place of nipype's run_command."""
        if self.probing or os.path.realpath(str(runtime.cwd)) != self.directory:
            return self.originals["run_command"](
                runtime, output=output, timeout=timeout, write_cmdline=write_cmdline
            )
        if write_cmdline:
            with open(os.path.join(runtime.cwd, "command.txt"), "w", encoding="utf-8") as file:
                file.write(runtime.cmdline)
        if self.used < len(self.results):
            return self._replay(runtime, output)
        return self._hand_over(runtime, output)

    def _hand_over(self, runtime, output):
        """Writes down the command and ends this process."""
        if self._mismatch:
            raise Strayed(runtime.cmdline)  # somebody caught the first one
        self.state["commands"].append(runtime.cmdline)
        self.state["hash"] = self.node._hashed_inputs, self.node._hashvalue
        with open(self.path, "wb") as file:
            pickle.dump(self.state, file, protocol=pickle.HIGHEST_PROTOCOL)
        environment = {_text(name): _text(value) for name, value in runtime.environ.items()}
        command = {
            "cmdline": runtime.cmdline,
            "env": environment,
            "cwd": str(runtime.cwd),
            "output": output,
        }
        reply.write(self.reply, {"command": command})
        reply.leave(0)

    def _replay(self, runtime, output):
        """Answers with the recorded result of the command."""
        expected, result = self.state["commands"][self.used], self.results[self.used]
        if self._mismatch or expected != runtime.cmdline:
            self._mismatch = True
            raise Strayed(f"{runtime.cmdline!r} now, {expected!r} before")
        self.used += 1
        self._change_places(runtime)
        written = {name: streams.read(result.get(name)) for name in ("stdout", "stderr")}
        for name, value in streams.present(output, written, runtime.cwd).items():
            setattr(runtime, name, value)
        runtime.returncode = result["returncode"]
        self._put_back(result.get("duration") or 0)
        return runtime

    def _change_places(self, runtime):
        """Puts the directory with the results where it belongs."""
        if os.path.isdir(self.held):
            os.chdir(os.path.dirname(self.directory))
            shutil.rmtree(self.directory)
            os.rename(self.held, self.directory)
            os.chdir(runtime.cwd)

    def _put_back(self, seconds):
        """Lets the running interfaces have started earlier by the time of the command."""
        for runtime in self.active:
            started = datetime.datetime.fromisoformat(runtime.startTime)
            runtime.startTime = (started - datetime.timedelta(seconds=seconds)).isoformat()

    def copy_inputs(self, node, execute=True, linksonly=False):
        """Takes the place of Node._copyfiles_to_wd: copies once, remembers the names."""
        from nipype.interfaces.base.specs import get_filecopy_info

        original = self.originals["_copyfiles_to_wd"]
        if node is not self.node or not execute or linksonly:
            return original(node, execute=execute, linksonly=linksonly)
        if self.busy and self.results:
            return original(node, execute=execute, linksonly=linksonly)
        if not self.results:
            original(node, execute=execute, linksonly=linksonly)
            names = [info["key"] for info in get_filecopy_info(node.interface) or ()]
            values = node.inputs.trait_get()
            self.state["copied"] = {name: values[name] for name in names if name in values}
            return None
        for name, value in self.state["copied"].items():
            try:
                setattr(node.inputs, name, value)
            except Exception:  # the tool may have removed its copy
                node.inputs.__dict__[name] = value
        return None

    def empty(self, path, *args, **kwargs):
        """Takes the place of emptydirs: what the tool made stays."""
        if os.path.realpath(path) == self.directory and self.results:
            return True
        return self.originals["emptydirs"](path, *args, **kwargs)

    def dependencies(self, name, environ):
        """Takes the place of get_dependencies: the libraries of the tool, asked once."""
        known = self.state["dependencies"]
        if self.used < len(self.results) and self.used < len(known):
            return known[self.used]
        found = self.originals["get_dependencies"](name, environ)
        known.append(found)
        return found

    def __enter__(self):
        from nipype.interfaces.base import core, support
        from nipype.pipeline.engine import nodes

        if self._mismatch:
            raise Strayed(f"the record of {self.node.fullname} does not fit")
        if self.results:
            self.node._get_inputs()
            self.node._hashed_inputs, self.node._hashvalue = self.state["hash"]
        shutil.rmtree(self.held, ignore_errors=True)  # of a worker that was killed
        if self.results and self.busy:
            os.rename(self.directory, self.held)
        handoff = self

        def copy_inputs(node, execute=True, linksonly=False):
            return handoff.copy_inputs(node, execute=execute, linksonly=linksonly)

        self._patched, self.originals = [], {}
        self._patch(core, "run_command", self.run_command)
        self._patch(core, "get_dependencies", self.dependencies)
        self._patch(nodes, "emptydirs", self.empty)
        self._patch(nodes.Node, "_copyfiles_to_wd", copy_inputs)
        self._patch(support.RuntimeContext, "__enter__", self._watched_enter)
        self._patch(support.RuntimeContext, "__exit__", self._watched_exit)
        self._patch(core.PackageInfo, "version", classmethod(self._probed_version))
        return self

    def __exit__(self, *exc):
        for owner, name, original in reversed(self._patched):
            setattr(owner, name, original)
        shutil.rmtree(self.held, ignore_errors=True)  # it strayed: all is to be made anew

    def _patch(self, owner, name, replacement):
        original = owner.__dict__[name]
        self._patched.append((owner, name, original))
        self.originals[name] = original
        setattr(owner, name, replacement)

    @property
    def _watched_enter(self):
        def enter(context):
            runtime = self.originals["__enter__"](context)
            self.active.append(runtime)
            return runtime

        return enter

    @property
    def _watched_exit(self):
        def leave(context, *exc):
            if context.runtime in self.active:
                self.active.remove(context.runtime)
            return self.originals["__exit__"](context, *exc)

        return leave

    @property
    def _probed_version(self):
        def version(package):
            self.probing += 1
            try:
                return self.originals["version"].__func__(package)
            finally:
                self.probing -= 1

        return version


def busy(interface):
    """Whether a class has Python of its own to run before its command. That of the base
    classes of nipype's packages counts for nothing: it looks at settings."""
    for name in AHEAD:
        method = getattr(type(interface), name)
        home = getattr(getattr(method, "fget", method), "__module__", None) or ""
        own = not home.startswith("nipype.interfaces.") or not home.endswith((".base", ".core"))
        if own or name in vars(interface):
            return True
    return False


def _state(path):
    """What the parts before left; None if that is lost."""
    try:
        with open(path, "rb") as file:
            return pickle.load(file)
    except (OSError, EOFError, pickle.UnpicklingError):
        return None


def _text(value):
    return os.fsdecode(value) if isinstance(value, bytes) else str(value)
