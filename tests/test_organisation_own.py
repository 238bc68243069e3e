"""A fork's own files: those of the document, and those of this repository where it is a fork, work; upstream never clashes with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from apps import CONTACT, POST, recorded
from fork import EXAMPLES, OWN, install_stubs, own_files, release_organisation
from template_repo import TemplateRepo, commit_all, git, run_copy, run_update
from wix import new_app, tsc, webhooks, wix_build

LISTENER = ("header.jinja", "builder_header.jinja", "before_listener.jinja", "after_listener.jinja")
WHOLE = ("handler.jinja", "builder.jinja")
# One of each kind of payload.
KINDS = [CONTACT, POST, "crm.contacts.onContactUpdated", "crm.contacts.onContactDeleted"]


def check_files(fork: TemplateRepo, app: Path, files: dict[str, str]) -> None:
    """Add events with a fork's files to an app, plain ones and some with every option; type-check and build it."""
    release_organisation(fork, "1.0.0.post1", files)
    own = sorted(json.loads(files.get("events.json", "{}")).get("events", {}))
    new_app(app)
    run_copy(fork, app, {"event": [*KINDS[:2], *own], "elevate": False, "idempotent": False})
    run_copy(fork, app, {"event": KINDS[2:], "elevate": True, "idempotent": True, "trigger": True})
    install_stubs(app, files)
    tsc(app)
    built = webhooks(wix_build(app))
    assert [id for id, slug in built if not slug] == []
    assert {id for id, _ in built} == {event["id"] for event in recorded(app)}


@pytest.mark.slow
@pytest.mark.parametrize("left_out", [WHOLE, LISTENER], ids=["around the listener", "whole files"])
def test_the_examples_of_the_document_type_check_and_build(
    own_template: TemplateRepo, tmp_path: Path, left_out: tuple[str, ...]
) -> None:
    files = {name: text for name, text in EXAMPLES.items() if name not in left_out}
    check_files(own_template, tmp_path / "app", files)


@pytest.mark.slow
@pytest.mark.skipif(not OWN.is_dir(), reason="this repository is no fork: it has no folder organisation/")
def test_the_forks_own_files_type_check_and_build(own_template: TemplateRepo, tmp_path: Path) -> None:
    check_files(own_template, tmp_path / "app", own_files())


def test_newer_versions_of_upstream_merge_without_a_conflict(template: TemplateRepo, tmp_path: Path) -> None:
    upstream, fork = template.fork(tmp_path / "upstream"), template.fork(tmp_path / "fork")
    release_organisation(fork, "1.0.0.post1", EXAMPLES)
    app = new_app(tmp_path / "app")
    run_copy(fork, app, {"event": [CONTACT, "acme.orders.onOrderPacked"]})
    commit_all(app)
    files = [
        path for path in git(upstream.path, "ls-files", "-z").split("\0") if path.endswith((".py", ".yml"))
    ]
    for version in ("1.1.0", "1.2.0"):
        comment = f"# Of {version}.\n"
        upstream.release(
            version,
            {path: comment + (upstream.path / path).read_text(encoding="utf-8") for path in files},
        )
        git(
            fork.path, "pull", "--quiet", "--no-rebase", "--no-edit", "--no-tags", str(upstream.path), version
        )
        release_organisation(
            fork,
            f"{version}.post1",
            {"header.jinja": comment, "builder.jinja": EXAMPLES["builder.jinja"] + f"// {version}\n"},
        )
        run_update(app)
        builder = app / "src/extensions/backend/events/order-packed/order-packed.extension.ts"
        assert builder.read_text().endswith(f"// {version}\n")
        commit_all(app)
    newest = git(upstream.path, "rev-parse", "1.2.0").strip()
    changed = git(fork.path, "diff", "--name-only", newest).split()
    assert changed
    assert [path for path in changed if not path.startswith("organisation/")] == []
