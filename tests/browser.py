"""A real browser without a window: Debian's Chromium, told what to do over a pipe.

https://chromedevtools.github.io/devtools-protocol/: with `--remote-debugging-pipe` Chromium reads messages from descriptor 3 and
writes to 4, each one JSON text that a zero byte ends.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


class Page:
    """One page, open in a browser."""

    def __init__(self, process: subprocess.Popen[bytes], to: int, back: int) -> None:
        """Open an empty page."""
        self.process = process
        self.to = to
        self.back = os.fdopen(back, "rb", buffering=0)
        self.number = 0
        self.session: str | None = None
        self.waiting = b""
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol, and keep what is reported meanwhile."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def _read(self) -> dict[str, Any]:
        """Read one message."""
        while b"\0" not in self.waiting:
            part = self.back.read(1 << 16)
            assert part, "the browser has gone"
            self.waiting += part
        message, self.waiting = self.waiting.split(b"\0", 1)
        answer: dict[str, Any] = json.loads(message)
        return answer

    def open(self, file: Path) -> None:
        """Open a file, and wait until it has loaded."""
        self.events.clear()
        self.call("Page.navigate", url=file.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def requests(self) -> list[str]:
        """Return the addresses that have been asked for since a file was opened."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def evaluate(self, expression: str) -> Any:
        """Return what a JavaScript expression stands for, a promise what it is kept with."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def click(self, selector: str) -> None:
        """Click into the middle of an element, as a mouse does."""
        x, y = self.evaluate(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({ block: 'nearest', inline: 'center' });"
            " const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2] })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def type(self, selector: str, text: str) -> None:
        """Put text into a field in place of what is there, as a keyboard does."""
        self.click(selector)
        self.evaluate("document.activeElement.select()")
        self.call("Input.insertText", text=text)

    def screen(self, width: int, height: int, scheme: str = "light") -> None:
        """Make the page so large, and its colours light or dark."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, path: Path) -> None:
        """Write what is seen to a PNG file."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))


@contextlib.contextmanager
def browse(profile: Path) -> Iterator[Page]:
    """Start a browser; a test that wants one is skipped where there is none.

    Args:
        profile: A folder for its profile; it writes nowhere else.
    """
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no chromium on PATH: apt-get install chromium")
    theirs, to = os.pipe()
    back, from_them = os.pipe()

    def take_descriptors() -> None:
        # By way of others: one of these may be 3 or 4 itself.
        high = os.dup2(theirs, 50), os.dup2(from_them, 51)
        os.dup2(high[0], 3)
        os.dup2(high[1], 4)

    process = subprocess.Popen(
        [
            program,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
        ],
        env={**os.environ, "HOME": str(profile)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        close_fds=False,
        preexec_fn=take_descriptors,
    )
    os.close(theirs)
    os.close(from_them)
    try:
        yield Page(process, to, back)
    finally:
        os.close(to)
        process.terminate()
        process.wait()
