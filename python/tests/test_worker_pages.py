"""What the template gives back of the files that it has in memory."""

import subprocess
import sys
import unittest

import handover
from raphe_nipype import pages

SMAPS = """\
00400000-0041f000 r--p 00000000 fe:00 42                                 /usr/bin/python3 of ours
Size:                124 kB
Rss:                 120 kB
Anonymous:             0 kB
VmFlags: rd mr mw me sd
0041f000-006f5000 r-xp 0001f000 fe:00 42                                 /usr/bin/python3 of ours
Rss:                2764 kB
Anonymous:             0 kB
00a00000-00a10000 r--p 0061f000 fe:00 42                                 /usr/bin/python3 of ours
Rss:                  64 kB
Anonymous:            64 kB
00a10000-00b50000 rw-p 0062f000 fe:00 42                                 /usr/bin/python3 of ours
Rss:                1276 kB
Anonymous:             0 kB
7f0000000000-7f0000010000 r--p 00000000 00:00 0
Anonymous:             0 kB
7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0                          [vdso]
Anonymous:             0 kB
"""

CLEAN = """
import re, sys
sys.path.insert(0, sys.argv[1])
import decimal, hashlib, ssl
from raphe_nipype import pages
def clean():
    with open("/proc/self/smaps_rollup") as file:
        sizes = dict(re.findall(r"^(\\w+): +(\\d+) kB$", file.read(), re.M))
    return int(sizes["Private_Clean"]) + int(sizes["Shared_Clean"])
before = clean()
pages.forget()
after = clean()
assert after < before / 2, (before, after)
assert hashlib.sha256(b"").hexdigest().startswith("e3b0c442")
assert decimal.Decimal(1) / 8 == decimal.Decimal("0.125") and ssl.create_default_context()
"""

# The same is used again in a process that forks no workers, and in one that does.
AGAIN = """
import re, sys
sys.path.insert(0, sys.argv[1])
import decimal, json
from raphe_nipype import pages
def used():
    json.loads('[1, {"a": 2.5}]'), "{:.3f}".format(1), decimal.Decimal(2).sqrt()
    with open("/proc/self/smaps_rollup") as file:
        sizes = dict(re.findall(r"^(\\w+): +(\\d+) kB$", file.read(), re.M))
    return int(sizes["Private_Clean"]) + int(sizes["Shared_Clean"])
used()
pages.forget()
plain = used()
pages.BUSY = 0
pages.forget(workers_follow=True)
small = used()
assert small < 0.8 * plain, (small, plain)
"""


class PagesTest(unittest.TestCase):
    def test_only_what_is_as_in_the_file(self):
        found = list(pages.read_only(SMAPS.splitlines(keepends=True)))
        self.assertEqual(found, [(0x400000, 0x41F000, 120 << 10), (0x41F000, 0x6F5000, 2764 << 10)])

    @unittest.skipUnless(sys.platform.startswith("linux"), "Linux alone tells of pages")
    def test_they_come_back(self):
        done = subprocess.run(
            [sys.executable, "-c", CLEAN, handover.PACKAGE], capture_output=True, text=True
        )
        self.assertEqual(done.returncode, 0, done.stderr)

    @unittest.skipUnless(sys.platform.startswith("linux"), "Linux alone tells of pages")
    def test_of_busy_code_less_comes_back_at_once(self):
        done = subprocess.run(
            [sys.executable, "-c", AGAIN, handover.PACKAGE], capture_output=True, text=True
        )
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
