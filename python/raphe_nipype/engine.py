"""The process `raphe run`: which program it is, how it is started, and what ends it.

It is in a process group of its own, so that Ctrl-C reaches it once: from here.
It ends when this process does, however that came.
"""
import ctypes
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from typing import Any, Callable, Dict, List, NoReturn, Optional

_PR_SET_PDEATHSIG = 1


def binary(wanted: Optional[str] = None) -> str:
    """Gives the path of raphe: as wanted, as $RAPHE_BINARY says, the one that was
    installed with this package, or that of $PATH."""
    own = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "raphe")
    for path in (wanted, os.environ.get("RAPHE_BINARY"), own):
        if path and os.access(path, os.X_OK):
            return os.path.abspath(path)
        if path and path != own:
            raise RuntimeError(f"the program raphe is not at {path}")
    path = shutil.which("raphe")
    if path is None:
        raise RuntimeError(
            "the program raphe is not found: install it, or name it by "
            'plugin_args={"raphe": PATH} or $RAPHE_BINARY'
        )
    return os.path.abspath(path)


def command(path: str, definition: str, base: str, options: List[str]) -> List[str]:
    """Gives the command line that runs a definition. What `raphe run script.py` was
    given comes last, so that it wins."""
    given = json.loads(os.environ.get("RAPHE_RUN_ARGS") or "[]")
    called = ["--command", shlex.join(getattr(sys, "orig_argv", [sys.executable, *sys.argv]))]
    return [path, "run", definition, "--base-dir", base, *called, *options, *given]


def become(argv: List[str]) -> NoReturn:
    """Replaces this process."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.execve(argv[0], argv, _environ())


def run(
    argv: List[str], told: Callable[[bytes], None], started: Callable[[], None] = lambda: None
) -> int:
    """Runs a command to its end and gives its exit status. started is called once it
    runs, told with each line of events."""
    argv, copy = _take_events(argv)
    reader, writer = os.pipe()
    argv = [*argv, "--events", f"/dev/fd/{writer}"]
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            pass_fds=[writer],
            env=_environ(),
            preexec_fn=_leave_group(),
        )
    except BaseException:
        os.close(reader)
        raise
    finally:
        os.close(writer)
    with open(reader, "rb") as lines, _Signals(process) as signals:
        try:
            started()
            _listen(lines, told, copy)
            status = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    signals.obey()
    return status


def _environ() -> Dict[str, str]:
    """Gives raphe's environment. What `raphe run script.py` was given is for the
    workflows of this process, not for those that a node may run in turn."""
    environ = dict(os.environ, NIPYPE_NO_ET="1")
    environ.pop("RAPHE_RUN_ARGS", None)
    return environ


def _listen(lines: Any, told: Callable[[bytes], None], copy: Optional[str]) -> None:
    if copy is None:
        for line in lines:
            told(line)
        return
    with open(copy, "ab") as out:
        for line in lines:
            out.write(line)
            out.flush()
            told(line)


def _take_events(argv: List[str]) -> Any:
    """Takes the last --events=FILE out of a command line."""
    copy = None
    for argument in argv:
        if argument.startswith("--events="):
            copy = argument.partition("=")[2]
    return [a for a in argv if not a.startswith("--events=")], copy


def _leave_group() -> Callable[[], None]:
    """Gives what a child does before it becomes raphe."""
    parent = os.getpid()
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def prepare() -> None:
        os.setpgid(0, 0)
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:  # it died before it could be told
                os._exit(1)

    return prepare


class _Signals:
    """Passes on to a process what would end this one, which can wait that long, and
    lets it rest while this one does: Ctrl-Z is meant for both."""

    _PASSED = (signal.SIGINT, signal.SIGTERM)

    def __init__(self, process: subprocess.Popen) -> None:
        self._process = process
        self._before: Dict[int, Any] = {}
        self._last: Optional[int] = None

    def __enter__(self) -> "_Signals":
        if threading.current_thread() is threading.main_thread():
            for number in self._PASSED:
                if signal.getsignal(number) == signal.SIG_IGN:
                    continue
                self._before[number] = signal.signal(number, self._pass)
            if signal.getsignal(signal.SIGTSTP) == signal.SIG_DFL:
                self._before[signal.SIGTSTP] = signal.signal(signal.SIGTSTP, self._rest)
        return self

    def __exit__(self, *exc: Any) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _pass(self, number: int, frame: Any) -> None:
        self._last = number
        self._process.send_signal(number)

    def _rest(self, number: int, frame: Any) -> None:
        self._process.send_signal(signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGSTOP)
        self._process.send_signal(signal.SIGCONT)

    def obey(self) -> None:
        """Does to this process what the last signal asked for."""
        if self._last is not None:
            os.kill(os.getpid(), self._last)
