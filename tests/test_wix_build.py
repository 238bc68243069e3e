"""What the template adds to an app, judged by the real tools: type checker, Prettier and the Wix build."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from template_repo import TemplateRepo, run_copy
from wix import become_site, new_app, prettier_check, tsc, webhooks, wix_build

# As the build names them: it swaps a few slugs for older names, see legacyWebhookMap in @wix/astro.
SLUGS = {
    "blog.posts.onPostCreated": "wix.blog.post_created",
    "blog.posts.onPostUpdated": "wix.blog.v3.post_updated",
    "bookings.bookings.onBookingCanceled": "wix.bookings.v2.booking_canceled",
    "bookings.bookings.onBookingConfirmed": "wix.bookings.v2.booking_confirmed",
    "crm.contacts.onContactCreated": "wix.contacts.v4.contact_created",
    "crm.contacts.onContactDeleted": "wix.contacts.v4.contact_deleted",
    "crm.contacts.onContactUpdated": "wix.contacts.v4.contact_updated",
    "ecom.cart.onCartCreated": "wix.ecom.v1.cart_created",
    "ecom.cart.onCartUpdated": "wix.ecom.v1.cart_updated",
    "ecom.orders.onOrderApproved": "wix.ecom.v1.order_approved",
    "ecom.orders.onOrderCanceled": "wix.ecom.v1.order_canceled",
    "ecom.orders.onOrderCreated": "wix.ecom.v1.order_created",
}


def add_event(template: TemplateRepo, app: Path, key: str) -> str:
    """Add an event to an app, and return its id."""
    run_copy(template, app, {"event": key})
    record = yaml.safe_load((app / ".copier-answers.yml").read_text())["events"]
    return next(str(event["id"]) for event in record if event["event"] == key)


@pytest.mark.slow
def test_events_added_one_by_one_type_check_and_are_in_the_manifest_of_either_kind_of_project(
    template: TemplateRepo, wix_app: Path
) -> None:
    before = {path: path.read_bytes() for path in wix_app.rglob("*") if path.is_file()}

    expected = sorted((add_event(template, wix_app, key), slug) for key, slug in SLUGS.items())

    written = [
        path for path in wix_app.rglob("*") if path.is_file() and before.get(path) != path.read_bytes()
    ]
    assert len(written) == 2 * len(SLUGS) + 3  # with extensions.ts, package.json and the answers file
    prettier_check(wix_app, written)
    tsc(wix_app)
    assert webhooks(wix_build(wix_app)) == expected
    become_site(wix_app)
    assert webhooks(wix_build(wix_app)) == expected


@pytest.mark.slow
def test_an_apps_own_collections_and_the_handled_events_are_one_component(
    template: TemplateRepo, tmp_path: Path
) -> None:
    app = new_app(tmp_path / "app")
    folder = app / "src/extensions/backend/data-collections"
    folder.mkdir(parents=True)
    # As `wix generate` writes it.
    (folder / "Orders.ts").write_text(
        "import type { DataCollection } from '@wix/astro/builders'\n\n"
        "export const collectionIdSuffix = 'Orders';\n\n"
        "export default {\n  idSuffix: collectionIdSuffix,\n  displayName: 'Orders',\n"
        "  fields: [{ type: 'TEXT', displayName: 'Title', key: 'title' }],\n"
        "  dataPermissions: { itemInsert: 'CMS_EDITOR', itemRead: 'CMS_EDITOR', itemRemove: 'CMS_EDITOR', "
        "itemUpdate: 'CMS_EDITOR' },\n} satisfies DataCollection;\n"
    )
    (folder / "data-collections.extension.ts").write_text(
        "import { extensions } from '@wix/astro/builders'\nimport ordersCollection from './Orders';\n\n"
        "export default extensions.dataCollections({\n"
        "  id: '44444444-4444-4444-8444-444444444444',\n  name: 'Data Collections',\n"
        "  collections: [ordersCollection],\n});\n"
    )
    (app / "src/extensions.ts").write_text(
        "import { app } from '@wix/astro/builders';\n"
        "import dataCollections from './extensions/backend/data-collections/data-collections.extension';\n\n"
        "export default app().use(dataCollections);\n"
    )
    run_copy(template, app, {"event": "crm.contacts.onContactCreated", "idempotent": True})

    tsc(app)
    [component] = [each for each in wix_build(app)["components"] if each["compType"] == "DATA_COMPONENT"]
    assert component["compId"] == "44444444-4444-4444-8444-444444444444"
    collections = component["compData"]["dataComponent"]["collections"]
    assert [each["idSuffix"] for each in collections] == ["Orders", "handled-events"]
    assert "PRIVILEGED" in collections[1]["dataPermissions"].values()


@pytest.mark.slow
def test_the_handled_events_are_declared_where_an_app_has_no_collections(
    template: TemplateRepo, wix_app: Path
) -> None:
    run_copy(template, wix_app, {"event": "crm.contacts.onContactCreated", "idempotent": True})
    [component] = [each for each in wix_build(wix_app)["components"] if each["compType"] == "DATA_COMPONENT"]
    collections = component["compData"]["dataComponent"]["collections"]
    assert [each["idSuffix"] for each in collections] == ["handled-events"]
