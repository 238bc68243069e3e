"""An organisation's fork: its files as docs/organisations.md shows them, and what stands in for its own packages."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from template_repo import TemplateRepo
from wix import ROOT, SDK, link_toolchain

OWN = ROOT / "organisation"
"""The fork's own folder, where this repository is one."""

DOCUMENT = (ROOT / "docs/organisations.md").read_text(encoding="utf-8")


def examples() -> dict[str, str]:
    """Return the files that the document shows, by their path: what is named last before a block is what it holds."""
    found = {}
    for said, text in re.findall(r"(.*?)^```\w+\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL):
        if named := re.findall(r"`(?:organisation/)?([\w@/~.-]+\.(?:jinja|json|yml|ts))`", said):
            found[named[-1]] = text
    # They are shown together.
    found["header.jinja"] = found["builder_header.jinja"]
    return found


EXAMPLES = examples()
SETTINGS = EXAMPLES.pop("~/.config/copier/settings.yml")


def release_organisation(fork: TemplateRepo, tag: str, files: dict[str, str]) -> None:
    """Release files of the fork's own folder."""
    fork.release(tag, {f"organisation/{name}": text for name, text in files.items()})


def own_files() -> dict[str, str]:
    """Return the files of the fork's own folder, by their path in it."""
    return {
        path.relative_to(OWN).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(OWN.rglob("*"))
        if path.is_file()
    }


def install_stubs(app: Path, files: dict[str, str]) -> None:
    """Put what stands in for the organisation's packages into an app's `node_modules`.

    Args:
        app: The app, in which the toolchain is put as well.
        files: The files of the fork's folder; those below `stubs/` are taken.
    """
    link_toolchain(app)
    for path, text in files.items():
        if found := re.fullmatch(r"stubs/(.+)\.ts", path):
            package = app / "node_modules" / found[1]
            # A scope that the toolchain has is a link to the folder that all apps share.
            assert not package.parent.is_symlink(), f"{path}: the toolchain has this scope already"
            package.mkdir(parents=True)
            (package / "index.ts").write_text(text, encoding="utf-8")
            manifest = {
                "name": found[1],
                "version": "1.0.0",
                "type": "module",
                "exports": {".": {"types": "./index.ts", "default": "./index.js"}},
            }
            (package / "package.json").write_text(json.dumps(manifest))
            subprocess.run(
                [SDK / "node_modules/.bin/esbuild", "index.ts", "--outfile=index.js", "--log-level=error"],
                cwd=package,
                check=True,
            )
