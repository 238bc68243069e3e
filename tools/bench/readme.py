"""What the README's own command lines take: through `uvx`, and after `uv tool install`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path

from . import events
from .jobs import Job, run
from .pairs import Pair, Pairs

_COPY = ("copier", "copy", "--trust", "--defaults", "-d", f"event={events.EVENT}")


class NoUv(Exception):
    """uv cannot be had here."""


class CommandLines:
    """The template at an address of its own, as on a server, and uv with nothing in its cache."""

    def __init__(self, template: Pairs) -> None:
        """Install uv.

        Raises:
            NoUv: It cannot be installed.
        """
        self.runner, self.app = template.runner, template.app
        self.folder = self.runner.folder / "uv"
        server = self.folder / "wix-backend-events-template.git"
        run(("git", "clone", "--quiet", "--bare", str(template.template.path), str(server)), self.app)
        self.address = server.as_uri()
        self.env = _with_uv(self.folder)
        self.uvx = self._job("uvx", "--with", f"git+{self.address}", *_COPY, self.address, ".")
        self.install = self._job(
            "uv", "tool", "install", "--reinstall", f"git+{self.address}", "--with-executables-from", "copier"
        )
        self.installed = self._job(*_COPY, self.address, ".")

    def first(self) -> Iterator[tuple[str, float]]:
        """Yield what is done once, with the seconds that it takes, downloads included.

        Raises:
            NoUv: Something cannot be downloaded.
        """
        for what, job in (("the first `uvx …` ever", self.uvx), ("then `uv tool install …`", self.install)):
            start = time.perf_counter()
            try:
                subprocess.run(job.commands[0], cwd=self.app, env=job.env, check=True, capture_output=True)
            except subprocess.CalledProcessError as error:
                raise NoUv(error.stderr.decode().strip().splitlines()[-1]) from error
            yield what, time.perf_counter() - start

    def pairs(self) -> Iterator[Pair]:
        """Compare the command lines with Copier's alone, once `first` has been done."""
        beside = self._job(*_COPY, self.address, ".")
        yield Pair("`uvx --with … copier copy …`", self.uvx, "`copier copy …`, installed", beside)
        version = self._job("copier", "--version")
        yield Pair("`copier copy …`, installed", self.installed, "`copier --version`", version)

    def _job(self, *command: str) -> Job:
        return Job(self.app, (command,), self.env)


def _with_uv(folder: Path) -> Mapping[str, str]:
    """Install uv into an environment of its own; returns the variables with which it is found and keeps to a folder."""
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    pip = (str(programs / "python"), "-m", "pip", "install", "--quiet", "uv")
    if (done := subprocess.run(pip, capture_output=True, text=True, check=False)).returncode:
        raise NoUv((done.stderr.strip().splitlines() or ["pip install uv failed"])[-1])
    bin_folder = folder / "bin"
    return {
        **os.environ,
        "PATH": os.pathsep.join((str(bin_folder), str(programs), os.environ["PATH"])),
        "UV_CACHE_DIR": str(folder / "cache"),
        "UV_TOOL_DIR": str(folder / "tools"),
        "UV_TOOL_BIN_DIR": str(bin_folder),
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_CONFIG": "1",
    }
