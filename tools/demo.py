"""Add an event to a fresh copy of the sample app, build that with Wix and show the result (`make demo`)."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from wix import ROOT, new_app, wix_build

APP = ROOT / ".demo"
EVENT = "crm.contacts.onContactCreated"


def read_app() -> dict[Path, str]:
    """Return the text of every file in the app."""
    files = (path for path in APP.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path: path.read_text() for path in files}


def main() -> None:
    """Run the demo; exit as Copier does when it fails."""
    if APP.exists():
        shutil.rmtree(APP)
    new_app(APP)
    # A repository of its own: this one ignores the folder, and an app whose files git ignores is refused.
    subprocess.run(["git", "init", "--quiet", APP], check=True)
    before = read_app()

    # HEAD and not the newest release, so that the demo shows this checkout, with what is not committed yet.
    command = f"copier copy --trust --defaults --vcs-ref HEAD -d event={EVENT} . {APP.name}".split()
    print("$", *command, flush=True)
    process = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, stdin=subprocess.DEVNULL, check=False
    )
    if process.returncode:
        sys.exit(process.returncode)

    for path, text in sorted(read_app().items()):
        if before.get(path) != text:
            print(f"\n--- {path.relative_to(ROOT)}\n{text}", end="")

    print("\n$ npx wix build", flush=True)
    print("--- .demo/dist/_wix/app-manifest.json")
    print(json.dumps(wix_build(APP), indent=2))


if __name__ == "__main__":
    main()
