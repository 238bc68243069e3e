"""Checks of what lets a handler do its work once: `once.ts`, its calls, its collection."""

from __future__ import annotations

from ... import collections, files, names, reader
from ...once import once_files
from ...reader import syntax
from ...record import Record
from .inspection import Inspection, RecordedEvent


def check_once(app: Inspection) -> None:
    """Compare what is recorded on doing work once with the code."""
    for record in app.records:
        items = [item for item in app.own_events() if item.record is record and item.event.get("idempotent")]
        if record.once:
            _check_collection(app, record, once_files(record.events_dir)["collection"])
        if not items:
            continue
        module = once_files(record.events_dir)["helper"]
        if not (app.root / module).is_file():
            who = f"{items[0].name} does its" if len(items) == 1 else f"{len(items)} handlers do their"
            problem = f"{module} is missing, but {who} work once with it"
            app.missing.add(names.module_of(module))
            app.add(record.file, items[0].line, "once", problem, items[0].again)
            continue
        _check_namespace(app, module)
        for item in items:
            _check_call(app, item, module)


def _check_namespace(app: Inspection, module: str) -> None:
    """Note the placeholder for the app's namespace."""
    source = app.read(module)
    at = source.find(f"{names.NO_NAMESPACE}/".encode())
    if at >= 0:
        problem = f"{names.NO_NAMESPACE} stands for your app's namespace, so each delivery fails"
        remedy = "Put the namespace there, which the app dashboard shows"
        app.add(module, files.line_at(source, at), "namespace", problem, remedy)


def _check_call(app: Inspection, item: RecordedEvent, module: str) -> None:
    """Note a handler that does not call `once`, neither itself nor through a file that it imports."""
    handler = app.real(item.handler)
    if not (app.root / handler).is_file() or app.reported(handler, "code", "conflict"):
        return
    once_file = app.real(module)
    imports = app.imports.get(handler, [])
    direct = {item.specifier for item in imports if item.target == once_file}
    if direct:
        bindings = {
            binding.binding
            for binding in syntax.imports(syntax.parse(app.read(handler)))
            if binding.specifier in direct
        }
        called = _calls(app.read(handler), bindings)
    else:
        # Other files of the app's own may do it for this one.
        called = reader.reaches(app.imports, handler, once_file)
    nowhere = any(item.target is None for item in imports)
    if not called and not nowhere:
        problem = f"{item.name} is recorded to do its work once, but this does not call once"
        app.add(
            handler, 1, "once", problem, "Wrap the work: await once(event.metadata._id, async () => { … })"
        )


def _calls(source: bytes, names: set[str]) -> bool:
    """Tell whether code calls a function by one of some names, or by a member of one."""
    for node in syntax.walk(syntax.parse(source)):
        callee = node.child_by_field_name("function") if node.type == "call_expression" else None
        if callee is not None and syntax.text(syntax.member_root(callee)) in names:
            return True
    return False


def _check_collection(app: Inspection, record: Record, module: str) -> None:
    """Note that the collection of handled events is not there, not declared, not registered, or has another id."""
    again = next(
        (item.again for item in app.own_events() if item.record is record), "Restore it from version control"
    )
    if not (app.root / module).is_file():
        app.missing.add(names.module_of(module))
        problem = f"{module} is missing, the collection of handled events"
        app.add(record.file, 1, "collection", problem, again)
        return
    found = [each for each in app.code.extensions if each.kind == collections.EXPORT]
    target = app.real(module)
    declared = next((each for each in found if reader.reaches(app.imports, each.builder, target)), None)
    if declared is None:
        problem = "No extensions.dataCollections(…) has this collection, so each delivery fails"
        app.add(module, 1, "collection", problem, again)
        return
    if not declared.registered and not app.registrations_unclear():
        problem = f"The app's collections are not registered in {reader.REGISTRATIONS}"
        app.add(declared.builder, declared.line, "registration", problem, again)
    # `wix generate` writes this file, too, with a default export and an id of its own.
    ours = declared.builder == f"{collections.EXTENSION}.ts" and declared.export == collections.EXPORT
    if ours and record.once and declared.id != record.once["id"]:
        problem = (
            f"The id of the app's collections is {declared.id or 'not a plain string'}; "
            f"Wix knows them by {record.once['id']} ({record.file})"
        )
        app.add(declared.builder, declared.id_line, "id", problem, "Put the recorded id back")
