"""What holds for every src/extensions.ts that the editor changes, whatever its shape."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from editor import event, register, registered, rename, unregister
from extensions_ts import EVENT, ExtensionsFile, examples, extensions_files
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from wix import SDK
from wix_events.registrations import Registration, RegistrationError

OTHER = event("order-paid")
PIECES = [
    "(",
    ")",
    "{",
    "}",
    ";",
    "'",
    '"',
    "`",
    "//",
    "/*",
    "*/",
    "\n",
    "\r",
    " ",
    ".",
    ",",
    "use",
    "\0",
    "é",
]
PIECES += [
    ".use(a)",
    "import ",
    "export default ",
    "app()",
    "builder.use(b);\n",
    "// x\n",
    "type ",
    "\u2028",
    "=>",
]

# A busy machine is no failure.
properties = settings(deadline=None, max_examples=100)

# Comments and strings of TypeScript: an oracle that shares nothing with the editor's parser.
TOKENS = re.compile(r"//[^\n\r]*|/\*.*?\*/|'[^'\n]*'|\"[^\"\n]*\"", re.DOTALL)

# Reads [source, …] and tells of each what the TypeScript compiler makes of it.
ORACLE = """
import { readFileSync } from "node:fs";
import ts from "typescript";

const [event, sources] = JSON.parse(readFileSync(0, "utf8"));
const facts = sources.map((source) => {
  const file = ts.createSourceFile("extensions.ts", source, ts.ScriptTarget.ESNext, true);
  const host = {
    fileExists: (name) => name === "extensions.ts",
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => "",
    getDefaultLibFileName: () => "lib.d.ts",
    getNewLine: () => "\\n",
    getSourceFile: (name) => (name === "extensions.ts" ? file : undefined),
    readFile: () => undefined,
    useCaseSensitiveFileNames: () => true,
    writeFile: () => {},
  };
  const program = ts.createProgram(["extensions.ts"], { noLib: true, noResolve: true }, host);
  const names = new Set();
  for (const item of file.statements) {
    if (!ts.isImportDeclaration(item) || !item.importClause || item.importClause.isTypeOnly) continue;
    const specifier = (item.moduleSpecifier.text ?? "").replace(/\\.[jt]s$/, "");
    if (!specifier.endsWith(event.replace("src/", "/"))) continue;
    const { name, namedBindings } = item.importClause;
    if (name) names.add(name.text);
    if (namedBindings && ts.isNamespaceImport(namedBindings)) names.add(namedBindings.name.text);
    else for (const part of namedBindings?.elements ?? []) if (!part.isTypeOnly) names.add(part.name.text);
  }
  let uses = 0;
  const visit = (node) => {
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      node.expression.name.text === "use"
    ) {
      const text = node.arguments.map((argument) => argument.getText()).join();
      if (names.has(text.split(/\\W/)[0])) uses += 1;
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  const told = (items) => items.map((item) => ts.flattenDiagnosticMessageText(item.messageText, " "));
  const errors = told(program.getSyntacticDiagnostics(file));
  // Redeclared names (2300, 2440, 2451) and names that nothing declares (2304).
  const clashes = errors.length === 0 ? program.getSemanticDiagnostics(file) : [];
  return {
    errors,
    clashes: told(clashes.filter((item) => [2300, 2440, 2451, 2304].includes(item.code))),
    statements: file.statements.filter((item) => !ts.isEmptyStatement(item)).map((item) => item.kind),
    names: names.size,
    uses,
  };
});
process.stdout.write(JSON.stringify(facts));
"""


def only_insertions(source: bytes, result: bytes) -> bool:
    """Tell whether taking at most two pieces out of `result` gives `source`."""
    size = min(len(source), len(result))
    head = next((index for index in range(size) if source[index] != result[index]), size)
    tail = next((index for index in range(size) if source[-1 - index] != result[-1 - index]), size)
    return (
        len(source) <= head + tail or source[head : len(source) - tail] in result[head : len(result) - tail]
    )


def squeezed(source: bytes) -> bytes:
    """Return the source without what changes where a chain is broken into lines."""
    return re.sub(rb"\s|,(?=\s*\))", b"", source)


def code(source: bytes) -> str:
    """Return the source without comments, strings and white space."""
    return re.sub(r"\s", "", TOKENS.sub("", source.decode()))


def comments(source: bytes) -> Counter[str]:
    return Counter(found[0] for found in TOKENS.finditer(source.decode()) if found[0].startswith("/"))


@properties
@given(extensions_files())
def test_an_event_is_added_once_and_every_other_byte_stays(file: ExtensionsFile) -> None:
    result = register(file.source, [EVENT])
    assert register(result, [EVENT]) == result
    assert EVENT.module in registered(result)
    assert (result == file.source) == (not file.lacks)
    assert only_insertions(file.source, result) or only_insertions(squeezed(file.source), squeezed(result))
    before, after = code(file.source), code(result)
    use = f".use({registered(result)[EVENT.module]})"
    assert after.count("import") - before.count("import") == ("import" in file.lacks)
    assert after.count(use) - before.count(use) == ("use" in file.lacks)
    if "use" in file.lacks:
        assert after.count(use) == 1
    assert comments(result) == comments(file.source)


@properties
@given(extensions_files(registered=False))
def test_the_removal_of_an_added_event_gives_the_file_back(file: ExtensionsFile) -> None:
    assume(file.sections and "import" in file.lacks)
    assume(EVENT.export.encode() not in b"".join(re.findall(rb"import type.*", file.source)))
    added = register(file.source, [EVENT])
    result = unregister(added, EVENT.module)
    assert squeezed(result) == squeezed(file.source)
    # A chain that was broken into lines stays so, and a short one is joined where the style is Prettier's own.
    is_default = not re.search(rb"'|^import[^;]*$", file.source, re.MULTILINE)
    assert result == file.source or is_default or not only_insertions(file.source, added)


@properties
@given(extensions_files(registered=True))
def test_a_removal_keeps_comments_and_other_code(file: ExtensionsFile) -> None:
    result = unregister(file.source, EVENT.module)
    assert EVENT.module not in registered(result)
    assert unregister(result, EVENT.module) == result
    assert comments(result) == comments(file.source)
    others = {key: name for key, name in registered(file.source).items() if key != EVENT.module}
    assert registered(result) == others
    assert not re.search(rb"[ \t]+\r?$", result, re.MULTILINE) or re.search(
        rb"[ \t]+\r?$", file.source, re.MULTILINE
    )
    assert EVENT.module in registered(register(result, [EVENT]))


@properties
@given(extensions_files(registered=True))
def test_a_rename_changes_names_only(file: ExtensionsFile) -> None:
    result = rename(file.source, (EVENT, OTHER))
    assert EVENT.module not in registered(result)
    assert OTHER.module in registered(result)
    assert len(registered(result)) == len(registered(file.source))
    assert comments(result) == comments(file.source)
    assert rename(result, (EVENT, OTHER)) == result
    back = rename(result, (OTHER, EVENT))
    assert registered(back) == registered(file.source)


@properties
@given(extensions_files(), st.permutations([EVENT, OTHER]))
def test_several_events_at_once_are_as_one_after_the_other(
    file: ExtensionsFile, wanted: list[Registration]
) -> None:
    at_once = register(file.source, wanted)
    one_by_one = register(register(file.source, wanted[:1]), wanted)
    assert registered(at_once) == registered(one_by_one)
    assert {EVENT.module, OTHER.module} <= registered(at_once).keys()
    # The first import of all sets the style, and the first use of an import its say in it.
    if file.sections and "import" in file.lacks:
        assert at_once == one_by_one


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Generate a file with pieces cut out, put in or doubled anywhere."""
    source = draw(extensions_files()).source.decode()
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(source)))
        end = min(len(source), start + draw(st.sampled_from((0, 0, 1, 2, 8, 40))))
        piece = draw(st.sampled_from(["", "", source[start:end] * 2, *PIECES]))
        source = source[:start] + piece + source[end:]
    return source.encode()


@properties
@given(damaged())
def test_a_damaged_file_is_edited_well_or_refused(source: bytes) -> None:
    try:
        result = register(source, [EVENT])
    except RegistrationError as error:
        assert error.by_hand or error.reason == "a merge left its conflict markers" or "(CR)" in error.reason
        assert 1 <= error.line <= source.count(b"\n") + 1
    else:
        assert only_insertions(source, result) or only_insertions(squeezed(source), squeezed(result))
        assert register(result, [EVENT]) == result
    edits: list[Callable[[], bytes]] = [
        lambda: unregister(source, EVENT.module),
        lambda: rename(source, (EVENT, OTHER)),
    ]
    for edit in edits:
        try:
            result = edit()
        except RegistrationError as error:
            assert 1 <= error.line <= source.count(b"\n") + 1
        else:
            assert EVENT.module not in registered(result)


def typescript(sources: list[bytes]) -> list[dict[str, Any]]:
    """Return what the TypeScript compiler makes of sources."""
    run = subprocess.run(
        ["node", "--input-type=module", "--eval", ORACLE],
        cwd=SDK,
        input=json.dumps([EVENT.module, [source.decode() for source in sources]]),
        capture_output=True,
        text=True,
        check=True,
    )
    facts: list[dict[str, Any]] = json.loads(run.stdout)
    return facts


@pytest.mark.slow
def test_typescript_reads_the_event_once() -> None:
    files = examples(extensions_files(), 300)
    results = [register(file.source, [EVENT]) for file in files]
    removed = [unregister(result, EVENT.module) for result in results]
    renamed = [rename(result, (EVENT, OTHER)) for result in results]
    count = len(files)
    facts = typescript([file.source for file in files] + results + removed + renamed)
    for index, file in enumerate(files):
        before, after = facts[index], facts[count + index]
        gone, moved = facts[2 * count + index], facts[3 * count + index]
        assert before["errors"] == after["errors"] == gone["errors"] == moved["errors"] == [], file.source
        assert not any(EVENT.export in message for message in after["clashes"]), results[index]
        assert (after["names"], after["uses"] >= 1) == (1, True), results[index]
        assert "use" not in file.lacks or after["uses"] == 1, results[index]
        assert (gone["names"], gone["uses"]) == (0, 0), removed[index]
        assert (moved["names"], moved["uses"]) == (0, 0), renamed[index]
        assert len(after["statements"]) - len(before["statements"]) <= 2


@pytest.mark.slow
def test_typescript_reads_a_damaged_file_as_before() -> None:
    sources = [source for source in examples(damaged(), 400) if _edited(source) is not None]
    results = [result for source in sources if (result := _edited(source)) is not None]
    facts = typescript(sources + results)
    compared = 0
    for before, after, result in zip(facts, facts[len(sources) :], results, strict=False):
        if before["statements"] and not before["errors"]:
            compared += 1
            assert after["errors"] == [], result
            assert len(after["statements"]) - len(before["statements"]) <= 2, result
            assert after["uses"] >= 1, result
    assert compared > 50


def _edited(source: bytes) -> bytes | None:
    try:
        return register(source, [EVENT])
    except RegistrationError:
        return None
