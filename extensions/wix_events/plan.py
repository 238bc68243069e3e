"""Decide what a run does: the record, what the user asks for and the app make the new record and the steps to it.

The plan is plain data, made once and never changed: Copier hands it on to all renders of an update.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from . import catalogue, folders, guards, names, package_json, reader, record, request, versions
from .adopt import adopt
from .errors import UserError
from .names import Event
from .once import once_files, once_for
from .reader import App
from .record import Record
from .request import Request, Wanted

Plan = dict[str, Any]
Render = Callable[[str, Mapping[str, Any]], str]

BUILDER, HANDLER, SAMPLE = "entry.builder", "entry.handler", "entry.sample"
"""What tells an event's template files apart: each stands in the file's name."""


@dataclass
class Draft:
    """What a plan is being made of.

    Attributes:
        root: The app's folder.
        app: What the app's code says.
        before: The record as it is, None in an app that has none.
        events: The record's events as they are to be.
        events_dir: Where they are rendered.
        added, kept, restored, removed, dropped, followed, adopted: What becomes of which event, by name.
        write: Files that a copy has to write.
        unregister: Builders that lose their registration.
        notes: Sentences for the user.
    """

    root: Path
    app: App
    before: Record | None
    events: list[Event]
    events_dir: str
    trigger: bool
    builders: str
    once: Mapping[str, str] | None
    added: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)
    write: list[str] = field(default_factory=list)
    unregister: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def exists(self, path: str) -> bool:
        """Tell whether a file of the app is there."""
        return os.path.lexists(self.root / path)

    def own(self) -> list[Event]:
        """Return the events whose files are the template's."""
        return [event for event in self.events if not names.is_adopted(event)]

    def files_of(self, event: Event) -> list[str]:
        """Return the files of an event of the template's own."""
        return names.event_files(event, self.events_dir, self.trigger)

    def named(self, key: str, name: str) -> Event:
        """Return the recorded event of a name.

        Raises:
            UserError: There is none.
        """
        for event in self.events:
            if event["name"] == name:
                return event
        recorded = ", ".join(event["name"] for event in self.events) or "none"
        raise UserError(
            f'{key}: no event named "{name}" is recorded. Choose from what is recorded: {recorded}.'
        )


def make(answers: Mapping[str, Any], render: Render) -> Plan:
    """Decide what this run does.

    Args:
        answers: Copier's render context.
        render: Renders a template file, told by what stands in its name, with some more variables.

    Returns:
        The plan. What of it is rendered: `rendered`, the template's own events with the paths of their files, and the record
        (`events`, `events_dir`, `trigger`, `builders`, `once`). What follows: `left` (files that a copy leaves alone), `only_on`
        (why a copy may not do this, if so), `idle` (whether a copy has nothing to add), `changes` (what `sync` cannot tell
        from the record) and `validate`. The rest is what is said at the end.

    Raises:
        UserError: Something is wrong with the request, the record or the app; nothing has been written.
    """
    conf = answers["_copier_conf"]
    root, file, data = Path(conf["dst_path"]), Path(conf["answers_file"]).as_posix(), conf["data"]
    before = record.read(root, file)
    if before is None and "_src_path" in data:
        # An update renders the old version from the record alone, into an empty folder: nothing is asked, nothing checked.
        return _rendered(record.of_answers(data, file))
    asked = request.read(answers, data)
    draft = _draft(root, before, asked, answers)
    guards.check_paths(root, [file, reader.REGISTRATIONS, "package.json"])
    _remove(draft, asked)
    _follow_disk(draft, asked)
    moves = _moves(draft, asked)
    if asked.adopt:
        adopt(draft)
    for wanted in asked.events:
        _add(draft, wanted, asked.options, render, [new for _, new in moves])
    _set_up_trigger(draft, render)
    _set_up_once(draft, render)
    guards.check_app(draft.app, draft.events, draft.events_dir)
    draft.events.sort(key=lambda event: str(event["name"]))
    made = Record(file, tuple(draft.events), draft.events_dir, draft.trigger, draft.builders, draft.once)
    plan = _rendered(made)
    guards.check_paths(root, plan["files"])
    return {
        **plan,
        **_steps(draft, asked, moves, plan["files"]),
        **_version(before, draft, answers, asked),
        **_said(draft, asked, moves),
    }


def left_alone(plan: Plan, operation: str) -> str:
    """Return the patterns of what this run leaves alone: an update nothing, a copy all that is there.

    Args:
        plan: The plan.
        operation: "copy" or "update".

    Raises:
        UserError: A copy was asked for what only an update may do, or is of another version than the app.
    """
    if operation != "copy":
        return ""
    if plan["idle"]:
        return "*"
    if refused := plan["only_on"] or plan["other_version"]:
        raise UserError(refused)
    return "\n".join(f"/{path}" for path in plan["left"])


def answers_file_text(plan: Plan, copier_answers: Mapping[str, Any]) -> str:
    """Return the text of the answers file.

    Args:
        plan: The plan.
        copier_answers: Copier's `_copier_answers`, which knows the template's version and address.
    """
    return record.text(
        Record(
            file="",
            events=tuple(plan["events"]),
            events_dir=plan["events_dir"],
            trigger=plan["trigger"],
            builders=plan["builders"],
            once=plan["once"],
            version=copier_answers.get("_commit"),
            address=copier_answers.get("_src_path"),
        )
    )


def _draft(root: Path, before: Record | None, asked: Request, answers: Mapping[str, Any]) -> Draft:
    """Start from the record, or from nothing in an app that has none."""
    if before is None:
        events_dir, trigger = str(answers["events_dir"]), bool(answers.get("trigger"))
        if events_dir not in names.EVENTS_DIRS:
            raise UserError(
                f"events_dir: {events_dir!r} is no folder for events. Give {' or '.join(names.EVENTS_DIRS)}."
            )
    else:
        events_dir = before.events_dir if before.events else asked.events_dir or before.events_dir
        trigger = before.trigger if asked.trigger is None else asked.trigger
    return Draft(
        root=root,
        app=reader.read_app(root),
        before=before,
        events=[dict(event) for event in before.events] if before else [],
        events_dir=events_dir,
        trigger=trigger,
        builders=(before and before.builders) or package_json.builders_package(root),
        once=before.once if before else None,
    )


def _rendered(made: Record) -> Plan:
    """Return what is rendered of a record."""
    own = [event for event in made.events if not names.is_adopted(event)]
    entries = [
        {
            **event,
            "builder": names.builder_path(event, made.events_dir),
            "handler": names.handler_path(event, made.events_dir),
            "sample": names.sample_path(event, made.events_dir) if made.trigger else "",
        }
        for event in own
    ]
    once = once_files(made.events_dir) if made.once else {}
    files = [path for event in own for path in names.event_files(event, made.events_dir, made.trigger)]
    return {
        "events": list(made.events),
        "events_dir": made.events_dir,
        "trigger": made.trigger,
        "builders": made.builders or names.BUILDERS,
        "once": dict(made.once) if made.once else None,
        "rendered": entries,
        "once_files": once,
        "files": [*files, *once.values(), *([names.SCRIPT] if made.trigger else [])],
        "left": [],
        "only_on": "",
        "other_version": "",
        "idle": False,
        "changes": {},
        "validate": False,
    }


# --- what becomes of recorded events ---------------------------------------------------------------------------------


def _remove(draft: Draft, asked: Request) -> None:
    """Take events out of the record."""
    for event in [draft.named("remove", name) for name in asked.remove]:
        draft.events.remove(event)
        draft.removed.append(event["name"])
        builder = names.builder_path(event, draft.events_dir)
        draft.unregister.append(builder)
        if names.is_adopted(event):
            handler = names.handler_path(event, draft.events_dir)
            draft.notes.append(f"{builder} and {handler} stay: this template did not make them.")
            continue
        folder = (draft.root / builder).parent
        own = set(names.event_files(event, draft.events_dir, trigger=True))
        found = (path.relative_to(draft.root).as_posix() for path in folder.rglob("*") if not path.is_dir())
        draft.notes += [f"{path} stays: this template did not make it." for path in sorted(set(found) - own)]


def _follow_disk(draft: Draft, asked: Request) -> None:
    """Drop recorded events whose folder the user deleted, and follow those that the user moved.

    An event that this run is asked for is not dropped but made again.
    """
    wanted = {catalogue.identity(wanted.event) for wanted in asked.events}
    places = {
        extension.id: extension
        for extension in draft.app.extensions
        if guards.is_event(extension) and extension.export
    }
    for event in list(draft.events):
        builder, handler = (
            names.builder_path(event, draft.events_dir),
            names.handler_path(event, draft.events_dir),
        )
        if draft.exists(builder) or draft.exists(handler):
            continue
        if not names.is_adopted(event) and not folders.is_empty((draft.root / builder).parent):
            continue
        place = places.get(event["id"])
        if place is not None:
            draft.unregister.append(builder)
            event.update(builder=place.builder, handler=place.handler or place.builder)
            draft.followed.append(event["name"])
        elif names.is_adopted(event) or catalogue.identity(event["event"]) not in wanted:
            draft.unregister.append(builder)
            draft.events.remove(event)
            draft.dropped.append(event["name"])


def _moves(draft: Draft, asked: Request) -> list[tuple[str, str]]:
    """Return which events move, old and new name each, after everything is rendered where it is."""
    moves: list[tuple[str, str]] = []
    for old, new in asked.rename:
        event = draft.named("rename", old)
        if names.is_adopted(event):
            raise UserError(
                f'rename: "{old}" was adopted and lies in {event["builder"]}. Move it there yourself.'
            )
        taken = [other["name"] for other in draft.events if other is not event] + [new for _, new in moves]
        _check_free(draft, "rename", new, taken, draft.events_dir)
        moves.append((old, new))
    target = asked.events_dir or draft.events_dir
    if target != draft.events_dir:
        renamed = dict(moves)
        own = [str(event["name"]) for event in draft.own()]
        moves = [(name, renamed.get(name, name)) for name in own]
        for _, new in moves:
            _check_free(draft, "events_dir", new, (), target)
    return moves


def _check_free(
    draft: Draft, key: str, name: str, taken: list[str] | tuple[str, ...], events_dir: str
) -> None:
    """Refuse a name that another event has, or whose folder holds something."""
    for other in taken:
        if names.export_name(other) == names.export_name(name):
            raise UserError(
                f'{key}: the name "{name}" is taken by the recorded event "{other}". Choose another one.'
            )
    folder = folders.same_folder(draft.root / events_dir, name)
    if folder is not None and not folders.is_empty(folder):
        raise UserError(_taken(draft, key, folder))


def _taken(draft: Draft, key: str, folder: Path) -> str:
    """Say that something is in the folder of a name."""
    path = folder.relative_to(draft.root).as_posix()
    inside = [
        extension
        for extension in draft.app.extensions
        if extension.builder.startswith(f"{path}/") and extension.handler
    ]
    what = f" (its handler is {inside[0].handler})" if inside else ""
    return (
        f"{key}: {path} is there already and this template did not make it{what}. Choose another name, or record what "
        "is there with -d adopt=true; delete it if a stopped run has left it."
    )


# --- what is added ---------------------------------------------------------------------------------------------------


def _add(
    draft: Draft, wanted: Wanted, options: Mapping[str, bool], render: Render, coming: list[str]
) -> None:
    """Add an event to the record, or put back what is missing of it if it is there."""
    identity = catalogue.identity(wanted.event)
    same = next((event for event in draft.events if catalogue.identity(event["event"]) == identity), None)
    if same is not None:
        if wanted.named and same["name"] != wanted.name:
            raise UserError(
                f'event: {wanted.event} is already handled by "{same["name"]}" ({names.handler_path(same, draft.events_dir)}). '
                "One event takes one handler: put your code there, or rename it with copier update -d "
                f"rename={same['name']}:{wanted.name}."
            )
        if same["name"] not in draft.added:
            _keep(draft, same)
        return
    event: Event = {
        "name": wanted.name,
        "event": wanted.event,
        "id": str(uuid.uuid4()),
        **wanted.facts,
        **options,
    }
    if options.get("idempotent") and catalogue.event_texts(wanted.event).get("domain") is False:
        raise UserError(
            f"idempotent: {wanted.event} carries no id that tells one delivery from another. Add it without."
        )
    if _is_left(draft, event, render):
        event["id"] = folders.id_in(draft.root / names.builder_path(event, draft.events_dir)) or event["id"]
    else:
        # A clash with a handler that is there is what the user needs to read, before that of the folder.
        guards.check_app(draft.app, [*draft.events, event], draft.events_dir)
        taken = [other["name"] for other in draft.events] + coming
        _check_free(draft, "name", event["name"], taken, draft.events_dir)
    draft.events.append(event)
    draft.added.append(event["name"])
    draft.write += [path for path in draft.files_of(event) if not draft.exists(path)]


def _keep(draft: Draft, event: Event) -> None:
    """Note that an event is there, and what a copy has to put back of it."""
    draft.kept.append(event["name"])
    if names.is_adopted(event):
        return
    files = draft.files_of(event)
    missing = [path for path in files if not draft.exists(path)]
    guards.check_whole(draft.root, draft.app, files)
    if missing:
        draft.write += missing
        draft.restored.append(event["name"])


def _is_left(draft: Draft, event: Event, render: Render) -> bool:
    """Tell whether an event's folder holds only what this run would write, as a stopped run leaves it."""
    entry = _rendered(Record("", (event,), draft.events_dir, draft.trigger, draft.builders, draft.once))
    variables = {"plan": entry, "entry": entry["rendered"][0]}
    marks = (BUILDER, HANDLER, SAMPLE)
    renders = {
        os.path.basename(path): partial(render, mark, variables)
        for path, mark in zip(draft.files_of(event), marks, strict=False)
    }
    return folders.left_by_a_stopped_run(draft.root / draft.events_dir / event["name"], renders)


def _set_up_trigger(draft: Draft, render: Render) -> None:
    """Note what turning the local trigger on or off means, and refuse to take over a script that is the user's."""
    was_on = draft.before is not None and draft.before.trigger
    if draft.trigger and not was_on:
        script = draft.root / names.SCRIPT
        if draft.exists(names.SCRIPT) and not folders.is_as_rendered(
            script, partial(render, "event.mjs", {})
        ):
            raise UserError(
                f"trigger: {names.SCRIPT} exists and is not this template's. Move it away and run again."
            )
        files = [names.SCRIPT, *(names.sample_path(event, draft.events_dir) for event in draft.own())]
        draft.write += [path for path in files if not draft.exists(path) and path not in draft.write]
    if was_on and not draft.trigger:
        draft.notes.append('package.json: the script "event" has nothing to run any more. Remove it.')


def _set_up_once(draft: Draft, render: Render) -> None:
    """Note what handlers that do their work once need."""
    if not any(event.get("idempotent") for event in draft.events):
        return
    files = once_files(draft.events_dir)
    if draft.once is None:
        draft.once = once_for(draft.root)
        variables = {
            "plan": _rendered(Record("", (), draft.events_dir, once=draft.once, builders=draft.builders))
        }
        for mark, path in files.items():
            if draft.exists(path) and not folders.is_as_rendered(
                draft.root / path, partial(render, f"once_files.{mark}", variables)
            ):
                raise UserError(
                    f"idempotent: {path} exists and is not this template's. Move it away and run again."
                )
    names_ = {*draft.added, *draft.kept}
    if any(event.get("idempotent") and event["name"] in names_ for event in draft.events):
        draft.write += [path for path in files.values() if not draft.exists(path)]


# --- what follows ----------------------------------------------------------------------------------------------------


def _steps(draft: Draft, asked: Request, moves: list[tuple[str, str]], files: list[str]) -> Plan:
    """Return what a copy leaves alone, and what is done after rendering that the record cannot say."""
    only_update = next(
        (
            key
            for key, is_asked in (
                ("remove", draft.removed),
                ("rename", asked.rename),
                ("events_dir", moves),
                ("trigger", draft.before and draft.before.trigger and not draft.trigger),
            )
            if is_asked
        ),
        "",
    )
    if asked.validate and not (draft.root / "package.json").is_file():
        raise UserError(
            "validate: there is no package.json in the app's folder, so nothing can be installed and built. Run this in the "
            "root of a Wix app, or leave validate out."
        )
    changes = {
        "unregister": draft.unregister,
        "moves": moves,
        "events_dir": asked.events_dir if moves and asked.events_dir else draft.events_dir,
    }
    return {
        "left": [path for path in files if path not in set(draft.write)],
        "only_on": f"{only_update}: this changes files that are there. Commit, then use copier update instead of copy."
        if only_update
        else "",
        "changes": changes if draft.unregister or moves else {},
        "validate": asked.validate,
    }


def _version(before: Record | None, draft: Draft, answers: Mapping[str, Any], asked: Request) -> Plan:
    """Return what the template's version means for a copy."""
    conf, known = answers["_copier_conf"], answers["_copier_answers"]
    version, address = known.get("_commit"), str(known.get("_src_path"))
    release = versions.is_release(version, conf["vcs_ref_hash"])
    adds = bool(draft.added or draft.write or draft.adopted)
    found: Plan = {"idle": False, "other_version": ""}
    if before is None:
        if not draft.events and not asked.adopt:
            raise UserError(
                "event: no event was given and none is recorded. Give one, such as -d event=crm.contacts.onContactCreated; "
                "docs/events.md lists them all."
            )
        # There was nothing to adopt.
        found["idle"] = not draft.events
    elif before.version is not None and release:
        words = _words(asked, conf["data"])
        refused = versions.refusal(before.version, before.address, version, address, words)
        found["idle"] = bool(refused) and not adds
        found["other_version"] = refused
    if warning := versions.warning(version, conf["vcs_ref_hash"]):
        draft.notes.append(warning)
    return found


def _words(asked: Request, data: Mapping[str, Any]) -> str:
    """Return what a run is asked for, as words of a command line."""
    given = {
        key: value for key, value in data.items() if isinstance(value, (str, int)) and key in request.KEYS
    }
    if asked.events and "handler" not in given:
        given["event"] = ",".join(wanted.event for wanted in asked.events)
    return " ".join(f"-d {shlex.quote(f'{key}={value}')}" for key, value in given.items())


def _said(draft: Draft, asked: Request, moves: list[tuple[str, str]]) -> Plan:
    """Return what the closing message needs."""
    missing = {
        event["name"]: gone
        for event in draft.own()
        if event["name"] not in (*draft.added, *draft.restored)
        and (gone := [path for path in draft.files_of(event)[:2] if not draft.exists(path)])
    }
    if draft.once and draft.before and draft.before.once:
        gone = [
            path
            for path in once_files(draft.events_dir).values()
            if not draft.exists(path) and path not in draft.write
        ]
        missing |= {"once": gone} if gone else {}
    return {
        **{
            key: getattr(draft, key)
            for key in ("added", "kept", "restored", "removed", "dropped", "followed", "adopted")
        },
        "missing": missing,
        "moves": moves,
        "adopting": asked.adopt,
        "notes": [*draft.notes, *guards.foreign_faults(draft.app, draft.events, draft.events_dir)],
        "before": {path: _digest(draft.root / path) for path in (reader.REGISTRATIONS, "package.json")},
    }


def _digest(path: Path) -> str:
    """Return what tells one content of a file from another; nothing where there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
