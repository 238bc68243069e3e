"""Files are replaced whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from wix_events import files
from wix_events.files import FileError, UnsafePathError, read, write_atomically

OLD = b"old\r\n" * 3
NEW = b"new\n" * 5
EXTENSIONS = Path(files.__file__).parent


def tree(folder: Path) -> dict[str, bytes]:
    """Return the content of every file in a folder by name, hidden ones included."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    app = tmp_path / "app"
    app.mkdir()
    (app / "a.ts").write_bytes(OLD)
    return app


def test_content_is_replaced_and_nothing_else_is_left(app: Path) -> None:
    write_atomically(app / "a.ts", NEW, app)

    assert tree(app) == {"a.ts": NEW}
    assert read(app / "a.ts") == NEW


@pytest.mark.parametrize("content", [b"", b"\r\n\n\x00\xff", b"x" * 3_000_000])
def test_any_bytes_are_written_as_they_are(app: Path, content: bytes) -> None:
    write_atomically(app / "a.ts", content, app)

    assert tree(app) == {"a.ts": content}


def test_missing_file_is_created_with_the_rights_that_the_user_gives_to_new_files(app: Path) -> None:
    (app / "any").touch()

    write_atomically(app / "b.ts", NEW, app)

    assert read(app / "b.ts") == NEW
    assert (app / "b.ts").stat().st_mode == (app / "any").stat().st_mode


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
def test_mode_is_kept(app: Path, mode: int) -> None:
    (app / "a.ts").chmod(mode)

    write_atomically(app / "a.ts", NEW, app)

    assert stat.S_IMODE((app / "a.ts").stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give files away")
def test_owner_is_kept(app: Path) -> None:
    os.chown(app / "a.ts", 1234, 2345)

    write_atomically(app / "a.ts", NEW, app)

    status = (app / "a.ts").stat()
    assert (status.st_uid, status.st_gid) == (1234, 2345)


def test_owner_that_cannot_be_kept_does_not_stop_the_write(
    app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chown(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "chown", chown)

    write_atomically(app / "a.ts", NEW, app)

    assert tree(app) == {"a.ts": NEW}


def test_private_content_is_at_no_time_open_to_others(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes = []
    real = os.write

    def write(descriptor: int, data: memoryview) -> int:
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return real(descriptor, data)

    (app / "a.ts").chmod(0o600)
    monkeypatch.setattr(os, "write", write)

    write_atomically(app / "a.ts", NEW, app)

    assert modes == [0o600]


def test_equal_content_is_not_written_again(app: Path) -> None:
    (app / "a.ts").chmod(0o444)
    before = (app / "a.ts").stat()

    write_atomically(app / "a.ts", OLD, app)

    assert (app / "a.ts").stat() == before


@pytest.mark.parametrize("link", ["../a.ts", "{app}/a.ts", "../folder-link/../a.ts"])
def test_link_stays_and_its_file_is_replaced(app: Path, link: str) -> None:
    (app / "src").mkdir()
    (app / "folder-link").symlink_to("src")
    (app / "src" / "link.ts").symlink_to(link.format(app=app))

    write_atomically(app / "src" / "link.ts", NEW, app)

    assert os.readlink(app / "src" / "link.ts") == link.format(app=app)
    assert read(app / "a.ts") == NEW


def test_file_that_a_link_points_to_is_created(app: Path) -> None:
    (app / "link.ts").symlink_to("b.ts")

    write_atomically(app / "link.ts", NEW, app)

    assert (app / "link.ts").is_symlink()
    assert read(app / "b.ts") == NEW


def test_root_that_is_itself_reached_by_a_link_is_no_way_out(app: Path) -> None:
    (app.parent / "link").symlink_to(app)

    write_atomically(app.parent / "link" / "a.ts", NEW, app.parent / "link")

    assert tree(app) == {"a.ts": NEW}


@pytest.mark.parametrize("path", ["file-link", "folder-link/a.ts", "folder-link/new.ts", "../other/a.ts"])
def test_path_that_leaves_the_root_is_refused(app: Path, path: str) -> None:
    other = app.parent / "other"
    other.mkdir()
    (other / "a.ts").write_bytes(OLD)
    (app / "file-link").symlink_to(other / "a.ts")
    (app / "folder-link").symlink_to("../other")

    with pytest.raises(UnsafePathError, match="outside") as error:
        write_atomically(app / path, NEW, app)

    assert str(app / path) in str(error.value)
    assert tree(other) == {"a.ts": OLD}


def test_folder_whose_name_begins_like_the_root_is_outside(app: Path) -> None:
    (app.parent / "app-2").mkdir()

    with pytest.raises(UnsafePathError):
        write_atomically(app.parent / "app-2" / "a.ts", NEW, app)


def test_circle_of_links_is_an_error(app: Path) -> None:
    (app / "b.ts").symlink_to("c.ts")
    (app / "c.ts").symlink_to("b.ts")

    with pytest.raises(FileError, match="links"):
        write_atomically(app / "b.ts", NEW, app)
    with pytest.raises(FileError, match="links"):
        read(app / "b.ts")


def test_folder_in_place_of_the_file_is_an_error(app: Path) -> None:
    (app / "b.ts").mkdir()

    with pytest.raises(FileError, match="not a file"):
        write_atomically(app / "b.ts", NEW, app)
    with pytest.raises(FileError, match="directory"):
        read(app / "b.ts")


def test_missing_folder_is_an_error(app: Path) -> None:
    with pytest.raises(FileError, match=r"src/a\.ts was not written"):
        write_atomically(app / "src" / "a.ts", NEW, app)


def test_reading_a_missing_file_says_that_it_is_missing(app: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(app / "b.ts")


@pytest.mark.parametrize("mode", [0o444, 0o400, 0o555])
def test_read_only_file_is_refused(app: Path, mode: int) -> None:
    (app / "a.ts").chmod(mode)

    with pytest.raises(FileError, match=r"a\.ts is read-only .*Make it writable"):
        write_atomically(app / "a.ts", NEW, app)

    assert tree(app) == {"a.ts": OLD}


@pytest.mark.parametrize("step", ["open", "chmod", "write", "fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_failing_step_leaves_the_old_file_and_no_other(
    app: Path, step: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fail)
        with pytest.raises(
            FileError, match=rf"a\.ts was not written and is as it was: {os.strerror(number)}\."
        ):
            write_atomically(app / "a.ts", NEW, app)

    assert tree(app) == {"a.ts": OLD}


def test_interrupt_leaves_the_old_file_and_no_other(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)

    with pytest.raises(KeyboardInterrupt):
        write_atomically(app / "a.ts", NEW, app)

    assert tree(app) == {"a.ts": OLD}


def child(code: str, *arguments: object, within: Sequence[str] = ()) -> str:
    """Run Python code in a process of its own, with the module at hand, and return what it prints."""
    code = f"import os, sys\nsys.path.insert(0, {str(EXTENSIONS)!r})\nimport files\n{code}"
    command = [*within, sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


WRITE_AND_LIST = """
from pathlib import Path
folder, size = Path(sys.argv[1]), int(sys.argv[2])
try:
    files.write_atomically(folder / "a.ts", b"x" * size, folder)
except files.FileError as error:
    print(error)
print(sorted(os.listdir(folder)), (folder / "a.ts").read_bytes()[:5])
"""


def test_file_size_limit_leaves_the_old_file_and_no_other(app: Path) -> None:
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (9999, 9999))"

    printed = child(limit + WRITE_AND_LIST, app, 100_000)

    assert "a.ts was not written and is as it was: File too large." in printed
    assert tree(app) == {"a.ts": OLD}


@pytest.mark.parametrize(
    ("then", "problem"),
    [
        ("true", "a.ts was not written and is as it was: No space left on device."),
        ('mount -o remount,ro "$0"', "a.ts is read-only and was left alone."),
    ],
)
def test_full_or_read_only_file_system_leaves_the_old_file_and_no_other(
    tmp_path: Path, then: str, problem: str
) -> None:
    private = ["unshare", "--mount", "--map-root-user"]
    mount = 'mount -t tmpfs -o size=64k none "$0"'
    if subprocess.run(
        [*private, "sh", "-c", mount, tmp_path], check=False, stderr=subprocess.DEVNULL
    ).returncode:
        pytest.skip("this machine lets no one mount a file system")
    shell = f'{mount} && echo first > "$0/a.ts" && {then} && exec "$@"'

    printed = child(WRITE_AND_LIST, tmp_path, 100_000, within=[*private, "sh", "-c", shell, str(tmp_path)])

    assert problem in printed
    assert printed.endswith("['a.ts'] b'first'\n")


# Without CAP_DAC_OVERRIDE (1) and CAP_DAC_READ_SEARCH (2) permissions bind the superuser as well.
AS_ANYONE = """
if "again" not in sys.argv:
    import ctypes
    [ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) for capability in (1, 2)]
    os.execv(sys.executable, [*sys.orig_argv, "again"])
"""


def test_read_only_folder_leaves_the_old_file(app: Path) -> None:
    app.chmod(0o555)

    printed = child(AS_ANYONE + WRITE_AND_LIST, app, 100)

    assert "a.ts was not written and is as it was: Permission denied." in printed
    assert tree(app) == {"a.ts": OLD}


def test_unreadable_file_is_an_error(app: Path) -> None:
    (app / "a.ts").chmod(0o200)
    read_it = """
try:
    files.read(files.Path(sys.argv[1]))
except files.FileError as error:
    print(error)
"""

    assert "a.ts cannot be read: Permission denied." in child(AS_ANYONE + read_it, app / "a.ts")


KILL_AT_EACH_LINE = """
import signal
from itertools import count
from pathlib import Path

app, old, new = Path(sys.argv[1]), b"old", b"new and longer"
write, file = os.write, app / "a.ts"
os.write = lambda descriptor, data: write(descriptor, data[:4])
for lines in count():
    file.write_bytes(old)
    child = os.fork()
    if child == 0:
        def trace(frame, event, _):
            global lines
            if frame.f_code.co_filename != files.__file__:
                return None
            if event == "line":
                if lines == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                lines -= 1
            return trace
        sys.settrace(trace)
        files.write_atomically(file, new, app)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    content = file.read_bytes()
    left = [name for name in os.listdir(app) if name != "a.ts"]
    print("killed" if os.WIFSIGNALED(status) else status, content.decode(), len(left), sep=",")
    files.write_atomically(file, new, app)
    assert file.read_bytes() == new
    assert os.listdir(app) == ["a.ts"], os.listdir(app)
    if not os.WIFSIGNALED(status):
        break
"""


def test_kill_at_any_line_leaves_old_or_new_and_the_next_write_cleans_up(app: Path) -> None:
    *killed, done = child(KILL_AT_EACH_LINE, app).splitlines()

    assert set(killed) == {"killed,old,0", "killed,old,1", "killed,new and longer,0"}
    assert killed.count("killed,old,1") > 10
    assert done == "0,new and longer,0"


def test_leftover_is_removed_even_where_nothing_is_to_be_written(app: Path) -> None:
    (app / ".a.ts.0123abcd.event-tmp").touch()

    write_atomically(app / "a.ts", OLD, app)

    assert tree(app) == {"a.ts": OLD}


@pytest.mark.parametrize("name", [".b.ts.0123abcd.event-tmp", ".a.ts.swp", "a.ts.0123abcd.event-tmp"])
def test_other_files_are_no_leftovers(app: Path, name: str) -> None:
    (app / name).write_bytes(OLD)

    write_atomically(app / "a.ts", NEW, app)

    assert tree(app) == {"a.ts": NEW, name: OLD}


def test_link_named_like_a_leftover_stays(app: Path) -> None:
    (app / ".a.ts.0123abcd.event-tmp").symlink_to("a.ts")

    write_atomically(app / "a.ts", NEW, app)

    assert (app / ".a.ts.0123abcd.event-tmp").is_symlink()


@pytest.mark.parametrize("step", ["open", "write", "fsync"])
def test_write_in_the_middle_of_another_disturbs_neither(
    app: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(os, step)
    seen: list[bool] = []

    def write_another_first(*arguments: object) -> object:
        result = real(*arguments)
        if not seen:
            seen.append(True)
            write_atomically(app / "a.ts", b"another", app)
            seen.append(read(app / "a.ts") == b"another")
        return result

    monkeypatch.setattr(os, step, write_another_first)

    write_atomically(app / "a.ts", NEW, app)

    assert seen == [True, True]
    assert tree(app) == {"a.ts": NEW}


def test_concurrent_writes_leave_one_whole_content(app: Path) -> None:
    code = """
from pathlib import Path
app = Path(sys.argv[1])
for turn in range(100):
    files.write_atomically(app / "a.ts", f"{turn % 10}".encode() * 50_000, app)
    content = (app / "a.ts").read_bytes()
    assert len(content) == 50_000 and len(set(content)) == 1
"""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: child(code, app), range(3)))

    assert tree(app) == {"a.ts": b"9" * 50_000}
