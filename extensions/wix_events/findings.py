"""What a check finds: one finding, the report of an app, and the codes, which docs/checks.md explains."""

from __future__ import annotations

from dataclasses import dataclass

CODES = {
    "builder": "a recorded event has no builder",
    "cli": "not an app of the current Wix CLI",
    "code": "code that cannot be read, or that does not say what it has to",
    "collection": "the collection of handled events is not declared",
    "collections": "two collections extensions in one app",
    "conflict": "conflict markers",
    "dependency": "a package that handlers import is no dependency",
    "duplicate-event": "two handlers of one event",
    "duplicate-id": "two extensions with one id",
    "event": "a handler listens to another event than recorded",
    "export": "a builder is not exported by its name",
    "foreign-id": "an id of the app's own that is not a version-4 UUID",
    "handler": "a recorded event has no handler",
    "id": "an id is not the recorded one",
    "import": "an import that leads nowhere",
    "moved": "an event lies elsewhere than recorded",
    "namespace": "the app's namespace is not filled in",
    "no-record": "events that no answers file records",
    "once": "a handler does not do its work once",
    "record": "an answers file that cannot be used",
    "registration": "a recorded event is not registered",
    "rejected": "changes that an update could not apply",
    "source": "a builder's source leads to another handler",
    "unmerged": "a merge that is not finished",
    "unrecorded": "an event that is neither recorded nor registered",
}
"""Every code and what it stands for. They are for programs and for docs/checks.md: one that is released never changes."""

REMARKS = frozenset({"cli", "foreign-id", "no-record"})
"""The codes of what works as it is: a remark, which leaves an app healthy. All others are faults."""


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong, or worth knowing.

    Attributes:
        file: Where, relative to the app.
        line: On which line, from 1.
        code: One of `CODES`.
        problem: What is wrong, without a full stop.
        remedy: What to do, without a full stop.
    """

    file: str
    line: int
    code: str
    problem: str
    remedy: str

    @property
    def remark(self) -> bool:
        """Whether the app is healthy all the same."""
        return self.code in REMARKS

    def __str__(self) -> str:
        """Return the finding as a line of text."""
        kind = "remark: " if self.remark else ""
        return f"{self.file}:{self.line}: {self.code} {kind}{self.problem}. {self.remedy}."


@dataclass(frozen=True)
class Report:
    """What a check found in one app.

    Attributes:
        findings: In order of file and line.
        events: How many events are recorded.
        extensions: How many extensions the code has in all.
    """

    findings: tuple[Finding, ...]
    events: int
    extensions: int

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that are no remarks."""
        return tuple(finding for finding in self.findings if not finding.remark)
