"""What the template adds to an app, judged by the real tools: type checker, Prettier and the Wix build."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from template_repo import TemplateRepo, run_copy
from wix import new_app, prettier_check, tsc, webhooks, wix_build

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
@pytest.mark.parametrize("project_type", ["App", "Site"])
def test_events_added_one_by_one_type_check_and_are_in_the_manifest(
    template: TemplateRepo, tmp_path: Path, project_type: str
) -> None:
    app = new_app(tmp_path / "app", project_type)
    before = {path: path.read_bytes() for path in app.rglob("*") if path.is_file()}

    expected = sorted((add_event(template, app, key), slug) for key, slug in SLUGS.items())

    written = [path for path in app.rglob("*") if path.is_file() and before.get(path) != path.read_bytes()]
    assert len(written) == 2 * len(SLUGS) + 3  # with extensions.ts, package.json and the answers file
    prettier_check(app, written)
    tsc(app)
    assert webhooks(wix_build(app)) == expected
