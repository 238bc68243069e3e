"""An app's dev server, as `npm run event` starts it, and what handlers saw there."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from wix import TESTS, link_toolchain


class App:
    """An app in which events can be tried, and its dev server while one runs.

    Attributes:
        path: Its root.
        port: Where its dev server is to listen.
        events: The folder of its events.
        ids: The events' ids by name.
        generated: The events' samples by name, as they were generated.
    """

    def __init__(self, path: Path) -> None:
        """Take an app that was made, and install the toolchain."""
        self.path = path
        self.port = free_port()
        self.events = path / "src" / "backend" / "events"
        record = yaml.safe_load((path / ".copier-answers.yml").read_text())["events"]
        self.ids = {event["name"]: event["id"] for event in record}
        self.generated = {name: self.sample(name).read_text() for name in self.ids}
        self._logged = 0
        link_toolchain(path)

    @property
    def key(self) -> Path:
        """Return where the script keeps its key while a server runs."""
        return self.path / "node_modules" / ".cache" / "wix-event" / "key.pem"

    def sample(self, name: str) -> Path:
        """Return an event's sample."""
        return self.events / name / f"{name}.sample.json"

    def edit(self, name: str, old: str, new: str) -> None:
        """Edit a handler as its user would."""
        handler = self.events / name / f"{name}.ts"
        text = handler.read_text()
        assert text.count(old) == 1
        handler.write_text('import { appendFileSync } from "node:fs";\n' + text.replace(old, new))

    def write_sample(self, name: str, sample: dict[str, Any]) -> None:
        """Write an event's sample."""
        self.sample(name).write_text(json.dumps(sample))

    def send(self, *args: str) -> tuple[int, str]:
        """Run the script as `npm run event` does, and return its exit code and output."""
        command = ["node", "scripts/event.mjs", *args, "--port", str(self.port)]
        process = subprocess.run(
            command, cwd=self.path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        return process.returncode, process.stdout + process.stderr

    def log(self) -> str:
        """Return what the dev server has printed since the last call."""
        with (self.path / "dev.log").open() as file:
            file.seek(self._logged)
            text = file.read()
            self._logged = file.tell()
        return text

    def seen(self) -> list[Any]:
        """Return what handlers saw since the last call."""
        file = self.path / "seen.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]

    @contextlib.contextmanager
    def serve(self, *command: str, api: str = "") -> Iterator[subprocess.Popen[bytes]]:
        """Run the dev server while the context is open.

        Args:
            command: Runs the script; `npm run event --` if it is not given.
            api: What stands for https://www.wixapis.com.

        Yields:
            The command's process.
        """
        log = self.path / "dev.log"
        with log.open("w") as output:
            server = subprocess.Popen(
                [*(command or ("npm", "run", "event", "--")), "astro", "dev", "--port", str(self.port)],
                cwd=self.path,
                env={
                    **os.environ,
                    "ASTRO_TELEMETRY_DISABLED": "1",
                    "FAKE_WIX_API": api,
                    "NODE_OPTIONS": f"--import={(TESTS / 'redirect_wix_apis.mjs').as_uri()}",
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _wait_for_server(server, self.port, log)
            yield server
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def free_port() -> int:
    """Return a port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for_server(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, f"The dev server ended:\n{log.read_text()}"
        try:
            urllib.request.urlopen(f"http://localhost:{port}/_wix/app-manifest.json", timeout=60).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    pytest.fail(f"The dev server does not answer:\n{log.read_text()}")
