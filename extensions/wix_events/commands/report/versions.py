"""Which versions a template has, and how far behind one of them is.

A version is a tag of the template's repository that PEP 440 knows, as Copier has it
(https://copier.readthedocs.io/en/stable/configuring/#vcs_ref); pre-releases are left out.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field

from packaging.version import InvalidVersion, Version

from ...errors import UsageError
from ...versions import git_address

_SECONDS = 60
# What git describe makes of a commit after a tag.
_AFTER_TAG = re.compile(r"-\d+-g[0-9a-f]+$")


@dataclass(frozen=True)
class Standing:
    """Where an app stands.

    Attributes:
        version: The template's version that it has; None where no record tells.
        latest: The newest version; None where it cannot be told.
        behind: How many releases it lacks; None where that cannot be counted.
        is_behind: Whether it lacks any.
    """

    version: str | None = None
    latest: str | None = None
    behind: int | None = None
    is_behind: bool = False

    def __str__(self) -> str:
        """Say it in a few words."""
        if not self.is_behind:
            return self.version or "unknown"
        lacks = f"{self.behind} behind {self.latest}" if self.behind else f"behind {self.latest}"
        return f"{self.version} ({lacks})"


@dataclass
class Releases:
    """Knows the versions of templates, each asked for its tags once.

    Attributes:
        given: The newest version where the caller knows it; then nothing is asked.
        silent: The addresses that did not answer, with what git said.
    """

    given: str | None = None
    silent: dict[str, str] = field(default_factory=dict)
    _known: dict[str, list[Version]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the version that is given.

        Raises:
            UsageError: It is not one.
        """
        if self.given is not None and _version(self.given) is None:
            raise UsageError(f"--latest: {self.given!r} is not a version. Give one like 1.2.0.")

    def oldest(self, records: Sequence[tuple[str | None, str | None]]) -> Standing:
        """Return where an app stands: that of its records that is furthest behind.

        Args:
            records: For each record the version and the template's address.
        """
        standings = [self._standing(version, address) for version, address in records]
        return max(standings, key=lambda each: (each.is_behind, each.behind or 0), default=Standing())

    def _standing(self, version: str | None, address: str | None) -> Standing:
        """Return where a record stands."""
        known = [] if self.given else self._versions(address or "")
        latest = self.given or (str(known[-1]) if known else None)
        current, newest = _version(version), _version(latest)
        if current is None or newest is None:
            return Standing(version, latest)
        behind = None if self.given else sum(each > current for each in known)
        return Standing(version, latest, behind, newest > current)

    def _versions(self, address: str) -> list[Version]:
        """Return a template's versions in order; none where it does not answer."""
        url = git_address(address)
        # One address, written in two ways, is one template.
        key = url.rstrip("/").removesuffix(".git")
        if key not in self._known:
            self._known[key] = sorted(self._ask(url)) if url else []
        return self._known[key]

    def _ask(self, url: str) -> set[Version]:
        """Ask a repository for its tags."""
        # Nobody may be at the keyboard.
        env = {"GIT_SSH_COMMAND": "ssh -oBatchMode=yes", **os.environ, "GIT_TERMINAL_PROMPT": "0"}
        try:
            done = subprocess.run(
                # An address is what an app's file says: it must not name a command to run.
                ["git", "-c", "protocol.ext.allow=never", "ls-remote", "--tags", "--refs", "--", url],
                env=env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            self.silent[url] = str(error)
            return set()
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["git failed"]
            # The last line but says that the repository may not be there.
            self.silent[url] = next((line for line in lines if line.startswith("fatal: ")), lines[-1])
        tags = (line.rpartition("refs/tags/")[2] for line in done.stdout.splitlines())
        return {version for tag in tags if (version := _version(tag)) and not version.is_prerelease}


def _version(text: str | None) -> Version | None:
    """Read a version, that of the tag for a commit after one."""
    try:
        return Version(_AFTER_TAG.sub("", text or ""))
    except InvalidVersion:
        return None
