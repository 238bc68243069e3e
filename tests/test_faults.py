"""Faults: runs that are killed, disks that are full, files that are odd. The next run completes the app or says why not."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from apps import ANSWERS, CONTACT, POST, builder, handler, recorded, registered
from apps import EXTENSIONS as MAIN
from copier.errors import UserMessageError
from pytest_copier.plugin import CopierFixture
from template_repo import TemplateRepo, copier_cli, run_copy
from wix import snapshot
from wix_events.commands.check import check

BUILDER, HANDLER = builder("contact-created"), handler("contact-created")
UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def without_ids(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return files with every id made the same."""
    return {path: UUID.sub(b"<id>", content) for path, content in files.items()}


def complete(app: Path) -> bool:
    """Tell whether an app is healthy, with the same id in record and builder."""
    return check(app).findings == ()


# `make fuzz` has more.
ROUNDS = 30 if "FUZZ_EXAMPLES" in os.environ else 1
AT_ONCE = [
    CONTACT,
    POST,
    "ecom.orders.onOrderApproved",
    "ecom.orders.onOrderCanceled",
    "comments.comments.onCommentCreated",
    "crm.labels.onLabelCreated",
    "crm.contacts.onContactDeleted",
    "blog.posts.onPostDeleted",
]


# Runs a command in a copy of an app on a disk with only so many KiB left, and once more with room again; keeps what was left.
FULL_DISK = """
mount -t tmpfs -o size=4m none "$0" && cp -R "$1" "$0/app" && cd "$0/app" || exit 77
cat /dev/zero > ../fill 2> /dev/null
truncate -s "-$2K" ../fill
out="$3"; shift 3
"$@" 2> "$out/errors"; echo $? > "$out/code"; cp -R . "$out/left"
rm ../fill
"$@" 2> "$out/errors-then"; echo $? > "$out/code-then"; cp -R . "$out/whole"
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="mounting for one process is a thing of Linux")
def test_a_full_disk_takes_nothing_away_and_with_room_again_the_app_is_completed(
    plain: TemplateRepo, contact_app: Path, tmp_path: Path
) -> None:
    (contact_app / HANDLER).write_text("// What the user wrote.\nexport default 1;\n")
    command = ("copy", "--trust", "--defaults", "-d", f"event={POST}", plain.path)
    whole = Path(shutil.copytree(contact_app, tmp_path / "expected"))
    assert copier_cli(*command, whole, cwd=whole).returncode == 0
    before, expected = snapshot(contact_app), without_ids(snapshot(whole))
    disk, named = tmp_path / "disk", set()
    disk.mkdir()
    for pages in range(12):
        out = tmp_path / f"out-{pages}"
        out.mkdir()
        run = (sys.executable, "-m", "copier", *map(str, command), ".")
        given = (str(disk), str(contact_app), str(4 * pages), str(out), *run)
        private = ("unshare", "--mount", "--map-root-user", "sh", "-c", FULL_DISK)
        done = subprocess.run([*private, *given], capture_output=True, check=False)
        if not (out / "code").exists():
            pytest.skip(f"this machine lets no one mount a file system: {done.stderr.decode().strip()}")
        left, then = snapshot(out / "left"), (out / "errors-then").read_text()
        for path in before.keys() - {ANSWERS}:
            written = path in (MAIN, "package.json") and left[path] == expected[path]
            assert written or left[path] == before[path], (pages, path)
        named |= {line for line in (out / "errors").read_text().splitlines() if "No space left" in line}
        if (out / "code-then").read_text() == "0\n":
            assert without_ids(snapshot(out / "whole")) == expected, pages
        else:
            assert re.search("elete it|Restore it", then) and "Traceback" not in then, then
        if (out / "code").read_text() == "0\n":
            break
    for path in (MAIN, "package.json"):
        assert (
            f"{path} was not written and is as it was: No space left on device. Put that right and run this again."
            in named
        )


@pytest.mark.parametrize("path", [MAIN, "package.json"])
def test_a_read_only_file_is_named_and_completed_once_it_is_writable(
    copier: CopierFixture, template: TemplateRepo, wix_app: Path, path: str
) -> None:
    copier.copy(wix_app, event=CONTACT)
    file = wix_app / path
    before = file.read_bytes()
    file.chmod(0o444)
    command = ("copy", "--trust", "--defaults", "-d", f"event={POST}", template.path, wix_app)
    done = copier_cli(*command, cwd=wix_app)
    assert done.returncode != 0
    assert f"{path} is read-only" in done.stderr
    assert "Traceback" not in done.stderr
    assert file.read_bytes() == before
    file.chmod(0o644)
    assert copier_cli(*command, cwd=wix_app).returncode == 0
    assert complete(wix_app)


def test_without_git_a_plain_folder_of_the_template_still_works(
    template: TemplateRepo, wix_app: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(template.path, tmp_path / "plain", ignore=shutil.ignore_patterns(".git"))
    empty = tmp_path / "bin"
    empty.mkdir()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "copier",
            "copy",
            "--trust",
            "--defaults",
            "-d",
            f"event={CONTACT}",
            folder,
            wix_app,
        ],
        cwd=wix_app,
        env={**os.environ, "PATH": str(empty)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert complete(wix_app)


@pytest.mark.slow
@pytest.mark.hypothesis
@pytest.mark.parametrize("events", [AT_ONCE, [CONTACT] * 4], ids=["eight events", "one event"])
def test_copies_at_the_same_time_all_get_through(
    template: TemplateRepo, wix_app: Path, tmp_path: Path, events: list[str]
) -> None:
    command = "copier copy --trust --defaults --quiet"
    for number in range(ROUNDS):
        app = Path(shutil.copytree(wix_app, tmp_path / f"app-{number}"))
        runs = [
            subprocess.Popen(
                [sys.executable, "-m", *command.split(), f"-devent={event}", str(template.path), str(app)],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            for event in events
        ]
        for run in runs:
            errors = run.communicate()[1]
            assert run.returncode == 0, errors.decode()
        assert {event["event"] for event in recorded(app)} == set(events)
        assert registered(app) == {builder(event["name"])[:-3] for event in recorded(app)}
        assert complete(app)


def test_a_linked_extensions_ts_stays_a_link(copier: CopierFixture, wix_app: Path) -> None:
    copier.copy(wix_app, event=CONTACT)
    (wix_app / MAIN).rename(wix_app / "src/registered.ts")
    (wix_app / MAIN).symlink_to("registered.ts")
    copier.copy(wix_app, event=POST)
    assert os.readlink(wix_app / MAIN) == "registered.ts"
    assert "eventPostCreated" in (wix_app / "src/registered.ts").read_text()
    assert complete(wix_app)


def test_windows_line_ends_stay(copier: CopierFixture, wix_app: Path) -> None:
    copier.copy(wix_app, event=CONTACT)
    text = (wix_app / MAIN).read_bytes()
    (wix_app / MAIN).write_bytes(text.replace(b"\n", b"\r\n"))
    copier.copy(wix_app, event=POST)
    text = (wix_app / MAIN).read_bytes()
    assert text.count(b"\n") == text.count(b"\r\n") == 5
    assert complete(wix_app)


def test_ten_thousand_lines_stay(copier: CopierFixture, wix_app: Path) -> None:
    copier.copy(wix_app, event=CONTACT)
    lines = "".join(f"export const x{number} = {number};\n" for number in range(10_000))
    (wix_app / MAIN).write_text((wix_app / MAIN).read_text() + lines)
    copier.copy(wix_app, event=POST)
    assert (
        (wix_app / MAIN)
        .read_text()
        .endswith(f"export default app().use(eventContactCreated).use(eventPostCreated);\n{lines}")
    )
    assert complete(wix_app)


def test_a_missing_extensions_ts_is_made_again_with_all_recorded_events(
    copier: CopierFixture, wix_app: Path
) -> None:
    copier.copy(wix_app, event=[CONTACT, "ecom.orders.onOrderApproved"])
    (wix_app / MAIN).unlink()
    copier.copy(wix_app, event=POST)
    assert complete(wix_app)
    assert check(wix_app).extensions == 3


def test_a_record_that_was_cut_anywhere_is_refused(
    copier: CopierFixture, template: TemplateRepo, wix_app: Path
) -> None:
    copier.copy(wix_app, event=[CONTACT, "ecom.orders.onOrderApproved"])
    whole = (wix_app / ANSWERS).read_bytes()
    before = snapshot(wix_app)
    ends = {match.end() for match in re.finditer(rb"\n", whole)} | set(range(0, len(whole), 40))
    # Without its last line end the record is whole.
    for end in sorted(ends - {len(whole)}):
        (wix_app / ANSWERS).write_bytes(whole[:end])
        with pytest.raises(UserMessageError, match=re.escape(ANSWERS)):
            run_copy(template, wix_app, {"event": POST}, quiet=False)
        assert snapshot(wix_app) == {**before, ANSWERS: whole[:end]}


def test_a_missing_events_folder_takes_its_events_out_of_the_app(
    copier: CopierFixture, wix_app: Path
) -> None:
    copier.copy(wix_app, event=CONTACT)
    shutil.rmtree(wix_app / "src/backend")
    copier.copy(wix_app, event=POST)
    assert [event["event"] for event in recorded(wix_app)] == [POST]
    assert complete(wix_app)


def test_a_broken_package_json_is_named_with_its_line_before_anything_is_written(
    template: TemplateRepo, wix_app: Path
) -> None:
    (wix_app / "package.json").write_text('{\n  "name": "x",\n}\n')
    before = snapshot(wix_app)
    done = copier_cli(
        "copy", "--trust", "--defaults", "-d", f"event={CONTACT}", template.path, wix_app, cwd=wix_app
    )
    assert done.returncode != 0
    assert "package.json:3" in done.stderr or "package.json:2" in done.stderr
    assert "Traceback" not in done.stderr
    assert snapshot(wix_app) == before


@pytest.mark.parametrize("path", [BUILDER, HANDLER, HANDLER.replace(".ts", ".sample.json")])
@pytest.mark.parametrize("part", [0.0, 0.5])
def test_a_file_that_a_stopped_run_has_cut_is_named_and_once_deleted_made_again(
    copier: CopierFixture, template: TemplateRepo, wix_app: Path, path: str, part: float
) -> None:
    copier.copy(wix_app, event=CONTACT, trigger=True)
    whole = snapshot(wix_app)
    (wix_app / path).write_bytes(whole[path][: int(len(whole[path]) * part)])
    left = snapshot(wix_app)
    command = ("copy", "--trust", "--defaults", "-d", f"event={CONTACT}", template.path, wix_app)
    done = copier_cli(*command, cwd=wix_app)
    assert done.returncode == 1
    assert path in done.stderr
    assert "elete it and run again" in done.stderr
    assert snapshot(wix_app) == left
    (wix_app / path).unlink()
    assert copier_cli(*command, cwd=wix_app).returncode == 0
    assert snapshot(wix_app) == whole


def test_what_a_user_took_away_from_a_handler_stays_away(copier: CopierFixture, wix_app: Path) -> None:
    copier.copy(wix_app, event=CONTACT)
    whole = (wix_app / HANDLER).read_text()
    lines = whole.splitlines(keepends=True)
    for number in range(len(lines) - 1):
        text = "".join([*lines[:number], *lines[number + 1 :]])
        (wix_app / HANDLER).write_text(text)
        # Where nothing listens any more, that is said.
        with contextlib.suppress(UserMessageError):
            copier.copy(wix_app, event=CONTACT)
        assert (wix_app / HANDLER).read_text() == text


@pytest.mark.parametrize("path", [BUILDER, HANDLER])
def test_an_emptied_file_of_a_recorded_event_is_found_by_the_check(
    copier: CopierFixture, wix_app: Path, path: str
) -> None:
    copier.copy(wix_app, event=CONTACT)
    (wix_app / path).write_bytes(b"")
    problems = check(wix_app).findings
    assert [problem.file for problem in problems] == [path]
    (wix_app / path).unlink()
    copier.copy(wix_app, event=CONTACT)
    assert complete(wix_app)
