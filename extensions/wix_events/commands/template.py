"""The template that the commands belong to: its version, and the address to give Copier."""

from __future__ import annotations

import json
import re
import shlex

from ..checkout import ROOT


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
    if (ROOT / "copier.yml").is_file():
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
