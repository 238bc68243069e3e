"""The template's checkout that this code belongs to: where it is, which version it is, and which package is loaded for it.

Copier makes a new checkout for each run, so Python would compile everything in it each time. Beside an installed package lies its
bytecode: where that package is the same to the byte, its modules are loaded instead of the checkout's. This one never is.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The checkout, wherever the other modules are loaded from; for an installed package, a folder without a template in it."""


def is_checkout() -> bool:
    """Tell whether the template is there, and not only an installed package."""
    return (ROOT / "copier.yml").is_file()


def version() -> str:
    """Return the version: that of the checkout the code lies in, or of the installed distribution."""
    project = ROOT / "pyproject.toml"
    if project.is_file():
        found = re.search(r'^version = "(.+)"$', project.read_text(encoding="utf-8"), re.MULTILINE)
        assert found
        return found[1]
    from importlib import metadata  # It takes as long as all else here.

    return metadata.version(_distribution())


def address() -> str:
    """Return where Copier finds the template, for a shell: what was installed from, or this checkout; else `$TEMPLATE`.

    An installer notes where a distribution came from: https://packaging.python.org/en/latest/specifications/direct-url/
    """
    if is_checkout():
        return shlex.quote(str(ROOT))
    from importlib import metadata

    origin = json.loads(metadata.distribution(_distribution()).read_text("direct_url.json") or "{}")
    url: str = origin.get("url", "")
    known = "vcs_info" in origin or "dir_info" in origin
    return shlex.quote(url.removeprefix("file://")) if known else '"$TEMPLATE"'


def _distribution() -> str:
    """Return the name of the distribution that this package was installed with."""
    from importlib import metadata

    return metadata.packages_distributions()[__name__.partition(".")[0]][0]


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
