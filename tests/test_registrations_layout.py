"""Chains and lists stay as Prettier prints them, if they were."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from editor import NEW, NEXT, event, register
from wix_events.registrations import new_file

PRETTIER = Path(__file__).parent / "sdk" / "node_modules" / ".bin" / "prettier"


@pytest.mark.slow
def test_what_the_editor_lays_out_is_as_prettier_prints_it(tmp_path: Path) -> None:
    """New files, ones that grow by an event each time, and one-a-line chains that the user formatted."""
    names = [
        "short",
        "new",
        "next",
        "a-name-of-more-than-fifty-characters-" + "x" * 20,
    ]
    files: dict[str, bytes] = {}
    for first in names:
        grown = files[f"new-{first}"] = new_file([event(first)])
        wanted = [event(first)]
        for number, second in enumerate(name for name in [*names, "sixth", "seventh"] if name != first):
            wanted.append(event(second))
            files[f"at-once-{first}-{number}"] = new_file(wanted)
            grown = files[f"grown-{first}-{number}"] = register(grown, wanted)
            assert grown == files[f"at-once-{first}-{number}"]
    links = "".join(f"  .use(dashboardPage{number}Extension)\n" for number in range(3))
    for number, tail in enumerate([";\n", "; // note\n", " // note\n  .use(last);\n"]):
        user = 'import { app } from "@wix/astro/builders";\n\nexport default app()\n' + links.rstrip() + tail
        files[f"user-{number}"] = user.encode()
        files[f"user-{number}-more"] = register(user.encode(), [NEW, NEXT])
    for name, source in files.items():
        (tmp_path / f"{name}.ts").write_bytes(source)
    run = subprocess.run(
        [PRETTIER, "--list-different", tmp_path], capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr, run.returncode) == ("", "", 0)
