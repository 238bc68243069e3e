"""Small apps for the tests of the reader."""

from __future__ import annotations

from pathlib import Path

from wix_events import reader

Files = dict[str, str | bytes]

ID = "0d5e2c1a-7b4f-4c3d-9e21-6a8f5b3c1d20"
OTHER_ID = "f2d8a7be-93c1-4e60-8b7a-1c2d3e4f5a6b"
IMPORT = 'import { extensions } from "@wix/astro/builders";\n'
HANDLER = """\
import { contacts } from "@wix/crm";

export default contacts.onContactCreated(async (event) => {
  console.log(event.entity._id);
});
"""
OTHER_HANDLER = 'import { orders } from "@wix/ecom";\nexport default orders.onOrderCreated(() => {});\n'
OPTIONS = f'{{ id: "{ID}", source: "./h.ts" }}'
BUILDER = f"{IMPORT}export default extensions.event({OPTIONS});\n"
OTHER_BUILDER = (
    f'{IMPORT}export const second = extensions.event({{ id: "{OTHER_ID}", source: "./other.ts" }});\n'
)
CHAIN = 'import { app } from "@wix/astro/builders";\nimport x from "./x.extension";\nexport default app().use(x);\n'

# ./x.extension default-exports ID, ./y.extension exports `second` with OTHER_ID.
X, Y = 'import x from "./x.extension";\n', 'import { second } from "./y.extension";\n'
APP = 'import { app } from "@wix/astro/builders";\n'
BARREL: Files = {
    "src/all/index.ts": 'export { default as x } from "../x.extension";\nexport * from "../y.extension";\n'
}
TSCONFIG = '{ // c\n "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["./src/*"], /* d */ }, },\n}'
CRM = 'import { contacts } from "@wix/crm";\n'
CREATED = "contacts.onContactCreated(async (event) => {})"
KEY = "crm.contacts.onContactCreated"


def write(root: Path, files: Files) -> Path:
    """Write files into an app, and return its root."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def read(root: Path, files: Files) -> reader.App:
    """Write files into an app and read it."""
    return reader.read_app(write(root, files))


def one_extension(app: reader.App) -> reader.FoundExtension:
    """Return the only extension of an app that has no problem."""
    assert app.problems == ()
    (extension,) = app.extensions
    return extension


def chain(*uses: str, imports: str = "") -> str:
    """Return the text of a src/extensions.ts."""
    return f"{APP}{imports}export default app(){''.join(f'{chr(10)}  .use({use})' for use in uses)};\n"
