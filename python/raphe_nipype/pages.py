"""Gives back what importing left in memory of programs and libraries.

Importing touches much code of Python, numpy and the libraries under them that no worker comes
to use, nor a process that waits. The kernel has those pages in its cache and brings back the
few that are used again.
By itself it brings the 64 KiB around what is used. Of the code that all workers run that is
twice what they use, so such code is kept in small mappings: what is brought back around a page
ends with the mapping.
"""

import ctypes
import sys

MADV_DONTNEED = 4  # <asm-generic/mman-common.h>, the same on all that Python runs on
MADV_DONTDUMP = 16

# How large small mappings are, and of what they are made: Python itself and numpy's core. All
# are copied with each fork, so that they must not be many.
PIECE = 16 << 10
BUSY = 1536 << 10


def forget(workers_follow=False):
    """Gives back the pages of files that this process only read. No other thread may be
    loading or removing a library meanwhile: its addresses could have become something else.

    workers_follow says that workers will be forked from this process."""
    if not sys.platform.startswith("linux"):
        return
    try:
        with open("/proc/self/smaps", encoding="utf-8", errors="surrogateescape") as lines:
            untouched = list(read_only(lines))
    except OSError:  # a kernel that does not tell
        return
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for start, end, held in untouched:  # hints: where one fails, pages stay
        if workers_follow and held >= BUSY:
            # Every other piece need not be in a core dump, where it would not be anyway: so
            # the kernel can't hold it in one mapping with the pieces around it.
            for at in range(start + PIECE, end, 2 * PIECE):
                advise(at, min(PIECE, end - at), MADV_DONTDUMP)
        advise(start, end - start, MADV_DONTNEED)


def read_only(lines):
    """The mappings of files in a /proc/PID/smaps that hold nothing but what is in the file:
    those that can't be written to, and never were (where addresses are put in once, when a
    library is loaded, pages are the process's own, and Anonymous counts them). Of each the
    bounds, and how much is in memory."""
    mapping, held = None, 0
    for line in lines:
        words = line.split()
        if not words[0].endswith(":"):
            mapping, held = _file_mapping(words), 0
        elif words[0] == "Rss:":
            held = int(words[1]) << 10
        elif words[0] == "Anonymous:" and words[1] == "0" and mapping:
            yield (*mapping, held)


def _file_mapping(words):
    """The bounds of the mapping that a line describes, None if it is none of a file or can be
    written to."""
    bounds, access, _offset, _device, inode = words[:5]
    if inode == "0" or "w" in access:
        return None
    start, end = bounds.split("-")
    return int(start, 16), int(end, 16)
