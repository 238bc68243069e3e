"""How texts are shown in a terminal, which cuts a line in the middle of a word, and as data for programs."""

from __future__ import annotations

import io
import json
import os
import sys
import textwrap
from collections.abc import Callable
from typing import Any

WIDTH = 79

Style = Callable[[str, str], str]
"""Dresses a text: `style("Healthy", "green")`."""

# https://www.ecma-international.org/publications-and-standards/standards/ecma-48/, "SGR"
_CODES = {"bold": "1", "red": "31", "green": "32", "yellow": "33"}


def folded(text: str, width: int = WIDTH) -> str:
    """Fold a text's lines between words. Indented lines stay whole: they are paths, or commands to be copied.

    Args:
        text: The text.
        width: How many columns a line may have.
    """
    lines = text.splitlines()
    return "\n".join(
        line if line.startswith(" ") else "\n".join(wrapped(line, width=width)) for line in lines
    )


def wrapped(text: str, first: str = "", then: str = "", width: int = WIDTH) -> list[str]:
    """Return a text as lines that end between words.

    Args:
        text: The text.
        first: What comes before the first line.
        then: What comes before the others.
        width: How many columns a line may have.
    """
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=then,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def fitted(text: str) -> str:
    """Fold a text for the terminal that it is shown in; in a log its lines stay whole, so that they can be searched for.

    Args:
        text: What goes to standard error.
    """
    if not sys.stderr.isatty():
        return text
    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    return folded(text, min(columns - 1, WIDTH) if columns > 1 else WIDTH)


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
    """Let standard output take whatever is in a file or its name: UTF-8, save on a terminal, which says what it takes.

    Where it or standard error was closed (`>&-`), what goes there is lost.
    """
    sys.stdout = sys.stdout or io.StringIO()
    sys.stderr = sys.stderr or io.StringIO()
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding = None if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")
