"""Read an app and list what is wrong with its events; nothing is written.

`check.py APP` compares the record, the files on disk, the registrations and the handlers with one another.
"""

from __future__ import annotations

import argparse
import json
import os
import posixpath
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from .. import catalogue, names, package_json, record
from .. import reader as app
from ..errors import UserError

_MANIFEST = "package.json"
_CONFLICT = re.compile(rb"^(?:<{7}|>{7})(?: |\r?$)", re.MULTILINE)
_NEW_ID = 'Put a new one there (node -p "crypto.randomUUID()")'
# What the reader says of an import, where the record says more.
_DEAD_IMPORT = re.compile(r'Imports "([^"]+)", which is not there')
_DEAD_NAME = re.compile(r"Imports \S+ from (.+), which does not export it")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        file: Where, relative to the app.
        line: On which line, from 1.
        code: What kind of problem it is, for programs.
        problem: What is wrong, without a full stop.
        remedy: What to do, without a full stop.
    """

    file: str
    line: int
    code: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        """Return the problem as a line of text."""
        return f"{self.file}:{self.line}: {self.problem}. {self.remedy}."


@dataclass(frozen=True)
class _Recorded:
    """One recorded event, and where it is recorded."""

    file: str
    line: int
    event: dict[str, Any]
    builder: str
    handler: str

    @property
    def name(self) -> str:
        """The event's name."""
        return str(self.event["name"])

    @property
    def again(self) -> str:
        """The remedy for what a copy puts back."""
        command = f"copier copy with -d event={self.event['event']}"
        return f"Run the template's {command} again: it puts back what is missing"


@dataclass(frozen=True)
class Report:
    """What a check found: the problems, and how many events and extensions were looked at."""

    problems: tuple[Problem, ...]
    events: int
    extensions: int


def check(root: Path | str, answers_files: Sequence[str] = ()) -> Report:
    """Compare an app's record, files, registrations and handlers.

    Args:
        root: The app's folder.
        answers_files: The answers files to read, relative to it; all of this template's unless given.

    Returns:
        The problems in order of file and line.
    """
    return _Check(Path(root)).run(answers_files)


class _Check:
    """Checks one app."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: set[Problem] = set()
        self.recorded: list[_Recorded] = []
        self.conflicts: set[str] = set()

    @cached_property
    def code(self) -> app.App:
        """What the app's code says."""
        return app.read_app(self.root)

    def run(self, answers_files: Sequence[str]) -> Report:
        """Run all checks, each leaving out what an earlier one has reported."""
        for name in answers_files or self.answers_files():
            self.read_record(name)
        self.read_app()
        self.check_registrations()
        for item in self.recorded:
            self.check_files(item)
        self.check_ids()
        self.check_handlers()
        self.check_unrecorded()
        self.check_manifest()
        return Report(tuple(sorted(self.problems)), len(self.recorded), len(self.code.extensions))

    def add(self, file: str, line: int, code: str, problem: str, remedy: str) -> None:
        """Note a problem."""
        self.problems.add(Problem(file, line, code, problem, remedy))

    def reported(self, file: str, *codes: str) -> bool:
        """Tell whether a file has a problem, of one of some kinds where any are given."""
        return any(item.file == file and (not codes or item.code in codes) for item in self.problems)

    # The record

    def answers_files(self) -> list[str]:
        """Return the answers files that this template wrote; note when there are none."""
        found = sorted(path.name for path in self.root.glob(".copier-answers*.yml"))
        ours = [name for name in found if record.is_ours(self.root / name)]
        if not ours:
            self.add(
                found[0] if found else ".copier-answers.yml",
                1,
                "record",
                "No answers file of this template records this app's events",
                "Add an event with copier copy, or name the file with --answers-file",
            )
        return ours

    def read_record(self, name: str) -> None:
        """Read the events of one answers file."""
        path = self.root / name
        try:
            if not path.is_file():
                raise UserError(f"{name}: there is no such file. Name one that copier copy has written.")
            text = path.read_bytes()
            found = record.read(self.root, name)
            assert found is not None
        except UserError as error:
            self.add_message(name, str(error))
            return
        lines = record.event_lines(text)
        for event in found.events:
            builder = names.builder_path(event, found.events_dir)
            handler = names.handler_path(event, found.events_dir)
            self.recorded.append(_Recorded(name, lines.get(event["name"], 1), event, builder, handler))

    def add_message(self, name: str, message: str) -> None:
        """Note what the plan says of an answers file: its place, what is wrong, what to do."""
        place = re.match(rf"{re.escape(name)}(?::(\d+))?:? ", message)
        said = message[place.end() :] if place else message
        problem, _, remedy = said.partition(". ")
        line = int(place[1]) if place and place[1] else 1
        self.add(name, line, "record", _sentence(problem), _sentence(remedy) or "Restore it")

    # The code

    def read_app(self) -> None:
        """Note what keeps the app's code from being read, conflict markers by their name."""
        for item in self.code.problems:
            problem, _, remedy = item.text.rpartition(": ")
            if (line := self.conflict(item.file)) is not None:
                if item.file in self.conflicts:
                    continue
                self.conflicts.add(item.file)
                problem = "A merge left its conflict markers"
                self.add(item.file, line, "conflict", problem, "Resolve them, keeping the code of both sides")
            elif not self.said_better(item):
                self.add(item.file, item.line, "code", problem, _sentence(remedy))

    def conflict(self, file: str) -> int | None:
        """Return the line of a file's first conflict marker, None where it has none."""
        try:
            source = (self.root / file).read_bytes()
        except OSError:
            return None
        found = _CONFLICT.search(source)
        return source.count(b"\n", 0, found.start()) + 1 if found else None

    def said_better(self, item: app.Problem) -> bool:
        """Tell whether a check of the record will report what the reader has met, knowing more."""
        if found := _DEAD_IMPORT.match(item.text):
            module = posixpath.normpath(posixpath.join(posixpath.dirname(item.file), found[1]))
            return any(_stem(each.builder) == _stem(module) for each in self.recorded)
        if found := _DEAD_NAME.match(item.text):
            return any(_real(self.root, each.builder) == found[1] for each in self.recorded)
        return False

    def check_registrations(self) -> None:
        """Note a missing `src/extensions.ts`."""
        if self.recorded and not os.path.lexists(self.root / app.REGISTRATIONS):
            problem = "There is no such file, so no event is registered"
            self.add(app.REGISTRATIONS, 1, "registration", problem, self.recorded[0].again)

    def check_files(self, item: _Recorded) -> None:
        """Compare a recorded event with its builder, and that with its registration and handler."""
        builder, handler = _real(self.root, item.builder), _real(self.root, item.handler)
        here = [each for each in self.code.extensions if each.builder == builder and _is_event(each)]
        if not here:
            self.check_absent(item, builder)
            return
        export = names.export_name(item.name)
        same_id = [each for each in here if (each.id or "").lower() == item.event["id"].lower()]
        found = next(iter([*same_id, *(each for each in here if each.export == export), *here]))
        if not same_id:
            self.add(
                builder,
                found.id_line,
                "id",
                f"The id of {item.name} is {found.id or 'not a plain string'}; Wix knows the event by "
                f"{item.event['id']} ({item.file}:{item.line})",
                "Put the recorded id back",
            )
        if "builder" not in item.event and found.export != export and not self.reported(builder, "code"):
            now = f"exported as {found.export}" if found.export else "not exported"
            self.add(
                builder,
                found.line,
                "export",
                f"{item.name} is {now}, not as {export}",
                f"Export it as {export}",
            )
        elif not found.registered and not self.reported(
            app.REGISTRATIONS, "code", "conflict", "registration"
        ):
            self.add(
                builder,
                found.line,
                "registration",
                f"{item.name} is not registered in {app.REGISTRATIONS}",
                item.again,
            )
        if found.handler and found.handler != handler:
            problem = f"The source of {item.name} leads to {found.handler}; the record says {item.handler}"
            self.add(
                builder, found.line, "source", problem, f'Make it "./{item.handler.removeprefix("src/")}"'
            )
        elif found.event and _identity(found.event) != _identity(item.event["event"]):
            self.add(
                found.listener_file or handler,
                found.handler_line or 1,
                "event",
                f"{item.name} is recorded for {item.event['event']}, but this listens to {found.event}",
                f"Listen to {item.event['event']} again, or remove {item.name} "
                f"(copier update -d remove={item.name}) and add the other event",
            )

    def check_absent(self, item: _Recorded, builder: str) -> None:
        """Note a recorded event whose builder is not there, or does not make it."""
        moved = [each for each in self.code.extensions if each.id == item.event["id"] and _is_event(each)]
        if moved:
            problem = (
                f"{item.name} is recorded in {item.builder}, but lies in {moved[0].builder}:{moved[0].line}"
            )
            self.add(
                item.file, item.line, "moved", problem, "Commit and run copier update: the record follows"
            )
        elif (self.root / builder).is_file():
            if not self.reported(builder):
                problem = f"There is no extensions.event(…) for {item.name} here"
                self.add(builder, 1, "builder", problem, "Restore the file from version control")
        else:
            remedy = item.again
            if "builder" in item.event:
                remedy = (
                    f"Restore it from version control, or remove it (copier update -d remove={item.name})"
                )
            self.add(
                item.file,
                item.line,
                "builder",
                f"{item.name} is recorded, but {item.builder} is missing",
                remedy,
            )

    # The whole app

    def check_ids(self) -> None:
        """Note ids that are no version-4 UUID, and ids that two extensions share."""
        ids: dict[str, str] = {}
        mine = {_real(self.root, item.builder) for item in self.recorded}
        # Recorded events come first: where an id is shared, the other extension is the one to change.
        for each in sorted(self.code.extensions, key=lambda each: each.builder not in mine):
            if self.reported(each.builder, "id"):
                continue
            if each.id is None:
                problem = "The id is not a plain string, so it cannot be compared with the others"
                self.add(each.builder, each.id_line, "id", problem, "Write the UUID itself here")
            elif not names.is_uuid4(each.id):
                problem = f'The id "{each.id}" is not a version-4 UUID, so that Wix may mix extensions up'
                self.add(each.builder, each.id_line, "id", problem, _NEW_ID)
            elif first := ids.get(each.id.lower()):
                problem = f"The id {each.id} is also that of {first}: Wix silently drops one of the two"
                self.add(each.builder, each.id_line, "duplicate-id", problem, _NEW_ID)
            else:
                ids[each.id.lower()] = f"{each.builder}:{each.id_line}"

    def check_handlers(self) -> None:
        """Note events that two extensions handle."""
        mine = {_real(self.root, item.builder) for item in self.recorded}
        handled: dict[str, app.FoundExtension] = {}
        for each in sorted(
            self.code.extensions, key=lambda each: (each.builder not in mine, not each.registered)
        ):
            if (
                each.event is None
                or self.reported(each.listener_file or "", "event")
                or self.reported(each.builder, "source")
            ):
                continue
            first = handled.setdefault(_identity(each.event), each)
            if first is each:
                continue
            shared = each.listener_file == first.listener_file
            file, line = (
                (each.builder, each.line) if shared else (each.listener_file or "", each.handler_line or 1)
            )
            place = (
                f"{first.builder}:{first.line}" if shared else f"{first.listener_file}:{first.handler_line}"
            )
            problem = f"{each.event} is already handled by {place}"
            self.add(
                file, line, "duplicate-event", problem, "Keep one of the two: one event takes one handler"
            )

    def check_unrecorded(self) -> None:
        """Note event extensions that are on disk but neither recorded nor registered."""
        mine = {_real(self.root, item.builder) for item in self.recorded}
        ids = {item.event["id"] for item in self.recorded}
        if self.reported(app.REGISTRATIONS, "code", "conflict", "registration"):
            return
        for each in self.code.extensions:
            known = each.registered or each.builder in mine or each.id in ids
            said = self.reported(each.builder) or self.reported(each.listener_file or "", "duplicate-event")
            if _is_event(each) and not known and not said:
                self.add(
                    each.builder,
                    each.line,
                    "unrecorded",
                    "This event extension is neither recorded nor registered, so the app does not have it",
                    f"Register it in {app.REGISTRATIONS}, or delete it",
                )

    def check_manifest(self) -> None:
        """Note packages of events that `package.json` does not name."""
        own = [item for item in self.recorded if "builder" not in item.event]
        packages = {names.key_parts(item.event)[0]: item for item in reversed(own)}
        try:
            source = (self.root / _MANIFEST).read_bytes()
            for package, item in packages.items():
                if not package_json.depends_on(source, package):
                    problem = f"{package} is not among the dependencies, but {item.handler} imports it"
                    self.add(_MANIFEST, 1, "dependency", problem, f"Install {package}")
        except OSError as error:
            if packages:
                problem = f"The file cannot be read ({error.strerror})"
                self.add(_MANIFEST, 1, "dependency", problem, f"Create it with {', '.join(sorted(packages))}")
        except package_json.ManifestError as error:
            problem, _, remedy = error.problem.rpartition("; ")
            self.add(_MANIFEST, error.line, "dependency", problem, _sentence(remedy))


def _identity(key: str) -> str:
    """Return what makes two keys one event: the slug, or the key where the catalogue does not know it."""
    return str(catalogue.event_texts(key).get("slug", key))


def _sentence(text: str) -> str:
    """Return text as a sentence without its full stop."""
    return f"{text[:1].upper()}{text[1:]}".rstrip(".")


def _is_event(extension: app.FoundExtension) -> bool:
    """Tell whether an extension is one of an event, in the long form too."""
    return extension.kind == "event" or extension.event is not None


def _stem(path: str) -> str:
    """Return a module's path without its suffix."""
    return re.sub(r"\.[cm]?[jt]sx?$", "", path)


def _real(root: Path, path: str) -> str:
    """Return a path in the app with its symbolic links followed, as the reader names files."""
    return Path(os.path.relpath((root / path).resolve(), root.resolve())).as_posix()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Its arguments, those of the process unless given.

    Returns:
        0 where the app is healthy, 1 where it is not.
    """
    parser = argparse.ArgumentParser(
        description="Read an app and list what is wrong with its events; nothing is written."
    )
    parser.add_argument("app", nargs="?", default=".", help="the app's folder (default: this one)")
    parser.add_argument(
        "--answers-file", action="append", default=[], help="the answers file that records the events"
    )
    parser.add_argument(
        "--json", action="store_true", help="print a list of objects: file, line, code, problem, remedy"
    )
    options = parser.parse_args(arguments)
    if not Path(options.app).is_dir():
        parser.error(f"{options.app} is not a folder. Give the folder of a Wix app.")
    report = check(options.app, options.answers_file)
    for line in _lines(report, options.json):
        print(line)
    return 1 if report.problems else 0


def _lines(report: Report, as_json: bool) -> Iterator[str]:
    """Yield what the command prints."""
    if as_json:
        yield json.dumps([asdict(problem) for problem in report.problems], indent=2, ensure_ascii=False)
    elif report.problems:
        yield from map(str, report.problems)
    else:
        events = "1 recorded event" if report.events == 1 else f"{report.events} recorded events"
        extensions = "1 extension" if report.extensions == 1 else f"{report.extensions} extensions"
        yield f"Healthy: {events}, {extensions} in all."


if __name__ == "__main__":
    sys.exit(main())
