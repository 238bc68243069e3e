"""What a dialogue shows before anything is written, and what is said when a run has ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import catalogue, files, layout, names, reader, versions
from .leftovers import leftovers
from .names import Event
from .terminal import fitted, folded, wrapped

_LOCK_FILES = {
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "yarn.lock": "yarn",
    "pnpm-lock.yaml": "pnpm",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}
# So many lines of one kind are shown before they are only counted.
_SHOWN = 12
# A question that is higher than the terminal hides what it asks.
_PREVIEWED = 5


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


def preview(plan: Mapping[str, Any]) -> str:
    """Return what a dialogue shows before anything is written: what will be made and changed.

    Args:
        plan: What the run is to do.
    """
    events = _by_name(plan)
    new = [path for path, digest in plan["digests"].items() if not digest and path not in plan["files"]]
    makes = sorted([*plan["write"], *[path for path in new if path != "package.json"]])
    # Other events' files are among those whose digest is known.
    there = [path for path, digest in plan["digests"].items() if digest and path not in plan["files"]]
    lines = [f"This adds {_count(len(plan['added']), 'event')} and makes {_count(len(makes), 'file')}:"]
    lines += _some([f"{name} ({events[name]['event']})" for name in plan["added"]], _PREVIEWED)
    lines += _some(makes, _PREVIEWED)
    if there:
        lines.append(f"What is missing in them is added to {_and(sorted(there))}.")
    lines += _some(
        [
            f"{name}: {deprecated}"
            for name in plan["added"]
            if (deprecated := catalogue.deprecation(events[name]["event"]))
        ],
        _PREVIEWED,
    )
    return "\n".join([*(part for line in lines for part in folded(line).splitlines()), "Go on?"])


def closing_message(plan: Mapping[str, Any], conf: Mapping[str, Any], operation: str) -> str:
    """Return what is said at the end of a run.

    Args:
        plan: What the run did.
        conf: Copier's `_copier_conf`.
        operation: "copy" or "update".
    """
    return fitted("\n".join(["", *plan["first"], *_lines(plan, conf, operation)]))


def _lines(plan: Mapping[str, Any], conf: Mapping[str, Any], operation: str) -> Iterator[str]:
    """Yield the message's lines."""
    app, events = Path(conf["dst_path"]), _by_name(plan)
    idle = plan["idle"] and operation == "copy"
    # Copier's update makes nothing again that was deleted.
    missing = {
        name: [path for path in paths if operation == "update" or path not in plan["write"]]
        for name, paths in plan["missing"].items()
    }
    for name in plan["kept"]:
        if name not in plan["missing"]:
            yield f"{name} ({events[name]['event']}) is there already: nothing to do."
    if not idle:
        yield from _outcome(plan, events, would="Would add" if conf["pretend"] else "Added")
    for name, paths in missing.items() if not conf["pretend"] else ():
        yield from _missing(plan, conf, events[name], paths)
    if plan["adopting"] and not plan["adopted"]:
        yield f"There was nothing to adopt{'' if events or plan['notes'] else ': this app has no events'}."
    yield from plan["notes"]
    if conf["pretend"]:
        yield from _listed("Would make", plan["write"])
    elif not idle:
        yield from _files(plan, app)
        if conf["skip_tasks"] and operation == "copy":
            yield f"{reader.REGISTRATIONS} and package.json were left alone (--skip-tasks): copier update brings them in step."
        if operation == "update":
            yield from _listed("Look at", [str(found) for found in leftovers(app, plan["files"])])
        if plan["added"]:
            yield from _next_steps(plan, [events[name] for name in plan["added"]], app)


def _outcome(plan: Mapping[str, Any], events: Mapping[str, Event], would: str) -> Iterator[str]:
    """Yield what became of each event."""
    target = plan["changes"].get("events_dir", plan["events_dir"])
    for name in plan["added"]:
        yield f"{would} {name} ({events[name]['event']}); your code goes into"
        yield f"  {names.handler_path(events[name], target)}"
        if deprecated := catalogue.deprecation(events[name]["event"]):
            yield f"  {deprecated}"
    for name in plan["adopted"]:
        yield f"Recorded {name} ({events[name]['event']}), which lies in {events[name]['builder']}."
    for name, is_adopted in plan["removed"]:
        files = "" if is_adopted else " and the files that this template made for it"
        yield f"Removed {name}: its registration and its record{files}."
    for name in plan["dropped"]:
        yield f"{name}: its folder was deleted, so its registration and its record went, too."
    for name in plan["followed"]:
        yield f"{name}: its files were moved to {events[name]['builder']}; the record follows and leaves them to you."
    for old, new in plan["moves"]:
        if old not in plan["added"]:
            yield f"Moved {plan['events_dir']}/{old} to {target}/{new}."


def _missing(
    plan: Mapping[str, Any], conf: Mapping[str, Any], event: Event, paths: Sequence[str]
) -> Iterator[str]:
    """Yield what is said of an event that had lost files, given those that are still missing."""
    if not paths:
        yield f"{event['name']} ({event['event']}): what was missing of it is there again."
        return
    words = versions.with_file(conf["answers_file"], f"-d event={event['event']}")
    missing = f"{' and '.join(paths)} {'is' if len(paths) == 1 else 'are'} missing"
    yield f"{event['name']}: {missing}. This run made nothing again; to have it back, commit and run:"
    yield f"  {versions.copy_command(plan['release'], plan['address'], words)}"


def _files(plan: Mapping[str, Any], app: Path) -> Iterator[str]:
    """Yield which files the run has made, changed and taken away, by what they were before."""
    now = {path: files.digest(app / path) for path in plan["digests"]}
    before = plan["digests"]
    yield from _listed("Made", [path for path in now if now[path] and not before[path]])
    yield from _listed(
        "Changed", [path for path in now if now[path] and before[path] and now[path] != before[path]]
    )
    yield from _listed("Taken away", [path for path in now if before[path] and not now[path]])
    if unused := [package for package in plan["unused"] if now["package.json"]]:
        yield f"package.json: nothing of this template's needs {' and '.join(unused)} any more."


def _next_steps(plan: Mapping[str, Any], added: Sequence[Event], app: Path) -> Iterator[str]:
    """Yield what is left to do after events were added, numbered."""
    steps: list[tuple[str, Sequence[str]]] = []
    if not (app / "package.json").is_file():
        steps.append(
            ("There is no package.json here: add the events' @wix packages to your dependencies.", ())
        )
    elif not plan["validate"]:
        steps.append(("Install what is new in package.json:", [f"{package_manager(app)} install"]))
    if plan["trigger"]:
        script = plan["script"]
        run = [f"npm run {script} astro dev", f"npm run {script} {added[0]['name']}"]
        steps.append(("Try it here, with the dev server in one terminal and the event in another:", run))
    if any(event.get("idempotent") for event in added):
        steps += _once_steps(plan)
    elif any(event.get("elevate") for event in added):
        steps.append(
            ("Put your own collection in place of MyCollection; it needs the scope Read Data Items.", ())
        )
    scopes = [layout.scope_text(catalogue.event_texts(event["event"])) for event in added]
    if scopes := list(dict.fromkeys(filter(None, scopes))):
        steps.append(("In the app dashboard, under Permissions, grant:", scopes))
    steps.append(("Build and release a version:", ["npx wix build", "npx wix release"]))
    steps.append(
        (
            "Do on a site what triggers the event, and read the logs. An event takes one handler: webhooks made in the app "
            "dashboard cannot be seen from here, so look there.",
            (),
        )
    )
    yield ""
    yield "Next:"
    for number, (text, commands) in enumerate(steps, 1):
        yield from wrapped(text, f"{number:3}. ", " " * 5)
        yield from (f"       {command}" for command in commands)


def _once_steps(plan: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield what handlers need that do their work once."""
    yield (
        "once.ts notes what was handled in a collection. The site needs the CMS, and has the collection once the app is "
        "installed or updated there; until then each delivery fails and is tried again. Grant also the scopes Read Data Items "
        "and Write Data Items.",
        (),
    )
    if plan["once"]["namespace"] == names.NO_NAMESPACE:
        yield (
            f"Put your app's namespace, which the app dashboard shows, in place of {names.NO_NAMESPACE} in",
            [plan["once_files"]["helper"]],
        )


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    """Yield a title and its lines, if there are any."""
    if lines:
        yield f"{title}:"
        yield from _some(lines)


def _some(items: Sequence[str], most: int = _SHOWN) -> list[str]:
    """Indent items, those that are long on two lines, and count those that are too many to show."""
    more = len(items) - most
    shown = items[: most if more > 1 else None]
    lines = [line for item in shown for line in wrapped(item, "  ", "    ")]
    return [*lines, f"  … and {more} more"] if more > 1 else lines


def _by_name(plan: Mapping[str, Any]) -> dict[str, Event]:
    """Return the events of the new record by name."""
    return {event["name"]: event for event in plan["events"]}


def _and(items: Sequence[str]) -> str:
    """Write a list with an "and"."""
    return " and ".join([*([", ".join(items[:-1])] if items[1:] else []), *items[-1:]])


def _count(number: int, noun: str) -> str:
    """Write a number of things."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
