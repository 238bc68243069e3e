"""What people make by hand in an app, beside the template."""

from __future__ import annotations

from pathlib import Path

from apps import EXTENSIONS

IDS = [f"{number}0000000-0000-4000-8000-000000000000" for number in range(1, 10)]


def builder_text(id_: str, source: str, name: str = "extensions") -> str:
    """Return a builder file as people write it by hand."""
    return (
        f"import {{ {name} }} from '@wix/astro/builders';\n\n"
        f"export default {name}.event({{\n  id: '{id_}',\n  source: '{source}',\n}});\n"
    )


def listener_text(package: str, namespace: str, function: str, alias: str = "") -> str:
    """Return a handler file as people write it by hand."""
    imported = f"{namespace} as {alias}" if alias else namespace
    return (
        f"import {{ {imported} }} from '@wix/{package}';\n\n"
        f"// export default carts.onCartDeleted(() => {{}});\n"
        f"export default {alias or namespace}.{function}(async () => {{}});\n"
    )


def use(app: Path, binding: str, specifier: str) -> None:
    """Register a default export in the `src/extensions.ts` of an app with the event of CONTACT."""
    source = (app / EXTENSIONS).read_text()
    chain = f".use({binding})\n  .use(eventContactCreated)"
    (app / EXTENSIONS).write_text(
        f"import {binding} from '{specifier}';\n{source.replace('.use(eventContactCreated)', chain, 1)}"
    )


# Events made by hand, in the shapes that people write.
ADOPTED_IDS = [f"0a1b2c3d-0000-4000-8000-00000000000{number}" for number in range(6)]
MADE_BY_HAND = {
    "src/extensions/orders/paid.extension.ts": "import { extensions } from '@wix/astro/builders'\n"
    f"export default extensions.event({{ id: '{ADOPTED_IDS[0]}', source: './extensions/orders/paid.ts' }})\n",
    "src/extensions/orders/paid.ts": "export { default } from './paid-handler'\n",
    "src/extensions/orders/paid-handler.ts": "import { orders } from '@wix/ecom'\n"
    "export default orders.onOrderApproved(async () => {})\n",
    "src/hooks/label.extension.ts": 'import * as builders from "@wix/astro/builders";\n'
    f'export const label = builders.extensions.event({{\n  id: "{ADOPTED_IDS[1]}",\n  source: "./hooks/on-label.ts",\n}});\n',
    "src/hooks/on-label.ts": 'import * as crm from "@wix/crm";\nexport default (crm.labels as any).onLabelCreated(() => {});\n',
    "src/backend/events/my_Event/my-event.extension.ts": 'import { extensions } from "@wix/astro/builders";\n'
    f'export const eventMine = extensions.event({{\n  id: "{ADOPTED_IDS[2]}",\n  source: "./backend/events/my_Event/my-event.ts",\n}});\n',
    "src/backend/events/my_Event/my-event.ts": 'import { comments } from "@wix/comments";\n'
    "export default comments.onCommentCreated(() => {});\n",
    EXTENSIONS: 'import { app } from "@wix/astro/builders";\n'
    "import paid from './extensions/orders/paid.extension';\n"
    'import { label as tag } from "./hooks/label.extension.ts";\n'
    'import { eventMine } from "./backend/events/my_Event/my-event.extension";\n'
    "\n"
    "export default app().use(paid).use(tag).use(eventMine);\n",
}
