"""Give Copier the functions of the package `wix_events` that lies beside this file.

An update renders with two versions of the template in one process, each with its own code. So the package is loaded from the
template's own checkout, under a name that is made from the checkout's path.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from copier.errors import UserMessageError
from jinja2 import Environment, Template, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

_COMPILED_STRINGS = 512


def load_package(folder: Path) -> ModuleType:
    """Load a package by its folder, so that relative imports work in it and nothing else can import it by chance.

    Args:
        folder: The package's folder.

    Returns:
        The package; the same one if it was loaded before.
    """
    name = f"{folder.name}_{sha256(str(folder).encode()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec and spec.loader
    package = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)
    return package


class WixEvents(Extension):
    """Offer what `wix_events.offered` lists to questions, paths and files."""

    def __init__(self, environment: Environment) -> None:
        """Load the package and add its functions to the environment."""
        super().__init__(environment)
        package = load_package(Path(__file__).with_name("wix_events"))
        functions, with_answers, with_renderer = package.offered()
        for name, function in functions.items():
            environment.globals[name] = _for_copier(function, package)
        for name, function in with_answers.items():
            environment.globals[name] = _with_answers(_for_copier(function, package))
        for name, function in with_renderer.items():
            environment.globals[name] = _with_renderer(_for_copier(function, package))
        environment.filters["comment_text"] = functions["comment_text"]
        _compile_once(environment)


def _for_copier(function: Callable[..., Any], package: ModuleType) -> Callable[..., Any]:
    """Let a function raise what Copier prints as a message, without a traceback."""

    @wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        try:
            return function(*arguments, **options)
        except package.UserError as problem:
            raise UserMessageError(package.fitted(str(problem))) from problem
        except OSError as problem:
            raise UserMessageError(package.said_of(problem)) from problem

    return call


def _with_answers(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand a function the answers in Copier's render context as its first argument."""

    @pass_context
    def call(context: Context, *arguments: Any) -> Any:
        return function(_answers(context), *arguments)

    return call


def _with_renderer(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand a function the answers in Copier's render context, and a renderer of template files, as its first arguments."""

    @pass_context
    def call(context: Context, *arguments: Any) -> Any:
        return function(_answers(context), _renderer(context), *arguments)

    return call


def _answers(context: Context) -> dict[str, Any]:
    """Return the answers in Copier's render context."""
    # Jinja has a function called `namespace`, which is also what a user may be asked for.
    builtins = context.environment.globals
    return {key: value for key, value in context.get_all().items() if value is not builtins.get(key)}


def _renderer(context: Context) -> Callable[..., str]:
    """Return what renders the template file whose name holds a mark, as Copier would."""

    def render(mark: str, variables: Mapping[str, Any]) -> str:
        root = Path(context["_copier_conf"]["src_path"])
        path = next(path for path in (root / "template").rglob("*") if mark in path.name and path.is_file())
        if path.suffix != ".jinja":
            return path.read_text(encoding="utf-8")
        template = context.environment.get_template(path.relative_to(root).as_posix())
        return template.render({**context.get_all(), **variables})

    return render


def _compile_once(environment: Environment) -> None:
    """Let an environment compile each string once: for every event, Copier renders the same few parts of paths anew.

    What extensions do before a string is compiled is still done each time: Copier's `yield` ends its last loop there.
    """
    compiled: dict[str, Template] = {}
    compile_string = environment.from_string

    def from_string(source: str) -> Template:
        environment.preprocess(source)
        if source not in compiled:
            if len(compiled) == _COMPILED_STRINGS:
                compiled.clear()
            compiled[source] = compile_string(source)
        return compiled[source]

    environment.from_string = from_string  # type: ignore[assignment,method-assign]
