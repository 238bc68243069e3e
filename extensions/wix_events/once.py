"""What handlers need that do their work once: a helper, and a collection in which it notes what was handled."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

from . import collections, files, names
from .reader import App


def once_files(events_dir: str) -> dict[str, str]:
    """Return the app-relative paths of the files, by what they are.

    Args:
        events_dir: The app's folder of events; the collection stays where `wix generate` looks for it.
    """
    return {"helper": f"{events_dir}/once.ts", "collection": f"{collections.COLLECTION}.ts"}


def once_for(root: Path, events_dir: str, app: App) -> dict[str, str]:
    """Return the id and the namespace of an app's collection: those that its files have, else new ones.

    Args:
        root: The app's folder.
        events_dir: The folder of events.
        app: What the app's code says.
    """
    ids = [each.id for each in app.extensions if each.kind == collections.EXPORT and names.is_uuid4(each.id)]
    helper = files.read_if_possible(root / once_files(events_dir)["helper"]) or b""
    # Where the record was lost, a helper that is there is all that knows its namespace.
    found = re.search(rb'"(@[^"/]+/[^"/]+)/handled-events"', helper)
    told = (files.read_object(root / "wix.config.json") or {}).get("namespace")
    namespace = found[1].decode(errors="replace") if found else told
    return {
        "id": ids[0] if ids and ids[0] else str(uuid.uuid4()),
        "namespace": str(namespace) if names.is_collection_namespace(namespace) else names.NO_NAMESPACE,
    }
