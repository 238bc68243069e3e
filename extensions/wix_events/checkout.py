"""The template's checkout that this code belongs to.

Copier makes a new checkout for each run, so Python would compile everything in it each time. Beside an installed package lies its
bytecode: where that package is the same to the byte, its modules are loaded instead of the checkout's. This one never is.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The checkout, wherever the other modules are loaded from; for an installed package, a folder without a template in it."""


def same_package(folder: str) -> str:
    """Return the folder of an installed package that holds every file of this one, the same to the byte.

    Args:
        folder: The package's folder.

    Returns:
        The installed package's, or the folder that was given where there is none like it.
    """
    for place in sys.path:
        other = os.path.join(place, os.path.basename(folder))
        if other != folder and os.path.isdir(other) and _is_same(folder, other):
            return other
    return folder


def _is_same(folder: str, other: str) -> bool:
    for place, folders, names in os.walk(folder):
        if "__pycache__" in folders:
            folders.remove("__pycache__")
        for path in (os.path.join(place, name) for name in names):
            try:
                if _content(path) != _content(other + path[len(folder) :]):
                    return False
            except OSError:
                return False
    return True


def _content(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:
        return file.read()
