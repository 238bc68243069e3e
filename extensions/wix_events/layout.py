"""Lay out the TypeScript of an event's files as Prettier does, where the length of a name decides it.

The templates hold the text; what depends on the 80 columns, or on what an event carries, is worked out here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_WIDTH = 80  # Prettier's default


def comment_text(text: str) -> str:
    """Return text on one line that cannot end the block comment it is put in."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.replace("*/", "* /").split())


def typescript_string(value: str) -> str:
    """Write a TypeScript string literal, as Prettier does."""
    # JSON's escapes are TypeScript's; the two line separators are the only characters JSON leaves bare.
    return json.dumps(value, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def builder_code(export: str, source: str, texts: Mapping[str, Any]) -> dict[str, Any]:
    """Work out what a builder file says.

    Args:
        export: The builder's exported name.
        source: The handler's path, relative to the app's `src`.
        texts: What the catalogue says of the event.

    Returns:
        `sentences`, what the comment says after title and description; `open` and `close`, the call's first and last line;
        `source`, the option that names the handler; and `indent`, what stands before each option.
    """
    start = f"export const {export} ="
    length = len(f"{start} extensions.event({{")
    if length <= _WIDTH:
        opening, indent, closing = f"{start} extensions.event({{", "  ", "});"
    elif length == _WIDTH + 1:
        opening, indent, closing = f"{start} extensions.event(\n  {{", "    ", "  },\n);"
    else:
        opening, indent, closing = f"{start}\n  extensions.event({{", "    ", "  });"
    literal = typescript_string(source)
    gap = " " if len(f"{indent}source: {literal},") <= _WIDTH else f"\n  {indent}"
    return {
        "sentences": _sentences(texts),
        "open": opening,
        "close": closing,
        "source": f"source:{gap}{literal},",
        "indent": indent,
    }


def _sentences(texts: Mapping[str, Any]) -> list[str]:
    """Return what a builder's comment says of deprecation, permissions and documentation."""
    sentences = []
    deprecated = texts.get("deprecated")
    if deprecated is not None:
        successor = deprecated.get("replacedBy")
        sentences.append(f"Deprecated{f': {successor} takes its place' if successor else ''}.")
    if permissions := texts.get("permissions"):
        # The first is the one that fits the event's product.
        more = ", or one that includes it" if len(permissions) > 1 else ""
        sentences.append(f"Permission scope: {permissions[0]['name']} ({permissions[0]['id']}){more}.")
    if link := texts.get("link"):
        sentences.append(f"@see {link}")
    return [comment_text(sentence) for sentence in sentences]


def handler_code(event: Mapping[str, Any], sdk: Sequence[str], texts: Mapping[str, Any]) -> dict[str, Any]:
    """Work out what a handler file says.

    Args:
        event: The event's record.
        sdk: The package, namespace and function that take the handler.
        texts: What the catalogue says of the event.

    Returns:
        `names`, what it imports from the package; `data`, what it calls `items` of @wix/data; `wide`, whether the listener
        call is broken; `indent` and `inner`, what stands before the handler's statements and before those that do the work;
        `subject`, what the event is about; `field`, what an item that belongs to it would call that; `logged`, what is logged
        of it; and `carries`, the property to work with, if any.
    """
    package, namespace, handler = sdk
    payload = event.get("payload")
    field = '"entityId"'
    if texts.get("domain") is False:
        subject, field = "event.metadata.instanceId", '"instanceId"'
    elif payload in ("entity", "modified") and texts.get("id") is not False:
        subject = "event.entity._id"
    else:
        subject = "event.metadata.entityId"
    logged = [f'"{handler}"', subject]
    logged += ["Object.keys(event.modifiedFields ?? {})"] if payload == "modified" else []
    logged += ["found.items.length"] if event.get("elevate") else []
    wide = len(f"export default {namespace}.{handler}(async (event) => {{") > _WIDTH
    indent = "    " if wide else "  "
    names = {namespace, "items"} if event.get("elevate") and package == "@wix/data" else {namespace}
    # A namespace of the event's may itself be called `items`.
    items = "dataItems" if namespace == "items" and package != "@wix/data" else "items"
    return {
        "names": ", ".join(sorted(names)),
        "data": items,
        "wide": wide,
        "indent": indent,
        "inner": f"{indent}  ",
        "subject": subject,
        "field": field,
        "logged": logged,
        "carries": {"data": "event.data", "metadata": None}.get(str(payload), "event.entity"),
    }


def call(function: str, arguments: Sequence[str], indent: str) -> str:
    """Write a call as a statement, broken where it is too long for a line.

    Args:
        function: What is called.
        arguments: Its arguments, as code.
        indent: What stands before it.
    """
    line = f"{indent}{function}({', '.join(arguments)});"
    if len(line) <= _WIDTH:
        return line
    return "\n".join(
        [f"{indent}{function}(", *(f"{indent}  {argument}," for argument in arguments), f"{indent});"]
    )
