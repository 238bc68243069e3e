"""How texts are folded for a terminal, which cuts a line in the middle of a word."""

from __future__ import annotations

import os
import sys
import textwrap

WIDTH = 79


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
