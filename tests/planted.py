"""A healthy app with events of all kinds, the mutations that break it, and the command that checks it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from apps import EVENTS as FOLDER
from apps import EXTENSIONS as MAIN
from apps import Change, recorded, replace, write
from handmade import IDS, builder_text, listener_text, use
from template_repo import TemplateRepo, hearing, run_copy
from wix import new_app, snapshot
from wix_events.commands.check import check
from wix_events.commands.main import main

BUILDER = f"{FOLDER}/contact-created/contact-created.extension.ts"
HANDLER = f"{FOLDER}/contact-created/contact-created.ts"
ORDER_HANDLER = f"{FOLDER}/order-approved/order-approved.ts"
ADOPTED_BUILDER = "src/shop/cart-made/made.extension.ts"
ADOPTED_HANDLER = "src/shop/cart-made/made.ts"
PAGE = "src/dashboard/page.extension.ts"
Fault = tuple[Change, str, str, str]
"""What breaks an app, and of the one finding that this is: its code, how its line starts, words of its problem."""


def make_healthy_app(template: TemplateRepo, path: Path) -> Path:
    """Make a healthy app: two events of the template's, one adopted, two pages of which one is registered."""
    app = new_app(path)
    run_copy(template, app, {"event": ["crm.contacts.onContactCreated", "ecom.orders.onOrderApproved"]})
    write(app / ADOPTED_BUILDER, builder_text(IDS[0], "./shop/cart-made/made.ts"))
    write(app / ADOPTED_HANDLER, listener_text("ecom", "cart", "onCartCreated", "shoppingCart"))
    write(app / PAGE, builder_text(IDS[1], "./x.astro").replace(".event", ".dashboardPage"))
    write(
        app / "src/old/page.extension.ts",
        builder_text(IDS[2], "./y.astro").replace(".event", ".dashboardPage"),
    )
    use(app, "cartMade", "./shop/cart-made/made.extension")
    use(app, "page", "./dashboard/page.extension.ts")
    run_copy(template, app, {"adopt": True})
    # The answers file of another template is none of ours.
    (app / ".copier-answers.other.yml").write_text("_commit: 1.0.0\n_src_path: other\nname: x\n")
    assert [event["name"] for event in recorded(app)] == ["cart-made", "contact-created", "order-approved"]
    return app


def add(files: dict[str, str], *uses: tuple[str, str]) -> Change:
    """Add files, and register some."""

    def mutate(app: Path) -> None:
        for path, text in files.items():
            write(app / path, text)
        for binding, specifier in uses:
            use(app, binding, specifier)

    return mutate


def conflict(path: str) -> Change:
    """Put a merge conflict at the end of a file."""
    return lambda app: (app / path).write_text(
        (app / path).read_text() + "<<<<<<< HEAD\n// mine\n=======\n// theirs\n>>>>>>> branch\n"
    )


def write_bytes(path: str, content: bytes) -> Change:
    """Give a file other bytes."""
    return lambda app: (app / path).write_bytes(content)


def unregister(app: Path) -> None:
    """Take one event out of the chain, its import too."""
    replace(MAIN, r"\.use\(eventContactCreated\)", "")(app)
    replace(MAIN, r"^import \{ eventContactCreated \}.*\n", "")(app)


def rename_export(path: str) -> Change:
    """Give an export another name in one file."""
    return replace(path, r"\beventContactCreated\b", "eventContact")


SECOND = "src/extensions/backend/events/second/second"
TWIN = {
    f"{SECOND}.extension.ts": builder_text(IDS[3], "./extensions/backend/events/second/second.ts"),
    f"{SECOND}.ts": listener_text("crm", "contacts", "onContactCreated", "people"),
}


def expect_one_finding(app: Path, fault: Fault) -> None:
    """Break an app, and check that this is one finding with its place and a remedy, and that checking writes nothing."""
    mutate, code, place, words = fault
    mutate(app)
    before = snapshot(app)
    (finding,) = check(app).findings
    assert finding.code == code
    assert str(finding).startswith(place)
    assert words.lower() in finding.problem.lower()
    # Each is two sentences, of which the second says what to do.
    assert re.fullmatch(r"[^\n]+:[1-9]\d*: [a-z-]+ (remark: )?\S[^\n]+\. [A-Z][^\n]+\.", str(finding))
    assert (app / finding.file).exists() or code in ("registration", "record", "dependency")
    assert snapshot(app) == before


def expect_remedy(template: TemplateRepo, app: Path, fault: Fault) -> None:
    """Break an app, do what the finding says where that is a copy, and check that the app is healthy again."""
    fault[0](app)
    (finding,) = check(app).findings
    command = re.search(r"Run copier copy with -d event=(\S+): it makes", finding.remedy)
    assert command, finding
    run_copy(template, app, {"event": command[1]})
    assert check(app).findings == ()


def run_command(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `wix-events` in this process, where a fork's own folder is kept out."""
    given, code = [*map(str, arguments)], 0
    with hearing() as said, pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        try:
            code = main(given)
        except SystemExit as end:
            code = int(end.code or 0)
    return subprocess.CompletedProcess(given, code, said.stdout, said.stderr)
