"""Hypothesis strategies for src/extensions.ts files in all the shapes that real Wix CLI apps have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from wix_events.registrations import Registration

EVENT = Registration("src/backend/events/contact-created/contact-created.extension", "eventContactCreated")

_IDS = ("1b8b54a5-5f0a-4c52-9a70-0d6f2f8b1c01", "1b8b54a5-5f0a-4c52-9a70-0d6f2f8b1c02")
_HEADERS = (
    "",
    "// @ts-nocheck",
    "/* Our extensions.\n * All of them. */",
    "#!/usr/bin/env node",
    '"use strict";',
    "// Head.\n\n// Section.",
)
_FOREIGN = ("dashboardPage", "page_2", "$widget", "typewriterText1", "eventOrderApproved", "plugin")
_NOTES = ("note", "it's", 'a "quote"', "`tick", "é – 漢字", "app().use(x)", "import x from 'y';", "{ ( [")


@dataclass(frozen=True)
class ExtensionsFile:
    """A generated src/extensions.ts.

    Attributes:
        source: The file.
        event: The event that tests add to it or take from it.
        lacks: What it lacks to register the event once: "import", "use", both or nothing.
        sections: Whether it has imports, whose style a new one follows.
    """

    source: bytes
    event: Registration
    lacks: frozenset[str]
    sections: bool


@st.composite
def extensions_files(
    draw: st.DrawFn, event: Registration = EVENT, registered: bool | None = None
) -> ExtensionsFile:
    """Generate a file that TypeScript parses and that has one chain to extend.

    Args:
        draw: Hypothesis' own.
        event: The event that the file may register already, name elsewhere or mention in comments.
        registered: Whether it registers the event; None for either.
    """

    def pick(*options: str) -> str:
        return draw(st.sampled_from(options))

    def chance() -> bool:
        return draw(st.booleans())

    def rarely() -> bool:
        return draw(st.integers(0, 3)) == 0

    semicolon, indent = pick(";", ""), pick("  ", "    ", "\t", " ")
    quotes = draw(st.sampled_from((['"'], ["'"], ['"', "'"])))
    suffix = draw(st.sampled_from(([""], [".ts"], [".js"], ["", ".ts"])))

    def comment() -> str:
        note = pick(*_NOTES, f".use({event.export})")
        return f"// {note}" if chance() else f"/* {note} */"

    def statement(clause: str, specifier: str) -> str:
        quote = pick(*quotes)
        return f"import {clause} from {quote}{specifier}{quote}{semicolon}"

    # What the imports bind

    package = pick("@wix/astro/builders", "@wix/custom-extensions")
    app, clause = draw(
        st.sampled_from(
            (
                ("app", "{ app }"),
                ("app", "{ app, extensions }"),
                ("app", "{\n  extensions,\n  app,\n}"),
                ("createApp", "{ app as createApp }"),
                ("builders.app", "* as builders"),
            )
        )
    )
    imports = [statement(clause, package)]
    arguments = []
    for name in draw(st.lists(st.sampled_from(_FOREIGN), unique=True, max_size=4)):
        if rarely():
            arguments.append(f'extensions.event({{ id: "{_IDS[0]}", source: "./{name}.ts" }})')
            continue
        form = pick("default", "named", "alias", "namespace")
        specifier = f"./extensions/{name}/{name}.extension{pick(*suffix)}"
        bound = {"default": name, "named": f"{{ {name} }}", "alias": f"{{ extension as {name} }}"}
        imports.append(statement(bound.get(form, f"* as {name}"), specifier))
        arguments.append(f"{name}.extension" if form == "namespace" else name)
    if rarely():
        imports.append(statement("type { App }", "./types"))
    if rarely():
        quote = pick(*quotes)
        imports.append(f"import {quote}./setup{quote}{semicolon}")

    # Where the event is already

    from_src = event.module.removeprefix("src/")
    specifier = pick(f"./{from_src}", f"@/{from_src}", f"../{event.module}") + pick("", ".ts", ".js")
    used = chance() if registered is None else registered
    imported = not used and rarely()
    type_only = not used and not imported and rarely()
    named = event.export
    if used:
        named = pick(event.export, "mine")
        bound_event = {
            "named": f"{{ {event.export} as {named} }}" if named == "mine" else f"{{ {named} }}",
            "default": named,
            "default as": f"{{ default as {named} }}",
            "namespace": f"* as {named}",
        }
        form = pick(*bound_event)
        imports.append(statement(bound_event[form], specifier))
        argument = f"{named}.{event.export}" if form == "namespace" else pick(named, f"{named} as any")
        arguments += [argument] * draw(st.sampled_from((1, 1, 1, 2)))
    elif imported:
        named = pick(event.export, "mine")
        imports.append(statement(f"{{ {event.export} as {named} }}", specifier))
    elif type_only:
        imports.append(statement(f"type {{ {event.export} }}", specifier))
    taken = ""
    if not used and not imported and not type_only and rarely():
        taken = pick(
            f"const {event.export} = 1{semicolon}",
            f"function {event.export}() {{}}",
            f"const {{ a: [{event.export}] }} = {{ a: [1] }}{semicolon}",
            f"export class {event.export} {{}}",
        )
    imports = draw(st.permutations(imports))
    arguments = draw(st.permutations(arguments))

    # The import section

    orphan = False
    gaps = draw(st.sampled_from(([""], [""], ["\n"], ["", "\n"])))
    lines = []
    for number, line in enumerate(imports):
        gap = "\n" if number and pick(*gaps) else ""
        lines.append(gap + line + (f" {comment()}" if rarely() else ""))
        if rarely():
            lines.append(pick(comment(), f'// import {{ {event.export} }} from "./{from_src}";'))
    if not registered and rarely():
        lines, app = [], "app"
        uses = [argument for argument in arguments if named in argument]
        orphan = used and set(uses) == {event.export}
        arguments = [argument for argument in arguments if orphan or argument not in uses]
    header = pick(*_HEADERS, *[""] * len(_HEADERS))

    # The chain

    layout = pick("line", "joined", "lines", "lines", "lines", "tail", "dots")

    def chain(root: str, given: list[str], margin: str = "") -> str:
        text = root
        for number, argument in enumerate(given):
            own_line = {
                "line": False,
                "joined": number == 0,
                "lines": True,
                "tail": number < max(1, len(given) - 1),
                "dots": True,
            }[layout]
            start = f"\n{margin}{indent}"
            if own_line and rarely():
                text += f" {comment()}"
            if own_line and layout != "dots" and rarely():
                text += pick("\n", start + comment(), f"{start}// .use({event.export})")
            if not own_line:
                text += f".use({argument})"
            elif layout == "dots":
                text = f"{text}{start}.use({argument})" if "//" in text else f"{text}.{start}use({argument})"
            else:
                text += f"{start}.use({argument})"
        return text

    end = pick(semicolon, semicolon, ";", "")
    last = ""
    if rarely():
        last = f" {comment()}"
    elif layout == "lines" and rarely():
        last = f"\n{indent}{comment()}"
    root = pick(
        "export", "export", "export", "parentheses", "cast", "builder", "variable", "alias", "assigned"
    )
    if root == "export":
        if chance():
            end, last = "", end + last
        body = f"export default {chain(f'{app}()', arguments)}{end}{last}"
    elif root == "parentheses":
        body = f"export default (\n{indent}{chain(f'{app}()', arguments, indent)}{last}\n){end}"
    elif root == "cast":
        cast = pick("as any", "satisfies object", "as unknown as object")
        body = f"export default {chain(f'{app}()', arguments)} {cast}{end}{last}"
    else:
        keyword = "let" if root == "assigned" else pick("const", "let", "var")
        split = draw(st.integers(0, len(arguments))) if root in {"builder", "assigned"} else len(arguments)
        body = f"{keyword} builder = {chain(f'{app}()', arguments[:split])}{end or semicolon}\n"
        for argument in arguments[split:]:
            target = "builder = " if root == "assigned" else ""
            note = f" {comment()}" if rarely() else ""
            body += f"{pick('', '', chr(10))}{target}builder.use({argument}){semicolon}{note}\n"
        body += pick("", "\n")
        body += f"export {{ builder as default }}{end}" if root == "alias" else f"export default builder{end}"
        body += last
    # Without a semicolon, what follows must not start with a bracket; a word is safe.
    tail = pick("", "", "", "\nexport const version = 1", f"\n\n{comment()}")
    parts = [header, "\n".join(lines), taken, body + tail]
    gap = pick("\n", "\n\n", "\n\n")
    source = gap.join(part for part in parts if part) + pick("\n", "\n", "\n\n", "")
    if header.startswith("//") or header.startswith("/*") or not header:
        source = pick("", "", "\n") + source
    source = source.replace("\n", pick("\n", "\n", "\r\n"))
    bom = "" if header.startswith("#!") else pick("", "", "\ufeff")
    lacks = {"import", "use"}
    if lines:
        lacks = set() if used else {"use"} if imported else lacks
    elif orphan:
        lacks = {"import"}
    return ExtensionsFile((bom + source).encode(), event, frozenset(lacks), sections=bool(lines))


def examples(strategy: st.SearchStrategy[Any], number: int) -> list[Any]:
    """Return the same examples of a strategy each time."""
    found: list[Any] = []

    @settings(max_examples=number, derandomize=True, database=None, deadline=None)
    @given(strategy)
    def collect(example: Any) -> None:
        found.append(example)

    collect()
    return found
