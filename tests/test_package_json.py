"""The editor of package.json: what is missing is added, nothing else changes."""

from __future__ import annotations

import json
import random
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wix_events.errors import UserError
from wix_events.package_json import add_dependencies, note_on, packages

CRM = {"@wix/crm": "^1.0.1643"}
BOM = b"\xef\xbb\xbf"
SECTIONS = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(
            '{\n  "name": "x"\n}\n',
            '{\n  "name": "x",\n  "dependencies": {\n    "@wix/crm": "^1.0.1643"\n  }\n}\n',
            id="no dependencies",
        ),
        pytest.param(
            '{\n    "name": "x",\n    "dependencies": {}\n}',
            '{\n    "name": "x",\n    "dependencies": {\n        "@wix/crm": "^1.0.1643"\n    }\n}',
            id="empty dependencies, four spaces, no final newline",
        ),
        pytest.param(
            '{\n  "dependencies": {\n  }\n}\n',
            '{\n  "dependencies": {\n    "@wix/crm": "^1.0.1643"\n  }\n}\n',
            id="empty dependencies on two lines",
        ),
        pytest.param(
            '{\n\t"dependencies": {\n\t\t"@wix/blog": "^1.0.0",\n\t\t"react": "18"\n\t}\n}\n',
            '{\n\t"dependencies": {\n\t\t"@wix/blog": "^1.0.0",\n\t\t"@wix/crm": "^1.0.1643",\n'
            '\t\t"react": "18"\n\t}\n}\n',
            id="sorted, tabs",
        ),
        pytest.param(
            '{\n  "dependencies": {\n    "react": "18"\n  }\n}\n',
            '{\n  "dependencies": {\n    "@wix/crm": "^1.0.1643",\n    "react": "18"\n  }\n}\n',
            id="before the only one",
        ),
        pytest.param(
            '{\n  "dependencies": {\n    "vite": "5",\n    "react": "18",\n    "@wix/blog": "1"\n  }\n}\n',
            '{\n  "dependencies": {\n    "vite": "5",\n    "react": "18",\n    "@wix/blog": "1",\n'
            '    "@wix/crm": "^1.0.1643"\n  }\n}\n',
            id="not sorted: at the end",
        ),
        pytest.param(
            '{\r\n  "devDependencies": {\r\n    "a": "1"\r\n  }\r\n}\r\n',
            '{\r\n  "dependencies": {\r\n    "@wix/crm": "^1.0.1643"\r\n  },\r\n'
            '  "devDependencies": {\r\n    "a": "1"\r\n  }\r\n}\r\n',
            id="above devDependencies, CRLF",
        ),
        pytest.param(
            '{\r\n  "dependencies": {}\r\n}',
            '{\r\n  "dependencies": {\r\n    "@wix/crm": "^1.0.1643"\r\n  }\r\n}',
            id="empty dependencies, CRLF",
        ),
        pytest.param("{}", '{\n  "dependencies": {\n    "@wix/crm": "^1.0.1643"\n  }\n}', id="empty object"),
        pytest.param(
            '{"name":"x","private":true}\n',
            '{"name":"x","private":true,"dependencies":{"@wix/crm":"^1.0.1643"}}\n',
            id="one line, dense",
        ),
        pytest.param(
            '{"name": "x"}',
            '{"name": "x", "dependencies": {"@wix/crm": "^1.0.1643"}}',
            id="one line, spaced",
        ),
        pytest.param(
            '{\n  "dependencies": { "@wix/blog": "1" },\n  "type": "module"\n}\n',
            '{\n  "dependencies": { "@wix/blog": "1", "@wix/crm": "^1.0.1643" },\n  "type": "module"\n}\n',
            id="dependencies on one line",
        ),
        pytest.param(
            '{ "name": "x"\n, "dependencies":\n  { "@wix/blog": "1"\n  , "vite": "5"\n  }\n}\n',
            '{ "name": "x"\n, "dependencies":\n  { "@wix/blog": "1"\n  , "@wix/crm": "^1.0.1643"\n'
            '  , "vite": "5"\n  }\n}\n',
            id="leading commas",
        ),
        pytest.param(
            '{\n  "dependencies": {\n    "@wix/a": "1",\n    "@wix/b": "1",\n\n    "vite": "5"\n  }\n}\n',
            '{\n  "dependencies": {\n    "@wix/a": "1",\n    "@wix/b": "1",\n    "@wix/crm": "^1.0.1643",\n\n'
            '    "vite": "5"\n  }\n}\n',
            id="groups",
        ),
        pytest.param(
            '{\n  "dependencies": {\n    "@wix/a": "1",\n\n    "@wix/b": "1",\n    "vite": "5"\n  }\n}\n',
            '{\n  "dependencies": {\n    "@wix/a": "1",\n\n    "@wix/b": "1",\n    "@wix/crm": "^1.0.1643",\n'
            '    "vite": "5"\n  }\n}\n',
            id="as many gaps with an empty line as without",
        ),
        pytest.param(
            '{"name": "x", "version": "1",\n "type": "module",\n "private": true}\n',
            '{"name": "x", "version": "1",\n "type": "module",\n "private": true,\n'
            ' "dependencies": {"@wix/crm": "^1.0.1643"}}\n',
            id="mostly one a line",
        ),
        pytest.param(
            '{\n  "dependencies": { }\n}',
            '{\n  "dependencies": { "@wix/crm": "^1.0.1643" }\n}',
            id="padded empty dependencies",
        ),
        pytest.param(
            '{\n  "dependencies": {\n    "axios": "1",\n    "JSON5": "1",\n    "lit": "3"\n  }\n}\n',
            '{\n  "dependencies": {\n    "@wix/crm": "^1.0.1643",\n    "axios": "1",\n    "JSON5": "1",\n'
            '    "lit": "3"\n  }\n}\n',
            id="sorted regardless of case",
        ),
    ],
)
@pytest.mark.parametrize("bom", [b"", BOM], ids=["", "byte-order mark"])
def test_missing_package_is_added_in_the_style_of_the_file(source: str, expected: str, bom: bytes) -> None:
    result = add_dependencies(bom + source.encode(), CRM)

    assert result == bom + expected.encode()
    assert add_dependencies(result, CRM) == result


@pytest.mark.parametrize("section", SECTIONS)
def test_package_named_in_any_section_stays_as_it_is(section: str) -> None:
    source = f'{{"{section}": {{"\\u0040wix/crm": "workspace:*"}}}}'.encode()

    assert "@wix/crm" in packages(source)
    assert add_dependencies(source, CRM) == source


def test_package_named_elsewhere_is_no_dependency() -> None:
    source = (
        b'{"name": "@wix/crm", "resolutions": {"@wix/crm": "1"}, "x": {"dependencies": {"@wix/crm": "1"}}}'
    )

    assert "@wix/crm" not in packages(source)
    assert json.loads(add_dependencies(source, CRM))["dependencies"] == CRM


def test_script_is_added_at_the_end_and_one_of_that_name_stays() -> None:
    source = b'{\n  "scripts": {\n    "build": "wix build",\n    "test": "vitest"\n  }\n}\n'

    result = add_dependencies(source, {}, {"test": "other", "a": 'echo "é"'})

    assert result == source.replace(b'vitest"\n', 'vitest",\n    "a": "echo \\"é\\""\n'.encode())


def test_scripts_are_added_above_the_dependencies() -> None:
    result = add_dependencies(b'{\n  "name": "x",\n  "type": "module"\n}\n', CRM, {"check": "tsc"})

    assert list(json.loads(result)) == ["name", "type", "scripts", "dependencies"]


def test_dependencies_sorted_by_npm_stay_sorted_as_npm_sorts_them() -> None:
    pick = random.Random(1)
    names = sorted({"".join(pick.choices("_-.@/~019abz", k=5)) for _ in range(300)})
    order = "JSON.parse(process.argv[1]).sort((a, b) => a.localeCompare(b, 'en'))"
    node = ["node", "-p", f"JSON.stringify({order})", json.dumps(names)]
    expected = json.loads(subprocess.run(node, check=True, capture_output=True).stdout)
    there = {name: "1" for index, name in enumerate(expected) if index % 3}

    result = add_dependencies(json.dumps({"dependencies": there}).encode(), dict.fromkeys(names, "1"))

    assert list(json.loads(result)["dependencies"]) == expected


@pytest.mark.parametrize(
    ("source", "line", "word"),
    [
        (b"", 1, "JSON"),
        # On one line: Python 3.13 and later name the comma, earlier ones what follows it.
        (b'{\n  "name": "x"\n,}', 3, "JSON"),
        (b'{\n  // note\n  "name": "x"\n}', 2, "JSON"),
        (b"{\n<<<<<<< HEAD\n}", 2, "JSON"),
        (b'\n["dependencies"]', 2, "object"),
        (b"null", 1, "object"),
        (b'{\n  "name": "\xff"\n}', 2, "UTF-8"),
        ('{"name": "x"}'.encode("utf-16"), 1, "UTF-8"),
        (b'{\n  "a": "NaN",\n  "b": [1, {"c": -Infinity}]\n}', 3, "-Infinity"),
        (b'{\n  "a": NaN,\n  "b": Infinity\n}', 2, "NaN"),
        (b'{\n  "dependencies": []\n}', 2, "dependencies"),
        (b'{\n  "devDependencies": null\n}', 2, "devDependencies"),
        (b'{\n  "scripts": "tsc"\n}', 2, "scripts"),
        (b'{"dependencies": {},\n\n"dependencies": {}}', 3, "line 1"),
        (b'{"devDependencies": {\n"a": "1",\n"\\u0061": "2"}}', 3, "line 2"),
        (b"[" * 100_000, 1, "deep"),
    ],
)
def test_unusable_text_is_refused_with_its_line(source: bytes, line: int, word: str) -> None:
    with pytest.raises(UserError, match=word) as error:
        add_dependencies(source, CRM, {"check": "tsc"})

    assert str(error.value).startswith(f"package.json:{line}: ")
    assert str(error.value).endswith(".")


def test_numbers_that_python_cannot_hold_stay_as_they_are() -> None:
    source = b'{"a": ' + b"9" * 5000 + b', "b": 1e999}'

    assert add_dependencies(source, CRM) == source[:-1] + b', "dependencies": {"@wix/crm": "^1.0.1643"}}'


names = st.sampled_from(["@wix/crm", "@wix/blog", "@wix/a_b", "react", "JSONStream", "x"]) | st.text(
    max_size=5
)
versions = st.text(max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def manifests(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what a package.json may hold, its sections in any order among other keys."""
    manifest: dict[str, Any] = draw(st.dictionaries(st.text(max_size=5), values, max_size=4))
    for section in draw(st.lists(st.sampled_from([*SECTIONS, "scripts"]), unique=True)):
        entries = draw(st.dictionaries(names, versions, max_size=4))
        manifest[section] = dict(sorted(entries.items())) if draw(st.booleans()) else entries
    return dict(draw(st.permutations(list(manifest.items()))))


@st.composite
def odd_texts(draw: st.DrawFn) -> bytes:
    """Draw a package.json with any white space between any two tokens."""
    ascii_only = draw(st.booleans())
    space = st.sampled_from(["", "", " ", "\n", "\r\n", "\t", "\r", "\n    ", " \n\n"])

    def write(value: object) -> str:
        if isinstance(value, dict):
            pairs = [write(key) + draw(space) + ":" + write(item) for key, item in value.items()]
            text = "{" + (",".join(pairs) or draw(space)) + "}"
        elif isinstance(value, list):
            text = "[" + (",".join(map(write, value)) or draw(space)) + "]"
        else:
            text = json.dumps(value, ensure_ascii=ascii_only)
        return draw(space) + text + draw(space)

    return draw(st.sampled_from([b"", BOM])) + write(draw(manifests())).encode()


LAYOUTS: list[dict[str, Any]] = [
    *({"indent": indent} for indent in (0, 1, 2, 4, "\t", "   ")),
    {"separators": (",", ":")},
    {"separators": (", ", ": ")},
    {"separators": (",", ":"), "indent": 2},
]
additions = st.dictionaries(names, versions, max_size=4)


def is_one_span_longer(before: bytes, after: bytes) -> bool:
    start = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before))
    return len(after) >= len(before) and after.endswith(before[start:])


def with_additions(
    manifest: dict[str, Any], wanted: dict[str, str], scripts: dict[str, str]
) -> dict[str, Any]:
    named = {package for section in SECTIONS for package in manifest.get(section, {})}
    missing = {"dependencies": {package: wanted[package] for package in wanted if package not in named}}
    missing["scripts"] = {
        script: scripts[script] for script in scripts if script not in manifest.get("scripts", {})
    }
    return manifest | {key: manifest.get(key, {}) | new for key, new in missing.items() if new}


@given(odd_texts(), additions, additions)
def test_any_text_gains_what_it_lacks_and_nothing_else(
    source: bytes, wanted: dict[str, str], scripts: dict[str, str]
) -> None:
    before = json.loads(source.decode("utf-8-sig"))

    result = add_dependencies(source, wanted, scripts)

    after = json.loads(result.decode("utf-8-sig"))
    assert after == with_additions(before, wanted, scripts)
    assert [key for key in after if key in before] == list(before)
    assert add_dependencies(result, wanted, scripts) == result
    assert set(wanted) <= packages(result)


@given(odd_texts(), additions, additions)
def test_each_addition_is_one_span_and_every_other_byte_stays(
    source: bytes, wanted: dict[str, str], scripts: dict[str, str]
) -> None:
    text = source
    for package, version in wanted.items():
        before, text = text, add_dependencies(text, {package: version})
        assert is_one_span_longer(before, text)
    for script, command in scripts.items():
        before, text = text, add_dependencies(text, {}, {script: command})
        assert is_one_span_longer(before, text)

    assert text == add_dependencies(source, wanted, scripts)


@given(manifests(), st.sampled_from(LAYOUTS), st.sampled_from(["\n", "\r\n"]), additions, additions)
def test_result_has_the_layout_of_the_source(
    manifest: dict[str, Any],
    layout: dict[str, Any],
    newline: str,
    wanted: dict[str, str],
    scripts: dict[str, str],
) -> None:
    def laid_out(value: object) -> bytes:
        return json.dumps(value, ensure_ascii=False, **layout).replace("\n", newline).encode()

    source = laid_out({"name": "x"} | manifest)

    result = add_dependencies(source, wanted, scripts)

    assert result == laid_out(json.loads(result))


@given(st.binary() | st.text().map(str.encode) | st.text('{}[]":, \n\\-1eNaIu').map(str.encode))
def test_any_bytes_are_edited_or_refused(source: bytes) -> None:
    try:
        result = add_dependencies(source, CRM)
    except UserError:
        return
    assert json.loads(result.decode("utf-8-sig"))["dependencies"] == CRM


@given(odd_texts(), st.data())
def test_damaged_text_is_edited_or_refused(source: bytes, data: st.DataObject) -> None:
    start, end = sorted((data.draw(st.integers(0, len(source))), data.draw(st.integers(0, len(source)))))
    damaged = source[:start] + data.draw(st.binary(max_size=2)) + source[end:]
    try:
        result = add_dependencies(damaged, {"@wix/new": "1"})
    except UserError:
        return
    assert json.loads(result.decode("utf-8-sig"))["dependencies"]["@wix/new"] == "1"


@pytest.mark.parametrize(
    ("named", "note"),
    [
        ({"@wix/astro"}, ""),
        ({"@wix/custom-extensions", "@wix/cli-app"}, ""),
        ({"@wix/cli-app"}, "This app is of the older Wix CLI"),
        ({"react"}, "package.json names neither @wix/astro nor @wix/custom-extensions"),
        (set(), "package.json names neither"),
    ],
)
def test_kind_of_app_is_told_by_its_dependencies(named: set[str], note: str) -> None:
    assert note_on(named).startswith(note)
    assert bool(note_on(named)) == bool(note)
