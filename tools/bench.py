"""Measure what this template costs beside plain Copier, Plop and Hygen, and print the tables (`make bench`).

Only ratios mean anything: what is compared runs in turn (A B A B …), whole processes of the real command lines. The
plain templates are made from this template's own output, and are checked to render the same bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import yaml
from template_repo import TemplateRepo, commit_all, git
from wix import ROOT, new_app

TOOLS = ROOT / "tools" / "bench"
EVENT = "crm.contacts.onContactCreated"
NAME = "contact-created"
ANSWERS = ".copier-answers.yml"
EXTENSIONS = 'import { app } from "@wix/astro/builders";\n\nexport default app();\n'
# Hygen adds whole lines only.
HYGEN_EXTENSIONS = EXTENSIONS.replace("app();", "app()\n  ;")

Record = list[dict[str, Any]]


@dataclass(frozen=True)
class Job:
    """Commands that are run, one after the other, in a fresh copy of an app."""

    app: Path
    commands: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Cost:
    """What a job took: median seconds by the clock, and the least seconds of processor time."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    repetitions: int
    long_repetitions: int
    many: int
    recorded: tuple[int, ...]
    flat: tuple[int, ...]


FULL = Sizes(repetitions=11, long_repetitions=3, many=20, recorded=(100, 500), flat=(1, 10, 100, 500, 1000))
QUICK = Sizes(repetitions=1, long_repetitions=1, many=2, recorded=(3,), flat=(1, 3))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="few events, one repetition: shows that it works"
    )
    sizes = QUICK if parser.parse_args().quick else FULL
    with tempfile.TemporaryDirectory(dir=_place()) as folder:
        _isolate(Path(folder))
        bench = Bench(Path(folder), sizes)
        print("\n".join(_header(Path(folder).parent)), flush=True)
        print("\n| what | takes | beside | takes | ratio | of processor time | goal |")
        print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
        bench.one_event()
        bench.look_up()
        bench.recorded()
        bench.many()
        bench.updates()
        bench.generators()
        print("\n| new events in one copy | takes | for each more |")
        print("| --- | --- | --- |", flush=True)
        bench.flat()


class Bench:
    """The templates, and what is measured with them."""

    def __init__(self, folder: Path, sizes: Sizes) -> None:
        """Make the template a repository, and a second one with newer versions.

        In 1.1.0 all handlers change, in 1.2.0 all builders.
        """
        self.folder = folder
        self.sizes = sizes
        self.app = new_app(folder / "app")
        (self.app / "src").mkdir(exist_ok=True)
        (self.app / "src" / "extensions.ts").write_text(EXTENSIONS)
        self.template = TemplateRepo.snapshot(folder / "template")
        _pack(self.template)
        self.newer = self.template.fork(folder / "newer")
        for position, tag, kind in ((1, "1.1.0", "handler"), (0, "1.2.0", "builder")):
            (path,) = (self.newer.path / "template/src").glob(f"*event_paths*[[]{position}]*")
            changed = {path.relative_to(self.newer.path).as_posix(): _changed(path.read_text())}
            self.newer.release(tag, {**changed, **self.newer.raised(kind)})
        _pack(self.newer)

    def one_event(self) -> None:
        """Compare one event with a plain template that renders the same bytes."""
        job = self._copy(f"event={EVENT}", template=self.template)
        done = self._do(job, "one")
        event = _record(done)[0]
        plain = self._plain("plain-one", done, event, "", None)
        answers = (f"{key}={event[key]}" for key in ("name", "event", "id"))
        other = self._copy(*answers, template=plain)
        _check_same(done, self._do(other, "one-plain"))
        self._row("one event", job, "plain Copier", other, "≤ 1.15")

    def look_up(self) -> None:
        """Compare the whole catalogue with one that knows a single event."""
        small = self.template.fork(self.folder / "small")
        path = "extensions/wix_events/catalogue/events.json"
        catalogue = json.loads(self._text(path))
        catalogue["events"] = {EVENT: catalogue["events"][EVENT]}
        small.release("1.2.0", {path: json.dumps(catalogue)})
        _pack(small)
        job = self._copy(f"event={EVENT}", template=self.template)
        other = self._copy(f"event={EVENT}", template=small)
        self._row("one event", job, "a catalogue of one event", other, "+ 30 ms")

    def recorded(self) -> None:
        """Compare one more event in an app that has many with the first one."""
        job = self._copy(f"event={EVENT}", template=self.newer)
        for count in self.sizes.recorded:
            app = self._app_with(count)
            more = Job(app, job.commands)
            self._row(f"one event beside {count} recorded", more, "none recorded", job, "≤ 1.5")

    def many(self) -> None:
        """Compare many events in one run with one event."""
        events = self._catalogue_events(self.sizes.many)
        job = self._copy(f"event={json.dumps(events)}", template=self.template)
        one = self._copy(f"event={EVENT}", template=self.template)
        self._row(f"{len(events)} events", job, "one event", one, "< 2")

    def updates(self) -> None:
        """Compare updates with those of a plain template that has a `yield` folder."""
        for count in self.sizes.recorded:
            app = self._app_with(count)
            record = _record(app)
            plain = self._plain(f"plain-{count}", app, record[0], "e.", record)
            data = self.folder / f"record-{count}.json"
            data.write_text(json.dumps({"events": record}))
            command = ("copy", "--vcs-ref", "1.0.0", "--overwrite", "--defaults", "--data-file", str(data))
            copy = Job(self.app, (_copier(*command, str(plain.path), "."),))
            plain_app = self._do(copy, f"plain-app-{count}")
            _check_same(app, plain_app)
            commit_all(plain_app)
            for ref, what, goal in (
                ("1.1.0", f"update of {count} events", "≤ 0.6"),
                ("1.2.0", f"update of {count} events, builders too", "< 1"),
                ("1.0.0", f"resync of {count} events", "≤ 0.4"),
            ):
                job, other = (
                    Job(folder, (_copier("update", "--trust", "--defaults", "--vcs-ref", ref),))
                    for folder in (app, plain_app)
                )
                _check_same(self._do(job, "updated"), self._do(other, "plain-updated"))
                self._row(what, job, "plain Copier, `yield`", other, goal, self.sizes.long_repetitions)

    def generators(self) -> None:
        """Compare with Plop and Hygen doing the same job; neither keeps a record nor touches package.json."""
        if not (TOOLS / "node_modules").exists():
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=TOOLS, check=True)
        hygen_app = self.folder / "hygen-app"
        shutil.copytree(self.app, hygen_app)
        (hygen_app / "src" / "extensions.ts").write_text(HYGEN_EXTENSIONS)
        for events in ([EVENT], self._catalogue_events(self.sizes.many)):
            job = self._copy(f"event={json.dumps(events)}", template=self.template)
            record = [event for event in _record(self._do(job, "listed"))]
            parts = [(*_import(event), event["name"]) for event in record]
            plop = (
                *("node", str(TOOLS / "node_modules/plop/bin/plop.js")),
                *("--plopfile", str(TOOLS / "plop/plopfile.mjs"), "event"),
                ",".join(":".join(part) for part in parts),
            )
            hygen = [
                (
                    *("node", str(TOOLS / "node_modules/hygen/dist/bin.js"), "event", "new", name),
                    *("--library", package, "--namespace", namespace, "--handler", handler),
                )
                for package, namespace, handler, name in parts
            ]
            what = "one event" if len(events) == 1 else f"{len(events)} events"
            for tool, other in (("Plop", Job(self.app, (plop,))), ("Hygen", Job(hygen_app, tuple(hygen)))):
                done = self._do(other, tool.lower())
                assert all((done / path).is_file() for event in record for path in _paths(event)), tool
                assert (done / "src/extensions.ts").read_text().count(".use(") == len(events), tool
                processes = f"{tool}, {len(other.commands)} runs" if len(other.commands) > 1 else tool
                self._row(what, job, processes, other, "none")

    def flat(self) -> None:
        """Show what each further event costs."""
        jobs = [self._copy_unknown(count, template=self.template) for count in self.sizes.flat]
        costs = self._measure(jobs, self.sizes.long_repetitions)
        first = costs[0]
        for count, cost in zip(self.sizes.flat, costs, strict=True):
            each = f"{(cost.wall - first.wall) / (count - 1) * 1000:.1f} ms" if count > 1 else ""
            print(f"| {count} | {cost.wall:.2f} s | {each} |", flush=True)

    def _row(
        self, what: str, job: Job, beside: str, other: Job, goal: str, repetitions: int | None = None
    ) -> None:
        """Measure two jobs in turn and print one line of the table."""
        cost, base = self._measure([job, other], repetitions or self.sizes.repetitions)
        ratio, cpu = cost.wall / base.wall, cost.cpu / base.cpu
        if goal.endswith("ms"):
            goal = f"{goal} (is {(cost.cpu - base.cpu) * 1000:+.0f})"
        print(
            f"| {what} | {cost.wall:.2f} s | {beside} | {base.wall:.2f} s | {ratio:.2f} | {cpu:.2f} | {goal} |",
            flush=True,
        )

    def _measure(self, jobs: Sequence[Job], repetitions: int) -> list[Cost]:
        """Run the jobs in turn."""
        samples: list[list[tuple[float, float]]] = [[] for _ in jobs]
        for _ in range(repetitions):
            for job, sample in zip(jobs, samples, strict=True):
                sample.append(self._time(job))
        return [Cost(median(wall for wall, _ in sample), min(cpu for _, cpu in sample)) for sample in samples]

    def _time(self, job: Job) -> tuple[float, float]:
        """Run a job once; returns its seconds by the clock and of processor time."""
        app = self._fresh(job, "run")
        before, start = _processor_time(), time.perf_counter()
        for command in job.commands:
            _run(command, app)
        return time.perf_counter() - start, _processor_time() - before

    def _do(self, job: Job, name: str) -> Path:
        """Run a job once for its result; returns the app."""
        app = self._fresh(job, name)
        for command in job.commands:
            _run(command, app)
        return app

    def _fresh(self, job: Job, name: str) -> Path:
        """Copy a job's app."""
        app = self.folder / name
        shutil.rmtree(app, ignore_errors=True)
        shutil.copytree(job.app, app)
        if (app / ".git").exists():
            # The index holds times and inodes of the folder that was copied.
            git(app, "update-index", "-q", "--refresh")
        return app

    def _copy(self, *data: str, template: TemplateRepo) -> Job:
        """Return the job of one copy into an app without events."""
        options = [part for item in data for part in ("-d", item)]
        return Job(
            self.app,
            (_copier("copy", "--trust", "--defaults", "--overwrite", *options, str(template.path), "."),),
        )

    def _copy_unknown(self, count: int, *options: str, template: TemplateRepo) -> Job:
        """Return the job of one copy that adds so many events, none of which the catalogue has."""
        data = self.folder / f"events-{count}.json"
        data.write_text(json.dumps({"event": _unknown_events(count)}))
        command = ("copy", *options, "--trust", "--defaults", "--data-file", str(data))
        return Job(self.app, (_copier(*command, str(template.path), "."),))

    def _app_with(self, count: int) -> Path:
        """Return an app, clean in git, that has so many events of the older version."""
        target = self.folder / f"app-{count}"
        if not target.exists():
            self._do(self._copy_unknown(count, "--vcs-ref", "1.0.0", template=self.newer), target.name)
            commit_all(target)
        return target

    def _catalogue_events(self, count: int) -> list[str]:
        """Return events from all over the catalogue whose names differ."""
        keys = list(json.loads(self._text("extensions/wix_events/catalogue/events.json"))["events"])
        by_handler = {
            key.rsplit(".", 1)[1]: key for key in keys if key.startswith(("crm.", "ecom.", "events."))
        }
        chosen = sorted(by_handler.values())
        return chosen[:: len(chosen) // count][:count]

    def _plain(
        self, name: str, app: Path, event: dict[str, Any], prefix: str, record: Record | None
    ) -> TemplateRepo:
        """Make a plain template of an app's files, with newer versions, too, where it renders a whole record.

        Args:
            name: Its folder.
            app: The app whose files it is to render.
            event: One of its events, whose files become templates.
            prefix: How the templates call that event.
            record: All events, where a `yield` folder is to render them; else the event is the only one.
        """
        path = self.folder / name
        folder = "{% yield e from events %}{{ e.name }}{% endyield %}" if record else "{{ name }}"
        stem = f"template/src/backend/events/{folder}/{{{{ {prefix}name }}}}"
        builder, handler = (_generalise((app / file).read_text(), event, prefix) for file in _paths(event))
        extensions = (app / "src/extensions.ts").read_text()
        if record:
            export = 'event{{ e.event.split(".")[2][2:] }}'
            module = "./backend/events/{{ e.name }}/{{ e.name }}.extension"
            extensions = (
                'import { app } from "@wix/astro/builders";\n'
                f'{{% for e in events %}}import {{ {export} }} from "{module}";\n{{% endfor %}}\n'
                f"export default app(){{% for e in events %}}\n  .use({export}){{% endfor %}};\n"
            )
        questions = {"events": {"type": "yaml", "default": "[]"}} if record else {}
        questions |= {} if record else {key: {"type": "str"} for key in ("name", "event", "id")}
        files = {
            "copier.yml": json.dumps({"_subdirectory": "template", **questions}),
            f"{stem}.extension.ts.jinja": builder,
            f"{stem}.ts.jinja": handler,
            "template/src/extensions.ts.jinja": extensions,
            "template/package.json.jinja": (app / "package.json").read_text(),
            "template/{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers | to_nice_yaml -}}\n",
        }
        path.mkdir()
        repo = TemplateRepo(path)
        repo.release("1.0.0", files)
        if record:
            repo.release("1.1.0", {f"{stem}.ts.jinja": _changed(handler)})
            repo.release("1.2.0", {f"{stem}.extension.ts.jinja": _changed(builder)})
        _pack(repo)
        return repo

    def _text(self, path: str) -> str:
        return (self.template.path / path).read_text()


def _place() -> Path | None:
    """Return a folder in memory, if there is one with room.

    On a disk the thousands of files that the benchmark itself makes and deletes slow its file system down from row to row.
    """
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > 2**30 else None


def _isolate(folder: Path) -> None:
    """Keep the user's settings of git and Copier out, keep temporary files in, and let Hygen find its templates."""
    (folder / "tmp").mkdir()
    (folder / "gitconfig").write_text(
        "[user]\n  name = Bench\n  email = bench@example.com\n[gc]\n  auto = 0\n"
    )
    (folder / "settings.yml").write_text("{}\n")
    # As in a user's shell.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ |= {
        "TMPDIR": str(folder / "tmp"),
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "COPIER_SETTINGS_PATH": str(folder / "settings.yml"),
        "HYGEN_TMPLS": str(TOOLS / "hygen"),
    }


def _pack(repo: TemplateRepo) -> None:
    """Pack a repository, as one is that was cloned from a server."""
    git(repo.path, "gc", "--quiet")


def _header(place: Path) -> list[str]:
    """Say what was measured where."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    tools = json.loads((TOOLS / "package.json").read_bytes())["dependencies"]
    packages = ("copier", "copier-template-extensions", "tree-sitter")
    return [
        f"- `{' '.join(['python', *sys.argv])}`, {time.strftime('%Y-%m-%d')}, commit {git(ROOT, 'rev-parse', '--short', 'HEAD').strip()}",
        f"- {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, load {os.getloadavg()[0]:.1f} at the start, files in {place}",
        f"- Python {platform.python_version()}, {git(ROOT, 'version').strip()}, Node {_run(('node', '--version'), ROOT).strip()}",
        "- " + ", ".join(f"{package} {version(package)}" for package in packages),
        "- " + ", ".join(f"{tool} {number}" for tool, number in tools.items()),
    ]


def _copier(*args: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "copier", *args)


def _run(command: tuple[str, ...], folder: Path) -> str:
    """Run a command; returns what it printed, or ends the benchmark with it."""
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)[:300]} failed in {folder}:\n{done.stdout}{done.stderr}")
    return done.stdout


def _processor_time() -> float:
    """Return the processor time of all processes that have been run to their end."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _unknown_events(count: int) -> Record:
    """Return requests for events that no catalogue has, so that there can be any number of them."""
    return [
        {"package": "@wix/crm", "namespace": "contacts", "handler": f"onBench{number}Happened"}
        for number in range(1, count + 1)
    ]


def _record(app: Path) -> Record:
    record: Record = yaml.safe_load((app / ANSWERS).read_text())["events"]
    return record


def _import(event: dict[str, Any]) -> tuple[str, str, str]:
    """Return an event's package, namespace and handler."""
    package, namespace, handler = event["event"].split(".")
    return f"@wix/{package}", namespace, handler


def _paths(event: dict[str, Any]) -> tuple[str, str]:
    """Return the paths of an event's builder and handler."""
    stem = f"src/backend/events/{event['name']}/{event['name']}"
    return f"{stem}.extension.ts", f"{stem}.ts"


def _generalise(text: str, event: dict[str, Any], prefix: str) -> str:
    """Make a template of a file of one event."""
    handler = event["event"].split(".")[2]
    part = f'{prefix}event.split(".")[2]'
    for value, expression in (
        (event["event"], f"{prefix}event"),
        (handler, part),
        (handler[2:], f"{part}[2:]"),
        (event["name"], f"{prefix}name"),
        (event["id"], f"{prefix}id"),
    ):
        text = text.replace(value, f"{{{{ {expression} }}}}")
    return text


def _changed(text: str) -> str:
    """Return the template of a file as a newer version has it."""
    return f"{text}// Changed.\n"


def _files(app: Path) -> Iterable[Path]:
    """Return the files of an app that both templates render."""
    files = (path.relative_to(app) for path in app.rglob("*") if path.is_file())
    return sorted(path for path in files if path.parts[0] != ".git" and path.name != ANSWERS)


def _check_same(app: Path, other: Path) -> None:
    """Make sure that two templates have rendered the same bytes."""
    assert _files(app) == _files(other), f"{app} and {other} have different files"
    for path in _files(app):
        assert (app / path).read_bytes() == (other / path).read_bytes(), f"{path} differs in {other}"


if __name__ == "__main__":
    main()
