"""One worker process by itself:  python worker.py FOLDER REQUEST.

Reads the settings of the hand-over in FOLDER, imports nipype and carries out the request of
the file REQUEST. Exit status 0: done; 1: the reply tells an error.
"""

import os
import sys


def main(folder, request):
    from raphe_nipype import lean, ops, reply
    from raphe_nipype.settings import Settings

    settings = Settings(folder)
    settings.prepare()
    lean.install()
    settings.configure()
    ops.begin(settings)
    reply.leave(ops.perform(settings, ops.read_request(settings, request)))


if __name__ == "__main__":
    # Python put the folder of this file first: its modules would be found as top-level ones.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    main(*sys.argv[1:])
