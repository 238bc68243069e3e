"""What an app's Prettier settings say that a file may not show: how wide its lines are, its indentation, its last commas.

Read as text, since some are programs: https://prettier.io/docs/configuration, and https://prettier.io/docs/options for what
`.editorconfig` means to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .. import files

_NAMES = (
    *(".prettierrc", ".prettierrc.json", ".prettierrc.yaml", ".prettierrc.yml", ".prettierrc.json5"),
    *(
        f"{name}.{suffix}"
        for name in (".prettierrc", "prettier.config")
        for suffix in ("js", "ts", "mjs", "mts", "cjs", "cts")
    ),
    ".prettierrc.toml",
)
_OPTION = re.compile(r"\b(printWidth|tabWidth|useTabs|trailingComma)[\"']?\s*[:=]\s*[\"']?(\w+)")
_COMMENT = re.compile(r"^\s*(//|#|\*).*", re.MULTILINE)
_OF_PACKAGE = re.compile(r'"prettier"\s*:\s*\{.*?\}', re.DOTALL)
# A section, or one of what Prettier takes from it.
_EDITORCONFIG = re.compile(
    r"^\s*(?:\[(.+)\]|(indent_style|indent_size|tab_width|max_line_length)\s*=\s*(\w+))", re.MULTILINE
)
_AS_PRETTIER = {"indent_size": "tabWidth", "tab_width": "tabWidth", "max_line_length": "printWidth"}


class Prettier(NamedTuple):
    """The settings, as they are by default.

    Attributes:
        width: How many columns a line may have.
        tab: How many columns one step of indentation takes.
        unit: That step.
        commas: Where commas are put behind the last of several lines: `all`, `es5` (not in calls) or `none`.
        found: Whether the app has settings.
    """

    width: int = 80
    tab: int = 2
    unit: str = "  "
    commas: str = "all"
    found: bool = False


DEFAULT = Prettier()


def settings(root: Path) -> Prettier:
    """Read the settings of an app, or of the repository around it.

    Args:
        root: The app's folder.
    """
    options: dict[str, str] = {}
    texts = [text for text in (_editorconfig(root), _own(root)) if text is not None]
    for text in texts:
        # What is said for some files only comes last.
        options |= dict(reversed(_OPTION.findall(_COMMENT.sub("", text))))
    width, tab = (
        int(value) if value.isdecimal() and 0 < len(value) < 5 else default
        for value, default in ((options.get("printWidth", ""), 80), (options.get("tabWidth", ""), 2))
    )
    unit = "\t" if options.get("useTabs") == "true" else " " * tab
    return Prettier(width, tab, unit, options.get("trailingComma", "all"), bool(texts))


def _folders(root: Path) -> Iterator[Path]:
    """Yield an app's folder and those around it, up to the root of its repository."""
    for folder in (root.absolute(), *root.absolute().parents):
        yield folder
        if (folder / ".git").exists():
            return


def _text(path: Path) -> str | None:
    content = files.read_if_possible(path)
    return None if content is None else content.decode(errors="replace")


def _own(root: Path) -> str | None:
    """Return the text of the nearest file of settings."""
    for folder in _folders(root):
        if found := _OF_PACKAGE.search(_text(folder / "package.json") or ""):
            return found[0]
        for name in _NAMES:
            if (text := _text(folder / name)) is not None:
                return text
    return None


def _editorconfig(root: Path) -> str | None:
    """Return what the nearest `.editorconfig` says of TypeScript, in Prettier's words, the last first."""
    text = next((text for folder in _folders(root) if (text := _text(folder / ".editorconfig"))), None)
    if text is None:
        return None
    lines, concerned = [], False
    for section, key, value in _EDITORCONFIG.findall(text):
        if section:
            concerned = section == "*" or re.search(r"\bts\b", section) is not None
        elif concerned:
            if key == "indent_style":
                key, value = "useTabs", str(value == "tab").lower()
            lines.append(f"{_AS_PRETTIER.get(key, key)}: {value}")
    return "\n".join(reversed(lines))
