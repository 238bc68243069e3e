"""Tell the user, when a run has ended, what it made and what is left to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import catalogue, names
from .names import Event

_LOCK_FILES = {
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "yarn.lock": "yarn",
    "pnpm-lock.yaml": "pnpm",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}


def package_manager(app: Path) -> str:
    """Return the package manager whose lock file is nearest to the app, up to the root of its repository.

    Args:
        app: The app's folder; in a workspace the lock file lies above it.
    """
    for folder in (app, *app.parents):
        for name, manager in _LOCK_FILES.items():
            if (folder / name).is_file():
                return manager
        if (folder / ".git").exists():
            break
    return "npm"


def closing_message(plan: Mapping[str, Any], conf: Mapping[str, Any], operation: str) -> str:
    """Return what is said at the end of a run.

    Args:
        plan: What the run did.
        conf: Copier's `_copier_conf`.
        operation: "copy" or "update".
    """
    idle = plan["idle"] and operation == "copy"
    return "\n".join(_nothing_done(plan) if idle else _lines(plan, Path(conf["dst_path"]), operation))


def _lines(plan: Mapping[str, Any], app: Path, operation: str) -> Iterator[str]:
    """Yield the message's lines."""
    events = {event["name"]: event for event in plan["events"]}
    added = [events[name] for name in plan["added"]]
    target = plan["changes"].get("events_dir", plan["events_dir"])
    yield ""
    yield from plan["first"]
    for event in added:
        yield f"Added {event['name']} ({event['event']}):"
        yield f"  {names.handler_path(event, target)}  <- your code goes here"
        yield f"  {names.builder_path(event, target)}"
    if added:
        yield "  registered in src/extensions.ts"
    # Copier's update leaves out what the user deleted.
    restored = plan["restored"] if operation == "copy" else []
    missing = list(_missing(plan, operation))
    for name in restored:
        yield f"{name} ({events[name]['event']}): what was missing of it is there again."
    for name in plan["kept"]:
        if name not in {*restored, *(name for name, _ in missing)}:
            yield f"{name} ({events[name]['event']}) is there already: nothing to do."
    yield from _changed_events(plan, events)
    yield from (line for _, line in missing)
    yield from plan["notes"]
    if added:
        yield from _next_steps(plan, added, app)


def _nothing_done(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is said of a copy that has nothing to add."""
    events = {event["name"]: event for event in plan["events"]}
    yield ""
    yield from plan["first"]
    for name in plan["kept"]:
        yield f"{name} ({events[name]['event']}) is there already: nothing to do."
    if plan["adopting"] and not events:
        yield "There was nothing to adopt: this app has no events."
    yield from plan["notes"]


def _changed_events(plan: Mapping[str, Any], events: Mapping[str, Event]) -> Iterator[str]:
    """Yield what became of events that were there."""
    for name in plan["adopted"]:
        yield f"Recorded {name} ({events[name]['event']}), which lies in {events[name]['builder']}."
    if plan["adopting"] and not plan["adopted"]:
        yield "There was nothing to adopt."
    for name in plan["removed"]:
        yield f"Removed {name}: its registration and its record, and its files as far as they are the template's."
    for name in plan["dropped"]:
        yield f"{name}: its folder was deleted, so its registration and its record went, too."
    for name in plan["followed"]:
        yield f"{name}: its files were moved to {events[name]['builder']}; the record follows and leaves them to you."
    target = plan["changes"].get("events_dir", plan["events_dir"])
    for old, new in plan["moves"]:
        if old not in plan["added"]:
            yield f"Moved {plan['events_dir']}/{old} to {target}/{new}."


def _missing(plan: Mapping[str, Any], operation: str) -> Iterator[tuple[str, str]]:
    """Yield the events of which a file is missing after this run, and what is said of each."""
    for event in plan["missing"]:
        files = [path for path in event["files"] if operation == "update" or path in plan["left"]]
        if files:
            there = f"{' and '.join(files)} {'is' if len(files) == 1 else 'are'} missing, and this run made nothing again"
            yield (
                event["name"],
                f"{event['name']}: {there}. To have it back, commit and run\n  {event['command']}",
            )


def _next_steps(plan: Mapping[str, Any], added: Sequence[Event], app: Path) -> Iterator[str]:
    """Yield what is left to do after events were added."""
    yield ""
    yield "Next:"
    if not (app / "package.json").is_file():
        yield "  - There is no package.json here: add the events' @wix packages to your dependencies yourself."
    elif not plan["validate"]:
        yield f"  - Install what is new in package.json: {package_manager(app)} install"
    if any(event.get("idempotent") for event in added):
        yield from _once_steps(plan)
    elif any(event.get("elevate") for event in added):
        yield '  - For the elevated query, grant the scope "Read Data Items", too, and name your own collection.'
    if plan["trigger"]:
        yield f"  - Try it here: npm run event astro dev, and beside it npm run event {added[0]['name']}"
    scopes = {_scope(catalogue.event_texts(event["event"]).get("permissions", [])): None for event in added}
    for scope in filter(None, scopes):
        yield f"  - In the app dashboard, under Permissions, grant the scope {scope}."
    yield "  - Try it: release a version (wix release), then do on a site what triggers the event, and read the logs."
    yield "  - An event takes one handler: this run cannot see webhooks made in the app dashboard, so check there."


def _once_steps(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield what handlers that do their work once need."""
    yield (
        f"  - {plan['once_files']['collection']} declares the collection that notes what was handled. "
        'Grant the scopes "Read Data Items" and "Write Data Items" for it.'
    )
    if plan["once"]["namespace"] == names.NO_NAMESPACE:
        yield (
            f"  - {plan['once_files']['helper']}: put your app's namespace, which the app dashboard shows, in place of "
            f"{names.NO_NAMESPACE}; wix.config.json does not tell it."
        )


def _scope(permissions: Sequence[Mapping[str, str]]) -> str:
    """Name the scope that an event needs."""
    if not permissions:
        return ""
    first, others = f'"{permissions[0]["name"]}"', len(permissions) - 1
    if others > 1:
        return f"{first} (or one of {others} others that include it)"
    return f"{first} (or another one that includes it)" if others else first
