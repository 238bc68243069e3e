"""What tests look up in an app, and how they change it as its user, or the template as its author, would."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from template_repo import TemplateRepo, commit_all, git, run_copy, run_update
from wix_events import registrations
from wix_events.reader import read_app

CONTACT = "crm.contacts.onContactCreated"
ORDER = "ecom.orders.onOrderApproved"
POST = "blog.posts.onPostCreated"
EVENTS = "src/backend/events"
WIX_EVENTS = "src/extensions/backend/events"
EXTENSIONS = "src/extensions.ts"
ANSWERS = ".copier-answers.yml"

# How update bots call Copier.
BOT = ("update", "--skip-answered", "--defaults", "--trust")

# The `src/extensions.ts` of an app with the events of CONTACT and POST.
REGISTERED = """\
import { app } from "@wix/astro/builders";
import { eventContactCreated } from "./backend/events/contact-created/contact-created.extension";
import { eventPostCreated } from "./backend/events/post-created/post-created.extension";

export default app().use(eventContactCreated).use(eventPostCreated);
"""


# --- what is there ---------------------------------------------------------------------------------------------------


def builder(name: str, events_dir: str = EVENTS) -> str:
    """Return the path of an event's builder."""
    return f"{events_dir}/{name}/{name}.extension.ts"


def handler(name: str, events_dir: str = EVENTS) -> str:
    """Return the path of an event's handler."""
    return f"{events_dir}/{name}/{name}.ts"


def answers(app: Path, answers_file: str = ANSWERS) -> dict[str, Any]:
    """Return what an app's answers file holds."""
    values: dict[str, Any] = yaml.safe_load((app / answers_file).read_text())
    return values


def recorded(app: Path, answers_file: str = ANSWERS) -> list[dict[str, Any]]:
    """Return the recorded events."""
    events: list[dict[str, Any]] = answers(app, answers_file)["events"]
    return events


def record(app: Path, answers_file: str = ANSWERS) -> dict[str, dict[str, Any]]:
    """Return the recorded events by name."""
    return {event["name"]: event for event in recorded(app, answers_file)}


def ids(app: Path, answers_file: str = ANSWERS) -> dict[str, str]:
    """Return the recorded ids by event."""
    return {event["event"]: event["id"] for event in record(app, answers_file).values()}


def registered(app: Path) -> set[str]:
    """Return the builders that the app registers, without their suffix; fails where `src/extensions.ts` has a fault."""
    found = read_app(app)
    assert [problem for problem in found.problems if problem.file == EXTENSIONS] == []
    return {extension.builder[:-3] for extension in found.extensions if extension.registered}


def changes(app: Path) -> set[str]:
    """Return the paths that differ from the last commit."""
    git(app, "add", "--all")
    return set(git(app, "diff", "--cached", "--name-only", "--no-renames").split())


def assert_idle(app: Path, **options: Any) -> None:
    """Commit, update once more, and check that nothing changes."""
    commit_all(app)
    run_update(app, **options)
    assert git(app, "status", "--porcelain") == ""


# --- the user's doing ------------------------------------------------------------------------------------------------


def write(path: Path, text: str) -> None:
    """Write a file and the folders it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def append(path: Path, text: str) -> None:
    """Add text at the end of a file, as a user's edit."""
    path.write_bytes(path.read_bytes() + text.encode())


def edit(app: Path, files: Mapping[str, str | bytes | None]) -> None:
    """Write (or, by None, delete) files of the app, then commit."""
    for name, content in files.items():
        path = app / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    commit_all(app)


def without_registrations(source: bytes, builders: list[str]) -> bytes:
    """Return an `src/extensions.ts` that has lost builders, as a bad merge makes it."""
    return registrations.unregister(source, [path.removesuffix(".ts") for path in builders])


# --- what is made by hand --------------------------------------------------------------------------------------------

Change = Callable[[Path], object]

IDS = [f"{number}0000000-0000-4000-8000-000000000000" for number in range(1, 10)]


def builder_text(id_: str, source: str, name: str = "extensions") -> str:
    """Return a builder file as people write it by hand."""
    return (
        f"import {{ {name} }} from '@wix/astro/builders';\n\n"
        f"export default {name}.event({{\n  id: '{id_}',\n  source: '{source}',\n}});\n"
    )


def listener_text(package: str, namespace: str, function: str, alias: str = "") -> str:
    """Return a handler file as people write it by hand."""
    imported = f"{namespace} as {alias}" if alias else namespace
    return (
        f"import {{ {imported} }} from '@wix/{package}';\n\n"
        f"// export default carts.onCartDeleted(() => {{}});\n"
        f"export default {alias or namespace}.{function}(async () => {{}});\n"
    )


def use(app: Path, binding: str, specifier: str) -> None:
    """Register a default export in the `src/extensions.ts` of an app with the event of CONTACT."""
    source = (app / EXTENSIONS).read_text()
    chain = f".use({binding})\n  .use(eventContactCreated)"
    (app / EXTENSIONS).write_text(
        f"import {binding} from '{specifier}';\n{source.replace('.use(eventContactCreated)', chain, 1)}"
    )


def replace(path: str, old: str, new: str) -> Change:
    """Replace text that a file holds, given as a regular expression."""

    def change(app: Path) -> None:
        text = (app / path).read_text()
        changed = re.sub(old, new, text, count=1, flags=re.MULTILINE)
        assert changed != text
        (app / path).write_text(changed)

    return change


def remove(*paths: str) -> Change:
    """Delete files or folders."""

    def change(app: Path) -> None:
        for path in paths:
            if (app / path).is_dir():
                shutil.rmtree(app / path)
            else:
                (app / path).unlink()

    return change


def both(*mutations: Change) -> Change:
    """Make several changes."""
    return lambda app: [change(app) for change in mutations]


# Events made by hand, in the shapes that people write.
ADOPTED_IDS = [f"0a1b2c3d-0000-4000-8000-00000000000{number}" for number in range(6)]
MADE_BY_HAND = {
    "src/extensions/orders/paid.extension.ts": "import { extensions } from '@wix/astro/builders'\n"
    f"export default extensions.event({{ id: '{ADOPTED_IDS[0]}', source: './extensions/orders/paid.ts' }})\n",
    "src/extensions/orders/paid.ts": "export { default } from './paid-handler'\n",
    "src/extensions/orders/paid-handler.ts": "import { orders } from '@wix/ecom'\n"
    "export default orders.onOrderApproved(async () => {})\n",
    "src/hooks/label.extension.ts": 'import * as builders from "@wix/astro/builders";\n'
    f'export const label = builders.extensions.event({{\n  id: "{ADOPTED_IDS[1]}",\n  source: "./hooks/on-label.ts",\n}});\n',
    "src/hooks/on-label.ts": 'import * as crm from "@wix/crm";\nexport default (crm.labels as any).onLabelCreated(() => {});\n',
    "src/backend/events/my_Event/my-event.extension.ts": 'import { extensions } from "@wix/astro/builders";\n'
    f'export const eventMine = extensions.event({{\n  id: "{ADOPTED_IDS[2]}",\n  source: "./backend/events/my_Event/my-event.ts",\n}});\n',
    "src/backend/events/my_Event/my-event.ts": 'import { comments } from "@wix/comments";\n'
    "export default comments.onCommentCreated(() => {});\n",
    EXTENSIONS: 'import { app } from "@wix/astro/builders";\n'
    "import paid from './extensions/orders/paid.extension';\n"
    'import { label as tag } from "./hooks/label.extension.ts";\n'
    'import { eventMine } from "./backend/events/my_Event/my-event.extension";\n'
    "\n"
    "export default app().use(paid).use(tag).use(eventMine);\n",
}


# --- the template's author -------------------------------------------------------------------------------------------


def release(
    repo: TemplateRepo,
    tag: str,
    *,
    builder: Callable[[str], str] | None = None,
    handler: Callable[[str], str] | None = None,
    files: Mapping[str, str] | None = None,
) -> None:
    """Release a version of the template.

    Args:
        repo: The template.
        tag: The version.
        builder: What the release changes in the builder's template, if it does; text to text.
        handler: The same for the handler's template.
        files: Other files, by path.
    """
    new = dict(files or {})
    changed = {"builder": builder, "handler": handler}
    for kind, change in changed.items():
        if change is not None:
            path = repo.template_of(kind)
            new[path] = change((repo.path / path).read_text())
    kinds = [kind for kind, change in changed.items() if change]
    repo.release(tag, {**new, **(repo.raised(*kinds) if kinds else {})})


def fresh(releases: TemplateRepo, app: Path, version: str, path: Path) -> Path:
    """Render the record of an app at a version, into a folder that holds nothing else."""
    path.mkdir()
    shutil.copy(app / ANSWERS, path)
    # Asked for, because recorded events whose folder is gone are dropped.
    wanted = [{"event": event["event"], "name": name} for name, event in record(app).items()]
    run_copy(releases, path, {"event": wanted}, vcs_ref=version)
    return path
