"""One app under inspection: its record, its code, and what was found so far."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ... import collections, files, names, reader
from ...errors import UserError
from ...findings import Finding
from ...guards import is_event
from ...reader import FoundExtension
from ...record import Record
from ...rendering import rendered


@dataclass(frozen=True)
class RecordedEvent:
    """One recorded event.

    Attributes:
        record: The record that has it.
        line: Its line there.
        event: What is recorded.
    """

    record: Record
    line: int
    event: names.Event

    @property
    def name(self) -> str:
        """The event's name."""
        return str(self.event["name"])

    @property
    def builder(self) -> str:
        """The recorded path of its builder."""
        return names.builder_path(self.event, self.record.events_dir)

    @property
    def handler(self) -> str:
        """The recorded path of its handler."""
        return names.handler_path(self.event, self.record.events_dir)

    @property
    def place(self) -> str:
        """Where it is recorded."""
        return f"{self.record.file}:{self.line}"

    @property
    def copy(self) -> str:
        """The remedy for what a copy makes again."""
        return f"Run copier copy with -d event={self.event['event']}: it makes again what is missing"

    @property
    def again(self) -> str:
        """The remedy for a file of it that is gone."""
        if names.is_adopted(self.event):
            return f"Restore it from version control, or remove {self.name} (copier update -d remove={self.name})"
        return self.copy


@dataclass
class Inspection:
    """The app that is checked. Each check adds findings and leaves out what an earlier one has said better.

    Attributes:
        root: The app's folder.
        records: The records that could be read.
        events: Their events.
        findings: What was found so far.
        missing: Modules that were noted as missing, as imports name them.
    """

    root: Path
    records: list[Record] = field(default_factory=list)
    events: list[RecordedEvent] = field(default_factory=list)
    findings: set[Finding] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)

    @cached_property
    def code(self) -> reader.App:
        """What the app's code says."""
        return reader.read_app(self.root)

    @cached_property
    def imports(self) -> dict[str, list[reader.LocalImport]]:
        """The relative imports by the file that has them: in the template's files, extensions, and what these import."""
        starts = self.template_files()
        for each in self.code.extensions:
            starts += filter(None, (each.builder, each.handler, each.listener_file))
        found: dict[str, list[reader.LocalImport]] = {}
        for item in reader.imports_from(self.code.files, map(self.real, starts)):
            found.setdefault(item.file, []).append(item)
        return found

    @cached_property
    def event_extensions(self) -> list[FoundExtension]:
        """The extensions of events, in the long form too."""
        return [each for each in self.code.extensions if is_event(each)]

    @cached_property
    def recorded_builders(self) -> set[str]:
        """The builders of recorded events, as the reader names files."""
        return {self.real(item.builder) for item in self.events}

    def template_files(self) -> list[str]:
        """Return the files that the template writes or changes, whether they are there or not."""
        found = {reader.REGISTRATIONS, "package.json", *(record.file for record in self.records)}
        for record in self.records:
            found |= set(rendered(record)["files"])
            for event in record.events:
                found |= set(names.event_files(event, record.events_dir, trigger=False))
            if record.once:
                found |= {each.builder for each in self.code.extensions if each.kind == collections.EXPORT}
        return sorted(found)

    def own_events(self) -> list[RecordedEvent]:
        """Return the recorded events whose files are the template's."""
        return [item for item in self.events if not names.is_adopted(item.event)]

    def add(self, file: str, line: int, code: str, problem: str, remedy: str) -> None:
        """Note a finding."""
        self.findings.add(Finding(file, line, code, problem, remedy))

    def add_error(self, file: str, code: str, error: UserError) -> None:
        """Note what keeps a file from being used, as it is said where a run needs the file: where, what, what to do."""
        said = str(error)
        place = re.match(rf"{re.escape(file)}(?::(\d+))?:? ", said)
        problem, _, remedy = said[place.end() if place else 0 :].partition(". ")
        line = int(place[1] or 1) if place else 1
        self.add(file, line, code, sentence(problem), sentence(remedy) or "Restore it")

    def reported(self, file: str, *codes: str) -> bool:
        """Tell whether a file has a finding, of one of some codes where any are given."""
        return any(item.file == file and (not codes or item.code in codes) for item in self.findings)

    def registrations_unclear(self) -> bool:
        """Tell whether `src/extensions.ts` is in a state that says nothing on what is registered."""
        return self.reported(reader.REGISTRATIONS, "code", "conflict", "registration")

    def read(self, file: str) -> bytes:
        """Return what a file of the app holds, nothing where it cannot be read."""
        return files.read_if_possible(self.root / file) or b""

    def real(self, path: str) -> str:
        """Return a path in the app as the reader names files: that of code with its symbolic links followed."""
        return self.code.real_path(path) if names.is_code(path) else path


def sentence(text: str) -> str:
    """Return text as a sentence without its full stop."""
    return f"{text[:1].upper()}{text[1:]}".rstrip(".")
