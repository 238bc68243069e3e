"""What is known of each app of a fleet: its version, its events, and what is wrong with them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ... import record
from ...errors import UsageError
from ..app import Event, events_of
from ..check import inspect
from ..permissions import scopes_to_grant
from .versions import Releases, Standing

_SKIPPED = frozenset({"node_modules", "dist"})


@dataclass(frozen=True)
class App:
    """One app.

    Attributes:
        name: What the report calls it.
        standing: Which version of the template it has, and how far behind that is.
        events: Its events.
        findings: How many faults the check has found, by kind.
        scopes: Ids of the fewest scopes that its events need, with their names.
    """

    name: str
    standing: Standing
    events: tuple[Event, ...]
    findings: Mapping[str, int]
    scopes: Mapping[str, str]

    @property
    def unregistered(self) -> list[Event]:
        """The events whose handlers are not registered, so that Wix does not know them."""
        return [event for event in self.events if not event.registered]

    @property
    def deprecated(self) -> list[Event]:
        """The events that the SDK is going to drop, or has dropped."""
        return [event for event in self.events if event.deprecated is not None]


def find_apps(folders: Sequence[str]) -> list[Path]:
    """Return the apps that are meant by some folders.

    Args:
        folders: Each an app, or a folder below which the apps with a record of this template are taken.

    Returns:
        The apps, each once; a folder with neither a record nor apps below it stands for itself.

    Raises:
        UsageError: One of them is not a folder.
    """
    apps: dict[Path, None] = {}
    for each in folders:
        folder = Path(each)
        if not folder.is_dir():
            raise UsageError(f"{each} is not a folder. Give the folders of Wix apps, or one that holds them.")
        found = [folder] if record.find(folder) else list(_below(folder)) or [folder]
        apps.update((path.resolve(), None) for path in found)
    return list(apps)


def _below(folder: Path) -> Iterator[Path]:
    """Yield the folders below one that have a record, those below another app included."""
    for path, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not name.startswith("."))
        if any(name.startswith(".copier-answers") for name in files) and record.find(Path(path)):
            yield Path(path)


def named(paths: Sequence[Path]) -> dict[str, Path]:
    """Return apps by what the report calls them: their folders, below the one that all have in common.

    Args:
        paths: Their folders.
    """
    try:
        common = os.path.commonpath([path.parent for path in paths])
    except ValueError:
        common = ""  # They lie on several drives of Windows.
    return {(path.relative_to(common) if common else path).as_posix(): path for path in sorted(paths)}


def look_at(root: Path, name: str, releases: Releases) -> App:
    """Look at one app.

    Args:
        root: Its folder.
        name: What the report calls it.
        releases: What knows the template's versions.
    """
    app = inspect(root)
    events = tuple(events_of(app.code, app.records))
    standing = releases.oldest([(found.version, found.address) for found in app.records])
    faults = Counter(finding.code for finding in app.findings if not finding.remark)
    return App(name, standing, events, dict(sorted(faults.items())), scopes_to_grant(events))


def as_data(apps: Sequence[App]) -> list[dict[str, Any]]:
    """Return apps as plain data, for JSON."""
    return [
        {
            "name": app.name,
            "version": app.standing.version,
            "latest": app.standing.latest,
            "behind": app.standing.behind,
            "events": [
                {
                    "name": event.name,
                    "event": event.key,
                    "recorded": event.recorded,
                    "registered": event.registered,
                    "deprecated": event.deprecated,
                }
                for event in app.events
            ],
            "not_registered": [event.name for event in app.unregistered],
            "findings": dict(app.findings),
            "scopes": [{"id": id_, "name": name} for id_, name in app.scopes.items()],
        }
        for app in apps
    ]
