"""Read what the TypeScript of a Wix CLI app says. Nothing is run and nothing is written.

Files are parsed, and names are followed through constants, imports and re-exports as far as the code says plainly
what they stand for. `syntax` is for who edits TypeScript, too.
"""

from .app import REGISTRATIONS as REGISTRATIONS
from .app import App as App
from .app import read_app as read_app
from .extensions import FoundExtension as FoundExtension
from .files import AppFiles as AppFiles
from .files import Problem as Problem
from .files import lost_import as lost_import
from .imports import LocalImport as LocalImport
from .imports import imports_from as imports_from
from .imports import reaches as reaches
from .imports import relative_imports as relative_imports
from .syntax import parse as parse
