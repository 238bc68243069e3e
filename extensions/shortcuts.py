"""Spare a run what takes Python and git long and is of no use to it; see docs/performance.md for what that saves.

Copier checks the template out anew for each run, so that neither of the two knows anything yet of the files in it. Whatever
cannot be spared here is done as ever: the run only takes longer then.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import marshal
import os
import sys
import time
from importlib.machinery import SourceFileLoader
from importlib.util import MAGIC_NUMBER, cache_from_source, find_spec
from pathlib import Path

from jinja2 import Environment
from jinja2.ext import Extension

# The package that `pyproject.toml` makes of this folder.
PACKAGE = "wix_events_check"
# What every run imports: the Jinja extensions, and what `sync.py` needs.
MODULES = (
    *("app", "catalogue", "message", "plan", "sync", "typescript"),
    *("files", "manifest", "registrations"),
)
# How Copier names the folder of a checkout, which it deletes in the end; a template in any other is someone's own folder.
_CHECKOUT = "copier._vcs.clone."
# How bytecode begins whose source need not be looked at: flags, and a hash that is not compared.
_UNCHECKED = MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)


def hand_over_bytecode(modules: Path, installed: Path) -> None:
    """Give modules the bytecode of the same modules elsewhere, where these are the same to the byte.

    It says of itself that its source need not be looked at (https://peps.python.org/pep-0552/#specification), since that was
    just done, and a module that was given its twin's time instead would look changed to git.

    Args:
        modules: The folder of the modules that are about to be imported.
        installed: The folder of their twins. One that has no bytecode yet gets it, if it may be written there.
    """
    for name in MODULES:
        module, twin = (folder / f"{name}.py" for folder in (modules, installed))
        target = Path(cache_from_source(os.fspath(module)))
        with contextlib.suppress(OSError):
            if target.exists() or twin.read_bytes() != module.read_bytes():
                continue
            code = SourceFileLoader(name, os.fspath(twin)).get_code(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_UNCHECKED + marshal.dumps(code))


def age_files(checkout: Path) -> None:
    """Let git see that the checkout's files are older than its index, which was written after them.

    In the second of a checkout git cannot know, and compares all files' contents whenever it is asked for their state
    (https://git-scm.com/docs/racy-git), which Copier does three times to tell the template's version.

    Args:
        checkout: The checkout, a clone or a worktree.
    """
    with contextlib.suppress(OSError):
        folder = checkout / ".git"
        if folder.is_file():
            folder = Path(folder.read_text(encoding="utf-8").removeprefix("gitdir: ").rstrip("\n"))
        later = time.time() + 1
        os.utime(folder / "index", (later, later))


def leave_garbage() -> None:
    """Let Copier's own command not search for cycles of garbage in all that it has imported, nor in all memory at its end.

    Another program that calls Copier is left alone: it may live long, and rely on that search.
    """
    command = Path(sys.argv[0])
    if command.stem == "copier" or command.parent.name == "copier":
        gc.freeze()
        atexit.register(gc.freeze)


class ShortcutsExtension(Extension):
    """Take all of them before `copier.yml`'s other extensions are loaded."""

    def __init__(self, environment: Environment) -> None:
        """Take them for the checkout that this module was loaded from."""
        super().__init__(environment)
        leave_garbage()
        modules = Path(__file__).parent
        if not modules.parent.name.startswith(_CHECKOUT):
            return
        package = find_spec(PACKAGE)
        for folder in (package.submodule_search_locations or ()) if package else ():
            hand_over_bytecode(modules, Path(folder))
        age_files(modules.parent)
