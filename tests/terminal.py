"""A dialogue with the real Copier in a real terminal."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pexpect
import pyte
from wix_events import catalogue

NONE = "None: only bring what is there up to date"
WHICH_EVENT = "Which event?"
OTHER = "A package that is not in this list"
UP, DOWN, SPACE, ENTER, CTRL_C, CTRL_U = "\x1b[A", "\x1b[B", " ", "\r", "\x03", "\x15"
WHICH_PRODUCT, WHICH_NAME = "Which Wix product", "What shall it be called"


class Screen(pyte.Screen):
    """What a terminal shows, and what it answers: Copier leaves messages out until it knows where the cursor is."""

    def __init__(self, process: pexpect.spawn[str]) -> None:
        """Show nothing yet."""
        super().__init__(80, 24)
        self.process = process

    def write_process_input(self, data: str) -> None:
        """Send the terminal's answer."""
        self.process.send(data)


class Dialogue:
    """A run of Copier in a terminal of 24 lines and 80 columns."""

    def __init__(self, *args: str | Path, cwd: Path) -> None:
        """Start `copier` with some arguments."""
        environment = {**os.environ, "TERM": "xterm"}
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "copier", *map(str, args)],
            cwd=str(cwd),
            env=environment,
            dimensions=(24, 80),
            encoding="utf-8",
        )
        self.screen = Screen(self.process)
        self.stream = pyte.Stream(self.screen)
        self.printed = ""

    def sees(self, text: str) -> None:
        """Wait until a text stands on the screen."""
        while not any(text in line for line in self.screen.display):
            assert self.goes_on(), f"{text!r} is not on the screen:\n" + "\n".join(self.screen.display)

    def goes_on(self, timeout: float = 60) -> bool:
        """Take in what Copier prints next; tell whether there was anything in so many seconds and before the end."""
        try:
            part = self.process.read_nonblocking(size=10_000, timeout=timeout)
        except (pexpect.EOF, pexpect.TIMEOUT):
            return False
        self.printed += part
        self.stream.feed(part)
        return True

    def presses(self, *keys: str) -> None:
        """Press keys."""
        for key in keys:
            self.process.send(key)

    def chooses_product(self, title: str, first: str | None = None) -> None:
        """Move to a product, given the choice that comes before all of them, and take it."""
        self.answers(WHICH_EVENT, "")
        self.sees(WHICH_PRODUCT)
        choices = [choice for choice, _ in json.loads(catalogue.product_choices(first, OTHER))]
        self.presses(*[DOWN] * choices.index(title), ENTER)

    def ticks(self, product: str, *keys: str) -> None:
        """Tick events of a product, but do not confirm."""
        self.sees(f"Which {catalogue.product_title(product)} events?")
        choices = [key for _, key in json.loads(catalogue.event_choices(product, {}))]
        position = 0
        for key in keys:
            steps = choices.index(key) - position
            self.presses(*[DOWN if steps > 0 else UP] * abs(steps), SPACE)
            position += steps

    def answers(self, question: str, answer: str) -> None:
        """Replace what stands in a text question by an answer."""
        self.sees(question)
        self.presses(CTRL_U, answer, ENTER)

    def agrees(self) -> None:
        """Let what was shown be done."""
        self.sees("Go on?")
        self.presses(ENTER)

    def ends(self) -> tuple[int, str]:
        """Wait for the end; return the exit code and all that was printed."""
        agreed = False
        while self.goes_on():
            if not agreed and any("Go on?" in line for line in self.screen.display):
                agreed = True
                self.presses(ENTER)
        self.process.close()
        return int(self.process.exitstatus or 0), re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.printed)


def start(dialogues: list[Dialogue], operation: str, *args: str | Path, cwd: Path) -> Dialogue:
    """Start a dialogue that is ended with the test."""
    dialogues.append(Dialogue(operation, "--trust", *args, cwd=cwd))
    return dialogues[-1]
