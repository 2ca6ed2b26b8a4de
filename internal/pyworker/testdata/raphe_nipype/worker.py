"""A worker by itself: worker.py FOLDER REQUEST."""

import sys

import deeds

if __name__ == "__main__":
    deeds.leave(deeds.perform(sys.argv[2]))
