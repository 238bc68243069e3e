"""docs/errors.md lists every message as the code has it, and no other; each is short, and says what to do."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from pytest_copier.plugin import CopierFixture
from template_repo import TemplateRepo, commit_all, copier_cli, git
from wix import ROOT, new_app

DOC = (ROOT / "docs/errors.md").read_text()
OWN = "Copier's own messages"
NOTES = {"Notes at the end of a run", "While validate runs"}
ANSWERS = ".copier-answers.yml"
CONTACT = "crm.contacts.onContactCreated"
POST = "blog.posts.onPostCreated"

# --- the messages in the code ----------------------------------------------------------------------------------------

# Stands for whatever a message leaves open.
VARIABLE = "\0"
# How the text of an error reaches the user, and which argument of its class it is.
ERRORS = {
    "UserMessageError": (0, "{}"),
    "FileError": (0, "{}"),
    "UnsafePathError": (0, "{}"),
    "ManifestError": (1, "package.json:\0: {}"),
    "RegistrationError": (1, "src/extensions.ts:\0: {}, so nothing was changed there.\0"),
    "StepError": (0, "validate: {}"),
    "_say": (0, "validate: {}"),
    "error": (0, "{}"),
    "exit": (0, "{}"),
}


class Code:
    """One module, and the texts that its expressions can stand for; what is not known is `VARIABLE`."""

    def __init__(self, path: Path) -> None:
        """Parse the module."""
        self.name = path.name
        self.tree = ast.parse(path.read_text())
        self.nodes = list(ast.walk(self.tree))
        self.parents = {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}
        self.functions = {node.name: node for node in self.nodes if isinstance(node, ast.FunctionDef)}
        self.open: set[str] = set()

    def texts(self, node: ast.AST) -> set[str]:
        """Return all texts that an expression can stand for."""
        if isinstance(node, ast.Constant):
            return {node.value} if isinstance(node.value, str) else set()
        if isinstance(node, ast.JoinedStr):
            return self.joined([self.part(part) for part in node.values])
        if isinstance(node, ast.IfExp):
            return self.texts(node.body) | self.texts(node.orelse)
        if isinstance(node, ast.BoolOp):
            return set().union(*map(self.texts, node.values))
        if isinstance(node, ast.Dict):
            return set().union(*map(self.texts, node.values))
        if isinstance(node, ast.Name):
            values = list(self.values(node, node.id))
            return set().union(*map(self.texts, values)) if values else {VARIABLE}
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id.isupper():
            return self.entries(node)
        if isinstance(node, ast.Attribute) and node.attr in self.functions:
            return self.returned(node.attr)
        return self.called(node) if isinstance(node, ast.Call) else {VARIABLE}

    def part(self, node: ast.expr) -> set[str]:
        """Return the texts of a part of an f-string: sentences are told apart, words are not."""
        if not isinstance(node, ast.FormattedValue):
            return self.texts(node)
        found = self.texts(node.value) if node.conversion == -1 else {VARIABLE}
        return found if found and all(" " in text for text in found) else {VARIABLE}

    def joined(self, parts: list[set[str]]) -> set[str]:
        """Return all ways to join one text of each part."""
        return {"".join(chosen) for chosen in product(*parts)}

    def called(self, call: ast.Call) -> set[str]:
        """Return what a call stands for: what the module's own function returns, itself called or passed on."""
        if isinstance(call.func, ast.Attribute) and call.func.attr == "replace":
            arguments = [ast.literal_eval(argument) for argument in call.args]
            return {text.replace(*arguments) for text in self.texts(call.func.value)}
        calls = [node for node in ast.walk(call) if isinstance(node, ast.Call)]
        names = [node.func.id for node in calls if isinstance(node.func, ast.Name)]
        own = [name for name in names if name in self.functions]
        return set().union(*map(self.returned, own)) if own else {VARIABLE}

    def returned(self, name: str) -> set[str]:
        """Return the texts that a function returns."""
        if name in self.open:
            return {VARIABLE}
        self.open.add(name)
        found = [node for node in ast.walk(self.functions[name]) if isinstance(node, ast.Return)]
        texts = set().union(*(self.texts(node.value) for node in found if node.value))
        self.open.remove(name)
        return texts

    def entries(self, node: ast.Subscript) -> set[str]:
        """Return the texts of a constant's entry, of all where the key is not known."""
        (value,) = self.values(node, ast.unparse(node.value))
        assert isinstance(value, ast.Dict)
        pairs = zip(value.keys, value.values, strict=True)
        wanted = node.slice.value if isinstance(node.slice, ast.Constant) else None
        return set().union(
            *(
                self.texts(item)
                for key, item in pairs
                if wanted is None or (isinstance(key, ast.Constant) and key.value == wanted)
            )
        )

    def values(self, node: ast.AST, name: str) -> Iterator[ast.AST]:
        """Yield what a name may have been bound to before a node is reached."""
        while parent := self.parents.get(node):
            for block in (getattr(parent, field, None) for field in ("body", "orelse", "finalbody")):
                if isinstance(block, list) and node in block:
                    for statement in reversed(block[: block.index(node)]):
                        found = [value for part in ast.walk(statement) for value in _binds(part, name)]
                        yield from found
                        if found and isinstance(statement, ast.Assign | ast.AnnAssign):
                            return
            if isinstance(parent, ast.If) and parent.test is not node:
                tested = [value for part in ast.walk(parent.test) for value in _binds(part, name)]
                yield from tested
                if tested:
                    return
            if isinstance(parent, ast.FunctionDef):
                # Methods do not see the names of their class, nor of each other.
                node, parent = parent, self.tree
                for statement in self.tree.body:
                    yield from _binds(statement, name)
                return
            node = parent

    def messages(self) -> Iterator[tuple[str, str]]:
        """Yield every message of the module, each with its code where it is one of the check's."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                yield from self.raised(node)
            else:
                yield from ((text, "") for text in self.noted(node))

    def raised(self, call: ast.Call) -> Iterator[tuple[str, str]]:
        """Yield the messages of a call, each with its code."""
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
        arguments = call.args
        if name in ERRORS and not any(isinstance(argument, ast.Starred) for argument in arguments):
            position, layout = ERRORS[name]
            for text in self.texts(arguments[position]) if len(arguments) > position else ():
                yield layout.format(text), ""
        elif (self.name, name) == ("check.py", "add") and len(arguments) == 5:
            for problem, remedy in product(self.texts(arguments[3]), self.texts(arguments[4])):
                yield f"\0: {problem}. {remedy}.", ast.literal_eval(arguments[2])
        elif (self.name, name) == ("app.py", "problem"):
            for text in self.texts(arguments[2]):
                problem, _, remedy = text.rpartition(": ")
                yield f"\0: {problem}. {remedy[:1].upper()}{remedy[1:]}", "code"
        elif name == "append" and ast.unparse(call.func).startswith("plan['notes']"):
            yield from ((text, "") for text in self.texts(arguments[0]))

    def noted(self, node: ast.AST) -> Iterator[str]:
        """Yield the messages of a node that is no call."""
        if isinstance(node, ast.AugAssign) and ast.unparse(node.target) == "plan['notes']":
            assert isinstance(node.value, ast.ListComp)
            yield from self.texts(node.value.elt)
        elif isinstance(node, ast.Yield) and self.name == "message.py" and node.value:
            for text in self.texts(node.value):
                if text.startswith("  - ") or text.endswith("."):
                    yield text.removeprefix("  - ")
        elif isinstance(node, ast.Assign) and self.name == "registrations.py":
            if isinstance(target := node.targets[0], ast.Attribute) and target.attr in ("problem", "broken"):
                for pair in ast.walk(node.value):
                    for text in self.texts(pair.elts[-1]) if isinstance(pair, ast.Tuple) else ():
                        yield ERRORS["RegistrationError"][1].format(text) if text else ""
        elif isinstance(node, ast.FunctionDef) and node.name == "typed_problem":
            yield from self.returned(node.name)


def _binds(node: ast.AST, name: str) -> list[ast.AST]:
    """Return what a node binds a name to; where it unpacks something, the target, which has no known text."""
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name) and target.id == name:
                return [node.value]
            if isinstance(target, ast.Tuple) and name in [ast.unparse(item) for item in target.elts]:
                return [target]
    return []


def script_messages() -> set[str]:
    """Return the messages of the script that tries events."""
    (path,) = (ROOT / "template").rglob("event.mjs*")
    source = path.read_text()
    start = re.search(r'^const START = "(.*)";$', source, re.MULTILINE)
    assert start
    texts = re.findall(r"new Error\(\s*`((?:[^`\\]|\\.)*)`", source)
    # The one that is not written there repeats what the handler answered.
    assert len(texts) == len(re.findall(r"new Error\((?!answer\))", source))
    texts = [text.replace("${START}", start[1]).replace("\\`", "`").replace("\\n", " ") for text in texts]
    return {re.sub(r"\$\{[^}]*\}", VARIABLE, text) for text in texts}


def _one_line(text: str) -> str:
    """Return text on one line."""
    return " ".join(text.split())


def messages() -> dict[str, str]:
    """Return all messages, each with its code; what has hardly a word of its own only wraps another message."""
    found = [pair for path in sorted((ROOT / "extensions").glob("*.py")) for pair in Code(path).messages()]
    found += [(text, "") for text in script_messages()]
    # The dialogue asks whether a name is in kebab-case in words of its own.
    return {
        _one_line(text): code
        for text, code in found
        if len(re.findall("[A-Za-z]", text)) > 12 and not text.startswith("It is not kebab-case")
    }


def _pattern(text: str) -> re.Pattern[str]:
    """Return what a message looks like, whatever it leaves open."""
    return re.compile(".*".join(map(re.escape, text.split(VARIABLE))), re.DOTALL)


# --- the messages in the document ------------------------------------------------------------------------------------


def rows() -> dict[str, tuple[str, str]]:
    """Return the tables' messages, each with its section and its code."""
    found: dict[str, tuple[str, str]] = {}
    for section in re.split(r"^## ", DOC, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        lines = [line.strip("| ") for line in body.splitlines() if line.startswith("|")][2:]
        for cells in (re.split(r"\s*\|\s*", line) for line in lines):
            assert all(cells), f"an empty cell: {cells}"
            *code, message, _, _ = cells
            message = re.sub(r"^(`+) ?(.*?) ?\1$", r"\2", message)
            assert message not in found, f"listed twice: {message}"
            found[message] = title, "".join(code).strip("`")
    return found


MESSAGES = messages()
ROWS = rows()
LISTED = {message: code for message, (title, code) in ROWS.items() if title != OWN}


def _listed_for(row: str) -> str | None:
    """Return the message of the code that a row is about: of those that it fits the one with the most words."""
    found = [message for message in MESSAGES if _pattern(message).fullmatch(row)]
    return max(found, key=lambda message: len(message.replace(VARIABLE, "")), default=None)


def test_every_message_is_listed_once() -> None:
    listed = [_listed_for(row) for row in LISTED]
    assert len(MESSAGES) > 150
    assert [message.replace(VARIABLE, "…") for message in MESSAGES if message not in listed] == []
    assert [message for message in MESSAGES if listed.count(message) > 1] == []


def test_every_row_is_a_message_of_the_code() -> None:
    assert [row for row in LISTED if _listed_for(row) is None] == []


def test_rows_of_extensions_ts_end_with_what_the_script_adds() -> None:
    code = Code(ROOT / "extensions/sync.py")
    (todo,) = (value for node in code.nodes for value in _binds(node, "todo"))
    endings = [f"so nothing was changed there. {text}" for text in code.texts(todo)]
    assert len(endings) == 2
    rows = [row.removesuffix(" …") for row, (title, _) in ROWS.items() if title == "src/extensions.ts"]
    assert [row for row in rows if not row.endswith(tuple(endings))] == []


# --- their form ------------------------------------------------------------------------------------------------------

# What tells the user what to do: one of these, at the start of a sentence or of a part of one.
VERBS = (
    "Add|Choose|Commit|Correct|Create|Delete|Export|Give|Install|Keep|Leave|Listen|Make|Move|Name|Put|Register|"
    "Remove|Replace|Resolve|Restore|Run|Save|Take|Try|Use|flatten|tick|write"
)
REMEDY = re.compile(rf"(?:^|[.;:?,…] |\bor |\band |, then )(?:{VERBS})\b", re.IGNORECASE)
# What ends with a command to copy, or with lines to add, has no full stop, which would spoil them.
COMMAND = re.compile(r": [^.?!]*$|, then …$|npm run event …$")


def sentences(text: str) -> int:
    """Count sentences: a stop counts where a capital follows it; those in paths, keys and commands do not."""
    return len(re.split(r"(?<=[.!?]) +(?=[A-Z])", text))


def the_template_s_own() -> list[str]:
    """Return the rows whose texts are in `extensions/`; the script's are code of the app, and not all so short."""
    return [row for row in LISTED if ROWS[row][0] != "scripts/event.mjs"]


def test_every_message_is_one_or_two_sentences_and_ends() -> None:
    assert [row for row in the_template_s_own() if sentences(row) > 2] == []
    assert [row for row in the_template_s_own() if row[-1] not in ".?!" and not COMMAND.search(row)] == []


def test_every_error_says_what_to_do() -> None:
    # The dialogue has room for 40 characters, and asks again anyway.
    errors = [row for row in the_template_s_own() if ROWS[row][0] not in {*NOTES, "The dialogue"}]
    assert [row for row in errors if not REMEDY.search(row)] == []


# --- what is really printed ------------------------------------------------------------------------------------------

Prepare = Callable[[Path], object]
Case = tuple[Prepare, tuple[str, ...]]


@pytest.fixture(scope="module")
def app_with_contact(copier: CopierFixture, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an app with one recorded event."""
    app = new_app(tmp_path_factory.mktemp("one") / "app")
    copier.copy(app, event=CONTACT)
    return app


@pytest.fixture
def app(app_with_contact: Path, tmp_path: Path) -> Path:
    """Copy the app with one recorded event."""
    return Path(shutil.copytree(app_with_contact, tmp_path / "app"))


def printed(text: str) -> list[str]:
    """Return the rows that are in a program's output."""
    return [row for row in ROWS if _pattern(row.replace("…", VARIABLE)).search(_one_line(text))]


def put(path: str, old: str, new: str) -> Prepare:
    """Replace text in a file of the app."""

    def change(app: Path) -> None:
        text = (app / path).read_text()
        assert old in text
        (app / path).write_text(text.replace(old, new))

    return change


def nothing(app: Path) -> None:
    """Leave the app as it is."""


MAIN = "src/extensions.ts"
OURS: dict[str, Case] = {
    "event: there is no": (nothing, ("copy", "-devent=onContactCreate")),
    "name: the name": (nothing, ("copy", f"-devent={POST}", "-dname=contact-created")),
    "package: ": (nothing, ("copy", "-dpackage=@Wix/crm", "-dnamespace=a", "-dhandler=onB")),
    "remove: this changes": (nothing, ("copy", "-dremove=contact-created")),
    ".copier-answers.yml: event ": (put(ANSWERS, "name: c", "name: C"), ("copy", f"-devent={POST}")),
    ".copier-answers.yml holds no answers": (
        lambda app: (app / ANSWERS).write_text(""),
        ("copy", f"-devent={POST}"),
    ),
    "rename: ": (commit_all, ("update", "-drename=contact-created")),
    "src/extensions.ts:…: the default export": (
        lambda app: (app / MAIN).write_text("export default 1;\n"),
        ("copy", f"-devent={POST}"),
    ),
    "src/extensions.ts:…: a merge left": (
        put(MAIN, "import", "<<<<<<< a\n=======\n>>>>>>> b\nimport"),
        ("copy", f"-devent={POST}"),
    ),
    "package.json:…: This is not valid JSON": (
        lambda app: (app / "package.json").write_text("{\n"),
        ("copy", f"-devent={POST}"),
    ),
    "… is read-only": (lambda app: (app / MAIN).chmod(0o444), ("copy", f"-devent={POST}")),
}


@pytest.mark.parametrize("start", OURS)
def test_a_message_is_printed_as_it_is_listed(template: TemplateRepo, app: Path, start: str) -> None:
    prepare, (command, *data) = OURS[start]
    prepare(app)
    source = [template.path, app] if command == "copy" else []
    done = copier_cli(command, "--trust", "--defaults", *data, *source, cwd=app)
    assert done.returncode != 0
    assert [row for row in printed(done.stderr) if row.startswith(start)], done.stderr
    assert "Traceback" not in done.stderr


# What brings Copier to each of its own messages: changes to the app and the template, arguments, environment.
Own = tuple[Callable[[Path, TemplateRepo], object], tuple[str, ...], dict[str, str]]
ADD = ("copy", "--trust", "--defaults", f"-devent={POST}", "TEMPLATE", ".")
UPDATE = ("update", "--trust", "--defaults")


def plain(app: Path, template: TemplateRepo) -> None:
    """Change nothing."""


def no_loader(app: Path, template: TemplateRepo) -> None:
    """Let Python not find the package that loads the extensions."""
    (app / "sitecustomize.py").write_text("import sys\nsys.modules['copier_template_extensions'] = None\n")


def newer_copier(app: Path, template: TemplateRepo) -> None:
    """Ask for a Copier that does not exist yet."""
    config = (template.path / "copier.yml").read_text()
    changed = re.sub(r"^(_min_copier_version): .*", r'\1: "99.0.0"', config, flags=re.MULTILINE)
    template.release("2.0.0", {"copier.yml": changed})


def no_release(app: Path, template: TemplateRepo) -> None:
    """Leave the template without a tag."""
    git(template.path, "tag", "--delete", "1.0.0")


def committed(app: Path, template: TemplateRepo) -> None:
    """Commit the app."""
    commit_all(app)


def dirty(app: Path, template: TemplateRepo) -> None:
    """Leave something that is not committed."""
    commit_all(app)
    (app / "new").write_text("x")


def answers(old: str, new: str) -> Callable[[Path, TemplateRepo], object]:
    """Change the answers file, and commit."""

    def change(app: Path, template: TemplateRepo) -> None:
        text, changes = re.subn(old, new, (app / ANSWERS).read_text(), count=1, flags=re.MULTILINE)
        assert changes
        (app / ANSWERS).write_text(text)
        commit_all(app)

    return change


def older_release(app: Path, template: TemplateRepo) -> None:
    """Make a release of a lower number."""
    template.release("0.9.0")
    answers("^_src_path: .*", f"_src_path: {template.path}")(app, template)


COPIERS: dict[str, Own] = {
    "Template uses": (plain, ("copy", "--defaults", f"-devent={POST}", "TEMPLATE", "."), {}),
    "Copier could not load": (no_loader, ADD, {"PYTHONPATH": "."}),
    "This template requires": (newer_copier, ADD, {}),
    "Interactive session": (plain, ("copy", "--trust", "TEMPLATE", "."), {}),
    "Updating is only supported in git-tracked subprojects": (plain, UPDATE, {}),
    "Destination": (dirty, UPDATE, {}),
    "Cannot update": (answers("^_commit: .*\n", ""), UPDATE, {}),
    "Updating is only supported in git-tracked templates": (
        answers("^_src_path: .*", "_src_path: /nowhere"),
        UPDATE,
        {},
    ),
    "You are downgrading": (older_release, (*UPDATE, "--vcs-ref=0.9.0"), {}),
    "No git tags": (no_release, ADD, {}),
    # Without npm, as without git, which a template on this machine does not need.
    "Task ": (plain, (*ADD[:-2], "-dvalidate=true", *ADD[-2:]), {"PATH": "/nowhere"}),
    "yaml.parser": (answers("^events:", "events: ["), UPDATE, {}),
    "ValueError": (answers("^_commit: .*", '_commit: "7.7.7"'), UPDATE, {}),
    "plumbum.commands.processes.CommandNotFound": (committed, UPDATE, {"PATH": "/nowhere"}),
    "plumbum.commands.processes.ProcessExecutionError": (
        plain,
        ("copy", "--trust", "--defaults", "https://localhost:1/x.git", "."),
        {},
    ),
}


@pytest.mark.parametrize("row", [row for row, (title, _) in ROWS.items() if title == OWN])
def test_copier_prints_its_own_messages_as_they_are_listed(
    own_template: TemplateRepo, app: Path, row: str
) -> None:
    (start,) = [start for start in COPIERS if row.startswith(start)]
    prepare, arguments, environment = COPIERS[start]
    prepare(app, own_template)
    paths = [str(own_template.path) if argument == "TEMPLATE" else argument for argument in arguments]
    done = subprocess.run(
        [sys.executable, "-m", "copier", *paths],
        cwd=app,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert row in printed(done.stderr), done.stderr


def test_every_message_that_copier_was_seen_to_print_is_listed() -> None:
    own = [row for row, (title, _) in ROWS.items() if title == OWN]
    assert [start for start in COPIERS if not any(row.startswith(start) for row in own)] == []
