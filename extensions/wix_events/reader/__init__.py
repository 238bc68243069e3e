"""Read what the TypeScript of a Wix CLI app says. Nothing is run and nothing is written.

Files are parsed, and names are followed through constants, imports and re-exports as far as the code says plainly
what they stand for. `syntax` is for who edits TypeScript, too.
"""

from .app import REGISTRATIONS, App, Barrel, Binding, read_app
from .extensions import FoundExtension, Span
from .files import Problem
from .imports import LocalImport, LocalImports, imports_from, reaches, relative_imports
from .syntax import parse, text
from .values import Place

__all__ = [
    "REGISTRATIONS",
    "App",
    "Barrel",
    "Binding",
    "FoundExtension",
    "LocalImport",
    "LocalImports",
    "Place",
    "Problem",
    "Span",
    "imports_from",
    "parse",
    "reaches",
    "read_app",
    "relative_imports",
    "text",
]
