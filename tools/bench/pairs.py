"""What is compared with plain Copier, and with this template itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from template_repo import TemplateRepo, commit_all
from wix import new_app

from . import events, templates
from .jobs import Job, Runner, copier

EXTENSIONS = 'import { app } from "@wix/astro/builders";\n\nexport default app();\n'


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Attributes:
        many: How many events "many in one run" are.
        recorded: How many events an app has that gets one more.
        updated: How many events apps have that are updated.
        flat: How many events are added to show what each further one takes.
    """

    many: int
    recorded: int
    updated: tuple[int, ...]
    flat: tuple[int, ...]


@dataclass(frozen=True)
class Pair:
    """A job and what it is compared with.

    Attributes:
        what, job: The job, and what it does.
        beside, other: The other one.
        goal: The most that the ratio should be, if there is a goal.
    """

    what: str
    job: Job
    beside: str
    other: Job
    goal: str = ""


class Pairs:
    """The templates and apps, and the pairs that are made with them."""

    def __init__(self, runner: Runner, sizes: Sizes) -> None:
        """Make an app without events, and the template a repository."""
        self.runner = runner
        self.sizes = sizes
        self.app = new_app(runner.folder / "app")
        (self.app / "src/extensions.ts").write_text(EXTENSIONS)
        self.template = templates.whole(runner.folder / "template")

    @cached_property
    def newer(self) -> TemplateRepo:
        """The template with a release 1.1.0 that changes every handler."""
        return templates.with_changed_handlers(self.template, self.runner.folder / "newer")

    def all(self) -> Iterator[Pair]:
        """Make each pair when it is its turn."""
        yield self.one_event()
        yield self.beside_recorded()
        yield self.many()
        for count in self.sizes.updated:
            yield from self.updates(count)

    def copy(self, *names: str) -> Job:
        """Return the job of one copy that adds events of the catalogue to an app that has none."""
        return Job(self.app, (_copy(self.template, "-d", f"event={json.dumps(names)}"),))

    def one_event(self) -> Pair:
        """Compare one event with a plain template that renders the same bytes."""
        job = self.copy(events.EVENT)
        done = self.runner.do(job, "one")
        plain = templates.plain_one(self.runner.folder / "plain-one", done)
        (event,) = templates.record_of(done)
        answers = [part for key in ("name", "event", "id") for part in ("-d", f"{key}={event[key]}")]
        other = Job(self.app, (_copy(plain, *answers),))
        templates.assert_same(done, self.runner.do(other, "one-plain"))
        return Pair("one event", job, "plain Copier", other, "1.35")

    def beside_recorded(self) -> Pair:
        """Compare one more event in an app that has many with the first one."""
        count, job = self.sizes.recorded, self.copy(events.EVENT)
        more = Job(self.app_with(count, self.template), job.commands)
        return Pair(f"one event beside {count} recorded", more, "none recorded", job, "1.3")

    def many(self) -> Pair:
        """Compare many events in one run with one event."""
        count = self.sizes.many
        job = self.copy(*events.from_catalogue(count))
        return Pair(f"{count} events", job, "one event", self.copy(events.EVENT), "1.5")

    def updates(self, count: int) -> Iterator[Pair]:
        """Compare updates with those of a plain template that has a `yield` folder."""
        app = self.app_with(count, self.newer)
        plain = templates.plain_many(self.runner.folder / f"plain-{count}", app)
        data = self._data(f"record-{count}", {"events": templates.record_of(app)})
        plain_app = self.runner.do(
            Job(self.app, (_copy(plain, "--vcs-ref", "1.0.0", "--data-file", data),)), f"plain-app-{count}"
        )
        templates.assert_same(app, plain_app)
        commit_all(plain_app)
        for ref, what, goal in (("1.1.0", "update", "1, aim 0.8"), ("1.0.0", "resync", "0.6")):
            update = (copier("update", "--trust", "--defaults", "--vcs-ref", ref),)
            job, other = Job(app, update), Job(plain_app, update)
            templates.assert_same(self.runner.do(job, "updated"), self.runner.do(other, "plain-updated"))
            yield Pair(f"{what} of {count} events", job, "plain Copier, `yield`", other, goal)

    def flat(self) -> Iterator[tuple[int, Job]]:
        """Return jobs that add more and more events."""
        for count in self.sizes.flat:
            yield count, self._add_unknown(count, self.template)

    def app_with(self, count: int, template: TemplateRepo) -> Path:
        """Return an app, clean in git, that has so many events of a template's release 1.0.0."""
        target = f"app-{template.path.name}-{count}"
        app = self.runner.do(self._add_unknown(count, template), target)
        commit_all(app)
        return app

    def _add_unknown(self, count: int, template: TemplateRepo) -> Job:
        data = self._data(f"events-{count}", {"event": events.unknown(count)})
        return Job(self.app, (_copy(template, "--vcs-ref", "1.0.0", "--data-file", data),))

    def _data(self, name: str, answers: dict[str, object]) -> str:
        """Write a data file; returns its path."""
        path = self.runner.folder / f"{name}.json"
        path.write_text(json.dumps(answers))
        return str(path)


def _copy(template: TemplateRepo, *options: str) -> tuple[str, ...]:
    return copier("copy", "--trust", "--defaults", "--overwrite", *options, str(template.path), ".")
