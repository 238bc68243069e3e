"""What things are called: events, exports, files, folders and import specifiers, and which names are valid."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

EVENTS_DIRS = ("src/backend/events", "src/extensions/backend/events")
EXTENSIONS_DIR = "src/extensions"
BUILDERS, CUSTOM_BUILDERS = "@wix/astro/builders", "@wix/custom-extensions"
NO_NAMESPACE = "@account/app"
PAYLOADS = ("entity", "data", "metadata", "modified")
SCRIPT = "scripts/event.mjs"
PARTS = ("package", "namespace", "handler")

# https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-4, in either case.
_UUID4 = r"(?i:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"
# As Wix writes it: the account's name and the app's.
_NAMESPACE = r"@[A-Za-z0-9_-]+/[A-Za-z0-9_-]+"
_NAME = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
_MAX_NAME = 64
_IDENTIFIER = r"[A-Za-z_$][A-Za-z0-9_$]*"
_HANDLER = r"on[A-Z][A-Za-z0-9_$]*"
# https://docs.npmjs.com/cli/configuring-npm/package-json#name, without the legacy upper case.
_PACKAGE = r"@[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*|[a-z0-9][a-z0-9._-]*"
_MAX_PACKAGE = 214
_PATH = r"[A-Za-z0-9_.@$-]+(?:/[A-Za-z0-9_.@$-]+)*"
_WORDS = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+"
_CODE_SUFFIX = re.compile(r"\.[cm]?[jt]sx?$")
# Windows keeps these for devices, with any extension.
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))]
)
# ECMAScript's reserved words, those of strict mode and modules included.
_KEYWORDS = frozenset(
    (
        "arguments await break case catch class const continue debugger default delete do else enum eval "
        "export extends false finally for function if implements import in instanceof interface let new null "
        "package private protected public return static super switch this throw true try typeof var void "
        "while with yield"
    ).split()
)

Event = dict[str, Any]
"""One recorded event: at least `name`, `event` and `id`, see `record`."""


def default_name(key: str) -> str:
    """Return the name an event gets unless the user gives one: the handler without `on`, in kebab-case.

    Args:
        key: The event's key, such as `crm.contacts.onContactCreated`.
    """
    words = re.findall(_WORDS, key.rsplit(".", 1)[-1].removeprefix("on"))
    return re.sub(r"-(?=[0-9])", "", "-".join(words).lower())


def name_of_folder(folder: str) -> str:
    """Return the name that a folder stands for, its own where that is valid, or nothing if it stands for none."""
    words = re.findall(_WORDS, folder)
    return next((name for name in (folder, "-".join(words).lower()) if not name_problem(name)), "")


def free_name(base: str, is_taken: Callable[[str], object]) -> str:
    """Return a name, or the first of `name-2`, `name-3`, … that is not taken.

    Args:
        base: The name that is wanted.
        is_taken: Tells whether a name is.
    """
    number, name = 1, base
    while is_taken(name):
        number += 1
        name = f"{base[: _MAX_NAME - 4].rstrip('-')}-{number}"
    return name


def export_name(name: str) -> str:
    """Return the builder's exported name: `event` and the CamelCase of the event's name."""
    return "event" + "".join(word[0].upper() + word[1:] for word in name.split("-"))


def key_parts(event: Event) -> tuple[str, str, str]:
    """Return the package, namespace and handler that an event's key stands for.

    Args:
        event: Its record, which says the package where the key does not tell it.
    """
    prefix, namespace, handler = event["event"].rsplit(".", 2)
    return event.get("package") or f"@wix/{prefix}", namespace, handler


def is_adopted(event: Event) -> bool:
    """Tell whether an event's files are not the template's: such a record says itself where they are."""
    return "builder" in event


def own(events: Iterable[Event]) -> list[Event]:
    """Return those of some events whose files are the template's."""
    return [event for event in events if not is_adopted(event)]


def builder_path(event: Event, events_dir: str) -> str:
    """Return the app-relative path of an event's builder."""
    return event.get("builder") or f"{events_dir}/{event['name']}/{event['name']}.extension.ts"


def handler_path(event: Event, events_dir: str) -> str:
    """Return the app-relative path of an event's handler."""
    return event.get("handler") or f"{events_dir}/{event['name']}/{event['name']}.ts"


def sample_path(event: Event, events_dir: str) -> str:
    """Return the app-relative path of the sample that the local trigger sends to an event."""
    return f"{events_dir}/{event['name']}/{event['name']}.sample.json"


def event_files(event: Event, events_dir: str, trigger: bool) -> list[str]:
    """Return the app-relative paths of an event's builder and handler, and of its sample if it has one.

    Args:
        event: Its record.
        events_dir: The app's folder of events.
        trigger: Whether the app tries events locally, for which each has a sample.
    """
    files = [builder_path(event, events_dir), handler_path(event, events_dir)]
    return [*files, sample_path(event, events_dir)] if trigger else files


def is_code(path: str) -> bool:
    """Tell whether a file holds TypeScript or JavaScript, by its suffix."""
    return _CODE_SUFFIX.search(path) is not None


def module_of(path: str) -> str:
    """Return a code file's path as imports name it, without its suffix."""
    return _CODE_SUFFIX.sub("", path)


def relative_specifier(module: str, folder: str) -> str:
    """Return the specifier by which a file in a folder imports a module of the app."""
    specifier = posixpath.relpath(module, folder or ".")
    return specifier if specifier.startswith("../") else f"./{specifier}"


def aliased_specifier(specifier: str, old: str, new: str) -> str | None:
    """Return the specifier of a moved file by the alias that it was imported by, None if that does not lead there.

    An alias such as `@/*` stands for a folder: what the specifier and the old path have in common at their ends is below it.

    Args:
        specifier: How the file was imported.
        old: The file that it led to, with or without its suffix.
        new: The file that it is to lead to.
    """
    old, new = module_of(old), module_of(new)
    *folders, last = specifier.split("/")
    parts = [*folders, module_of(last)]
    for start in range(len(parts)):
        below = "/".join(parts[start:])
        if old.endswith(f"/{below}"):
            folder = old.removesuffix(below)
            if new.startswith(folder):
                return "/".join([*parts[:start], new.removeprefix(folder)]) + last.removeprefix(parts[-1])
    return None


def name_problem(name: Any) -> str | None:
    """Say what is wrong with a name, if anything."""
    if not isinstance(name, str) or not re.fullmatch(_NAME, name):
        return 'is not kebab-case: use lower-case words of letters and digits joined by "-", such as contact-created'
    if len(name) > _MAX_NAME:
        return f"is longer than {_MAX_NAME} characters: choose a shorter one"
    if name in _RESERVED:
        return "is a reserved name on Windows: choose another one"
    return None


def part_problem(part: str, value: Any) -> str | None:
    """Say what is wrong with the package, namespace or handler of an import, if anything."""
    text = value if isinstance(value, str) else ""
    if part == "package" and not (re.fullmatch(_PACKAGE, text) and len(text) <= _MAX_PACKAGE):
        return f"package {value!r} is not an npm package name, such as @wix/crm"
    if part == "namespace" and (not re.fullmatch(_IDENTIFIER, text) or text in _KEYWORDS):
        return f"namespace {value!r} is not a plain identifier, such as contacts"
    if part == "handler" and not re.fullmatch(_HANDLER, text):
        return f"handler {value!r} is not of the form onSomethingHappened"
    return None


def import_problem(package: Any, namespace: Any, handler: Any) -> str | None:
    """Say what is wrong with the import that an event stands for, if anything."""
    parts = zip(PARTS, (package, namespace, handler), strict=True)
    return next(filter(None, (part_problem(part, value) for part, value in parts)), None)


def joined(items: Sequence[str], word: str) -> str:
    """Write a list with a word, such as "and", before its last item."""
    return f" {word} ".join([*([", ".join(items[:-1])] if items[1:] else []), *items[-1:]])


def is_key(value: Any) -> bool:
    """Tell whether a value has the form `package.namespace.handler`."""
    return isinstance(value, str) and value.count(".") >= 2 and bool(re.fullmatch(_PATH, value))


def is_source_path(value: Any) -> bool:
    """Tell whether a value is a path that stays below the app's `src`."""
    return (
        isinstance(value, str)
        and value.startswith("src/")
        and ".." not in value
        and bool(re.fullmatch(_PATH, value))
    )


def is_uuid4(value: Any) -> bool:
    """Tell whether a value is the text of a version-4 UUID."""
    return isinstance(value, str) and re.fullmatch(_UUID4, value) is not None


def is_collection_namespace(value: Any) -> bool:
    """Tell whether a value is a namespace of an app's collections, as Wix writes it."""
    return isinstance(value, str) and re.fullmatch(_NAMESPACE, value) is not None
