"""Edit an app's src/extensions.ts: bytes in, bytes out, on its syntax tree and by byte ranges only.

The editor writes what the reader misses and resolves no specifier by itself: each function is handed `module_of`,
which finds the app's file, without its suffix, that a specifier in the file leads to.
"""

from .add import add_reexport as add_reexport
from .add import register as register
from .registration import ModuleOf as ModuleOf
from .registration import Registration as Registration
from .registration import RegistrationError as RegistrationError
from .remove import unregister as unregister
