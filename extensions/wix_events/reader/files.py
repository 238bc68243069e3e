"""Which files an app has, and which of them a specifier names. Nothing but regular files is ever opened."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ..files import content_of, is_inside, line_at
from ..names import module_of
from .aliases import Alias, read_aliases, read_import_suffix

_SKIPPED_FOLDERS = frozenset({"node_modules", "dist"})
# Vite's `resolve.extensions`, the usual ones first since each costs a look at the disk.
CODE = (".ts", ".tsx", ".js", ".mjs", ".mts", ".jsx")
_ADDED = (*CODE, ".json", ".d.ts")
_COMPILED = {".js": (".ts", ".tsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}
_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
# What aliases mean in Wix CLI apps where tsconfig.json does not say it.
_USUAL_ALIASES = (Alias("@/*", "src/*"), Alias("~/*", "src/*"), Alias("src/*", "src/*"))


class Problem(NamedTuple):
    """What keeps an extension from working or from being read.

    Attributes:
        file: Where, relative to the app.
        line: On which line, from 1.
        text: What is wrong and, behind the last colon, what to do.
        lost: The module that is not there, or lacks what is imported of it; nothing where that is not what is wrong.
        code: What the check calls it, see `findings.CODES`.
    """

    file: str
    line: int
    text: str
    lost: str = ""
    code: str = "code"

    def __str__(self) -> str:
        """Return the problem with its place."""
        return f"{self.file}:{self.line}: {self.text}"


def lost_import(file: str, line: int, specifier: str, module: str | None) -> Problem:
    """Return what is wrong with an import of a file that is not there."""
    text = f'Imports "{specifier}", which is not there: correct or delete the import, or restore the file.'
    return Problem(file, line, text, module or "", "import")


class AppFiles:
    """The files of one app; paths are relative to its root, with forward slashes.

    Attributes:
        root: The app's folder, links followed.
        problems: What was met in the app's files, by whichever part of the reader.
    """

    def __init__(self, root: Path | str) -> None:
        """Look at an app whose folder may as well not be there."""
        self.root = os.path.realpath(root)
        self.problems: set[Problem] = set()
        self._resolved: dict[tuple[str, str], str | None] = {}

    def problem(self, file: str, line: int, text: str, lost: str = "") -> None:
        """Note a problem, once."""
        self.problems.add(Problem(file, line, text, lost))

    @cached_property
    def code(self) -> frozenset[str]:
        """Every regular file below `src/`, links and the folders of builds and packages left out."""
        source = os.path.join(self.root, "src")
        if not is_inside(source, self.root):
            self.problem(
                "src", 1, "Is a symbolic link that leaves the app, so it is not read: make it a folder."
            )
        elif os.path.isdir(source):
            return frozenset(self._scan())
        elif os.path.lexists(source):
            self.problem("src", 1, "Is no folder, so it is not read: make it one.")
        return frozenset()

    def code_elsewhere(self) -> list[str]:
        """Return every regular file of the app outside of `src/`, in order, with the same left out."""
        return sorted(path for path in self._scan(".") if not path.startswith("src/"))

    def _scan(self, top: str = "src") -> Iterator[str]:
        folders = [top]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(f"{self.root}/{folder}") as found:
                    for entry in found:
                        path = f"{folder}/{entry.name}".removeprefix("./")
                        if entry.is_dir(follow_symlinks=False):
                            if entry.name not in _SKIPPED_FOLDERS and not entry.name.startswith("."):
                                folders.append(path)
                        elif entry.is_file(follow_symlinks=False):
                            yield path
            except FileNotFoundError:
                continue
            except OSError as error:
                self.problem(folder, 1, f"Cannot be read ({error.strerror}): make it readable.")

    def source(self, path: str, unread: str, *wanted: bytes) -> bytes | None:
        """Return the source of a code file; what keeps it from being read is noted as a problem.

        Args:
            path: The file.
            unread: What of it cannot be read then.
            wanted: What it has to hold one of to be of interest; UTF-16 would hide that, and is reported.

        Returns:
            None where it cannot be read, and where it has nothing of what is wanted.
        """
        try:
            # A pipe that was put there since the file was looked up must not be waited for.
            source = content_of(f"{self.root}/{path}")
            has_some = not wanted or any(word in source for word in wanted)
            if not has_some and not source.startswith((b"\xff\xfe", b"\xfe\xff")):
                return None
            source.decode()
        except OSError as error:
            self.problem(path, 1, f"Cannot be read ({error.strerror}): make it readable.")
            return None
        except UnicodeDecodeError as error:
            place = line_at(source, error.start)
            self.problem(path, place, f"Is not UTF-8, so its {unread} cannot be read: save it as UTF-8.")
            return None
        return source

    def find(self, path: str) -> str | None:
        """Return the path of the regular file that a path leads to, links followed.

        Returns:
            None where there is none; an absolute path where it lies outside of the app.
        """
        if path in self.code:
            return path
        full = os.path.join(self.root, path)
        try:
            if not os.path.isfile(full):
                return None
        except ValueError:  # a null byte in the path, before Python 3.14
            return None
        real = os.path.realpath(full)
        return os.path.relpath(real, self.root).replace(os.sep, "/") if is_inside(real, self.root) else real

    def find_code(self, path: str) -> str | None:
        """Find the file for a path as Vite does: as it is, with a suffix, or a folder's index; see `find`."""
        if f"{path}.ts" in self.code:
            return f"{path}.ts"
        stem, suffix = posixpath.splitext(path)
        candidates = [path, *(stem + source for source in _COMPILED.get(suffix, ()))]
        candidates += [path + added for added in _ADDED]
        candidates += [f"{path}/index{added}" for added in _ADDED]
        return next((found for candidate in candidates if (found := self.find(candidate))), None)

    def resolve(self, importer: str, specifier: str) -> str | None:
        """Return the file that a specifier names; see `find`.

        Args:
            importer: The file in which it stands.
            specifier: What is imported.

        Returns:
            None for a package and for a file that does not exist.
        """
        key = (posixpath.dirname(importer), specifier)
        if key not in self._resolved:
            paths = self._paths(*key)
            self._resolved[key] = next((found for path in paths if (found := self.find_code(path))), None)
        return self._resolved[key]

    def module_of(self, importer: str, specifier: str) -> str | None:
        """Return the file of the app that a specifier names, without its suffix, whether it is there or not.

        Args:
            importer: The file in which it stands.
            specifier: What is imported.

        Returns:
            The file that it leads to; where there is none, the path that it spells; None for a package and for what
            lies outside of the app.
        """
        found = self.resolve(importer, specifier)
        if found is None or os.path.isabs(found):
            found = self._spelled(posixpath.dirname(importer), specifier)
        if found is None or found == ".." or found.startswith("../"):
            return None
        return module_of(found)

    def matching(self, importer: str, patterns: list[str]) -> list[str]:
        """Return the files below `src/` that the patterns of Vite's `import.meta.glob()` take in.

        Args:
            importer: The file in which the patterns stand.
            patterns: What they are; one that starts with "!" takes files out.
        """
        folder = posixpath.dirname(importer)
        wanted = self._any(folder, [pattern for pattern in patterns if not pattern.startswith("!")])
        unwanted = self._any(folder, [pattern[1:] for pattern in patterns if pattern.startswith("!")])
        taken = filter(wanted.fullmatch, self.code - {importer})
        return sorted(path for path in taken if not unwanted.fullmatch(path))

    def _any(self, folder: str, patterns: list[str]) -> re.Pattern[str]:
        """Return what matches the paths that one of some patterns in a file of a folder takes in."""
        spelled = [path for pattern in patterns if (path := self._spelled(folder, pattern)) is not None]
        return re.compile("|".join(map(_glob, spelled)) or r"(?!)")

    def is_local(self, specifier: str) -> bool:
        """Tell whether a specifier can only mean a file of the app, there or not."""
        return self._spelled("", specifier) is not None

    def _spelled(self, folder: str, specifier: str) -> str | None:
        """Return the path that a specifier spells in a file of a folder, None if that of a package."""
        if specifier.startswith("."):
            return posixpath.normpath(posixpath.join(folder, specifier))
        if specifier.startswith("/"):
            return posixpath.normpath(specifier.lstrip("/"))
        # A pattern without a beginning of its own, as `baseUrl` makes one, takes in packages as well.
        named = [alias for alias in (*self._aliases, *_USUAL_ALIASES) if not alias.pattern.startswith("*")]
        return next((path for alias in named if (path := alias.path(specifier)) is not None), None)

    def _paths(self, folder: str, specifier: str) -> list[str]:
        """Return the paths that a specifier may stand for, without the suffix that it leaves out."""
        if specifier.startswith((".", "/")):
            spelled = self._spelled(folder, specifier) or ""
            return [spelled] if specifier.startswith(".") else [spelled, f"public/{spelled}"]
        if specifier.startswith("@wix/"):
            return []
        aliases = (*self._aliases, *_USUAL_ALIASES)
        return [path for alias in aliases if (path := alias.path(specifier)) is not None]

    @cached_property
    def _aliases(self) -> list[Alias]:
        return read_aliases(self._config)

    @cached_property
    def import_suffix(self) -> str:
        """What TypeScript asks the app's relative imports to end with, nothing where it asks for nothing."""
        return read_import_suffix(self._config)

    def _config(self, path: str) -> bytes | None:
        """Return the content of a configuration file of the app, None where there is none that can be read."""
        found = self.find(path)
        try:
            return content_of(f"{self.root}/{found}") if found and not os.path.isabs(found) else None
        except OSError:
            return None


def _glob(pattern: str) -> str:
    """Return the regular expression of a pattern with `*`, `**`, `?` and `{a,b}`."""
    parts = re.split(r"((?:\*\*/)+|\*+|\?|\{[^{}]*\})", pattern)
    return "".join(
        "(?:" + "|".join(map(_glob, part[1:-1].split(","))) + ")"
        if part.startswith("{") and part.endswith("}")
        else _WILD.get(part[:3], re.escape(part))
        for part in parts
    )
