"""This template as a git repository, and plain templates that render the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from template_repo import TemplateRepo, git
from wix import ROOT, snapshot

Record = list[dict[str, Any]]

ANSWERS = ".copier-answers.yml"


def whole(path: Path) -> TemplateRepo:
    """Make a repository of the working tree as it is, tests and documents included, as users clone it.

    A fork's own folder is left out, for what is compared renders what upstream's template does.

    Args:
        path: Where to; must not exist.

    Returns:
        The repository, of the one release 1.0.0.
    """
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in filter(None, listed):
        source, target = ROOT / name, path / name
        # A file deleted but not committed is still listed.
        if source.is_file() and not name.startswith("organisation/"):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    repo = TemplateRepo(path)
    repo.release("1.0.0")
    return repo


def with_changed_handlers(template: TemplateRepo, path: Path) -> TemplateRepo:
    """Make a template whose release 1.1.0 changes every handler."""
    newer = template.fork(path)
    handler = newer.template_of("handler")
    newer.release("1.1.0", {handler: changed((newer.path / handler).read_text())})
    return newer


def plain_one(path: Path, app: Path) -> TemplateRepo:
    """Make a plain template, without extensions, of the files of an app with one event.

    Args:
        path: Where to; must not exist.
        app: The app.

    Returns:
        The template; it asks for `name`, `event` and `id`.
    """
    (event,) = record_of(app)
    files = _event_files(app, event, "{{ name }}", "")
    questions = {key: {"type": "str"} for key in ("name", "event", "id")}
    extensions = (app / "src/extensions.ts").read_text()
    return _plain(path, app, questions, extensions, files)


def plain_many(path: Path, app: Path) -> TemplateRepo:
    """Make a plain template with a folder that is rendered for each event, as Copier's documentation has it.

    Args:
        path: Where to; must not exist.
        app: An app whose files it is to render.

    Returns:
        The template; it asks for `events`. Its release 1.1.0 changes every handler.
    """
    folder = "{% yield e from events %}{{ e.name }}{% endyield %}"
    files = _event_files(app, record_of(app)[0], folder, "e.")
    export = 'event{{ e.event.split(".")[2][2:] }}'
    module = "./backend/events/{{ e.name }}/{{ e.name }}.extension"
    extensions = (
        'import { app } from "@wix/astro/builders";\n'
        f'{{% for e in events %}}import {{ {export} }} from "{module}";\n{{% endfor %}}\n'
        f"export default app(){{% for e in events %}}\n  .use({export}){{% endfor %}};\n"
    )
    repo = _plain(path, app, {"events": {"type": "yaml", "default": "[]"}}, extensions, files)
    _, handler = files
    repo.release("1.1.0", {handler: changed(files[handler])})
    return repo


def record_of(app: Path) -> Record:
    """Return an app's recorded events."""
    record: Record = yaml.safe_load((app / ANSWERS).read_text())["events"]
    return record


def paths_of(event: dict[str, Any]) -> tuple[str, str]:
    """Return the paths of an event's builder and handler."""
    stem = f"src/backend/events/{event['name']}/{event['name']}"
    return f"{stem}.extension.ts", f"{stem}.ts"


def changed(text: str) -> str:
    """Return the template of a file as a newer version has it."""
    return f"{text}// Changed.\n"


def assert_same(app: Path, other: Path) -> None:
    """Make sure that two templates have rendered the same bytes, their answers files aside."""
    one, two = snapshot(app), snapshot(other)
    del one[ANSWERS], two[ANSWERS]
    differing = [path for path in sorted({*one, *two}) if one.get(path) != two.get(path)]
    assert not differing, f"{', '.join(differing[:5])} differ in {app} and {other}"


def _plain(
    path: Path, app: Path, questions: dict[str, Any], extensions: str, files: dict[str, str]
) -> TemplateRepo:
    repo = TemplateRepo(path)
    path.mkdir()
    repo.release(
        "1.0.0",
        {
            "copier.yml": json.dumps({"_subdirectory": "template", **questions}),
            "template/src/extensions.ts.jinja": extensions,
            "template/package.json.jinja": (app / "package.json").read_text(),
            "template/{{ _copier_conf.answers_file }}.jinja": "{{ _copier_answers | to_nice_yaml -}}\n",
            **files,
        },
    )
    return repo


def _event_files(app: Path, event: dict[str, Any], folder: str, prefix: str) -> dict[str, str]:
    """Make templates of an event's builder and handler, by their paths.

    Args:
        app: The app that has the event.
        event: Its record.
        folder: What renders its folder's name.
        prefix: How the templates call the event.
    """
    stem = f"template/src/backend/events/{folder}/{{{{ {prefix}name }}}}"
    builder, handler = (_generalised((app / file).read_text(), event, prefix) for file in paths_of(event))
    return {f"{stem}.extension.ts.jinja": builder, f"{stem}.ts.jinja": handler}


def _generalised(text: str, event: dict[str, Any], prefix: str) -> str:
    """Make a template of a file of one event."""
    handler = event["event"].split(".")[2]
    part = f'{prefix}event.split(".")[2]'
    replaced: Sequence[tuple[str, str]] = (
        (event["event"], f"{prefix}event"),
        (handler, part),
        (handler[2:], f"{part}[2:]"),
        (event["name"], f"{prefix}name"),
        (event["id"], f"{prefix}id"),
    )
    for value, expression in replaced:
        text = text.replace(value, f"{{{{ {expression} }}}}")
    return text
