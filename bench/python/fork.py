"""What an engine does that forks: hold memory, then start a tool by fork and exec.

    fork.py BYTES N COMMAND...

It starts the command N times, one after the other, and prints one JSON object:
how many started, and what the kernel said to the first that did not.
"""

import errno
import json
import mmap
import os
import sys


def start(argv):
    pid = os.fork()
    if pid == 0:
        try:
            os.execvp(argv[0], argv)
        finally:
            os._exit(127)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main():
    size, n, argv = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.madvise(mmap.MADV_HUGEPAGE)
    for i in range(0, size, mmap.PAGESIZE):
        memory[i] = 1
    started, error = 0, ""
    for _ in range(n):
        try:
            if start(argv) == 0:
                started += 1
        except OSError as e:
            error = error or "%s: %s" % (errno.errorcode[e.errno], e.strerror)
    print(json.dumps({"started": started, "error": error}))


main()
