"""Gives back what importing left in memory of programs and libraries.

Importing touches much code of Python, numpy and the libraries under them that no worker comes
to use, nor a process that waits. The kernel has those pages in its cache and brings back the
few that are used again.
"""

import ctypes
import sys

MADV_DONTNEED = 4  # <asm-generic/mman-common.h>, the same on all that Python runs on


def forget():
    """Gives back the pages of files that this process only read. No other thread may be
    loading or removing a library meanwhile: its addresses could have become something else."""
    if not sys.platform.startswith("linux"):
        return
    try:
        with open("/proc/self/smaps", encoding="utf-8", errors="surrogateescape") as lines:
            untouched = list(read_only(lines))
    except OSError:  # a kernel that does not tell
        return
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for start, end in untouched:
        advise(start, end - start, MADV_DONTNEED)  # a hint: where it fails, pages stay


def read_only(lines):
    """The mappings of files in a /proc/PID/smaps that hold nothing but what is in the file:
    those that can't be written to, and never were (where addresses are put in once, when a
    library is loaded, pages are the process's own, and Anonymous counts them)."""
    mapping = None
    for line in lines:
        words = line.split()
        if not words[0].endswith(":"):
            mapping = _file_mapping(words)
        elif words[0] == "Anonymous:" and words[1] == "0" and mapping:
            yield mapping


def _file_mapping(words):
    """The bounds of the mapping that a line describes, None if it is none of a file or can be
    written to."""
    bounds, access, _offset, _device, inode = words[:5]
    if inode == "0" or "w" in access:
        return None
    start, end = bounds.split("-")
    return int(start, 16), int(end, 16)
