"""What a check finds: one finding, the report of an app, and the codes, which docs/checks.md explains."""

from __future__ import annotations

from dataclasses import dataclass

CODES = frozenset(
    (
        "builder cli code collection collections conflict dependency duplicate-event duplicate-id event export foreign-id "
        "handler id import moved namespace no-record once record registration rejected source unmerged unrecorded"
    ).split()
)
"""Every code; docs/checks.md explains them. They are for programs: one that is released never changes."""

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
