"""What holds for all workers of a hand-over: its config.json, and nipype set up by it."""

import json
import os
import sys
import traceback


class Settings:
    """The content of FOLDER/config.json (see doc/formats.md)."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        with open(os.path.join(self.folder, "config.json"), encoding="utf-8") as file:
            content = json.load(file)
        self.config = content.get("config") or {}
        self.path = content.get("path")
        self.cwd = content.get("cwd")
        self.updatehash = bool(content.get("updatehash"))
        self.environ = content.get("environ") or {}
        self.main = content.get("main")
        self.program = content.get("program")
        self.preload = content.get("preload") or []

    def inside(self, path):
        """A path of a request: those that are relative lie in the folder."""
        return os.path.join(self.folder, path)

    @property
    def base(self):
        """The folder in which the workflow works: FOLDER is .raphe/nipype/NAME in it."""
        return os.path.realpath(os.path.join(self.folder, "..", "..", ".."))

    def prepare(self):
        """Makes this process one like that in which the workflow was built."""
        os.environ["NIPYPE_NO_ET"] = "1"
        for name, value in self.environ.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self.enter()
        if self.path:
            own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
            sys.path[:] = self.path + ([] if own in self.path else [own])

    def enter(self):
        """Goes to the directory in which the workflow was started, if it is there still."""
        for place in (self.cwd, self.folder):
            try:
                os.chdir(place)
                return
            except (OSError, TypeError):
                continue

    def configure(self):
        """Imports nipype and gives it the settings of the workflow."""
        from nipype import config, logging

        from . import programs

        for section, options in self.config.items():
            if not config._config.has_section(section):
                config._config.add_section(section)
            for name, value in options.items():
                config._config.set(section, name, str(value))
        logging.update_logging(config)
        if config.getboolean("monitoring", "enabled"):
            config.enable_resource_monitor()
        if self.program:
            programs.expect(self.program, self.folder)
        self._restore_script()

    def _restore_script(self):
        """Makes the user's script known as __main__, where a node holds something of it."""
        from . import mainmodule

        if self.main:
            sys.argv[:] = self.main.get("argv", sys.argv)
        try:
            mainmodule.restore(self.main)
        except Exception:  # a node that needs it says so
            traceback.print_exc()
