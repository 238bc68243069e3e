"""What the commands share: how they print, and what they take for an app's folder."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..preflight import app_root_problem

Style = Callable[[str, str], str]
"""Dresses a text: `style("Healthy", "green")`."""

# https://www.ecma-international.org/publications-and-standards/standards/ecma-48/, "SGR"
_CODES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "dim": "2"}


def stylist() -> Style:
    """Return what dresses texts on standard output: on a terminal only, and not under `NO_COLOR` (https://no-color.org)."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return lambda text, _: text
    return lambda text, name: f"\x1b[{_CODES[name]}m{text}\x1b[0m"


def print_json(data: Any) -> None:
    """Print data for programs."""
    print(json.dumps(data, indent=2, ensure_ascii=False))


def printable(text: str) -> str:
    """Return text on one line that cannot steer a terminal."""
    return "".join(character if character.isprintable() else "�" for character in text)


def take_any_text() -> None:
    """Let standard output take whatever is in a file or its name: UTF-8, save on a terminal, which says what it takes."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding = None if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")


def add_app_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what a command on one app is given: its folder, and its answers files."""
    parser.add_argument(
        "app", nargs="?", default=".", type=_app_folder, help="the app's folder (default: this one)"
    )
    parser.add_argument(
        "--answers-file",
        action="append",
        default=[],
        metavar="FILE",
        help="the answers file that records the events; may be given several times",
    )


def _app_folder(value: str) -> Path:
    """Take an argument for an app's folder.

    Args:
        value: The argument.

    Raises:
        argparse.ArgumentTypeError: It is no folder, or one inside an app.
    """
    path = Path(value)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{value} is not a folder. Give the folder of a Wix app.")
    if problem := app_root_problem(path):
        raise argparse.ArgumentTypeError(problem)
    return path
