/**
 * Complete entries by what the typings of one event say of another: which one replaces it, and
 * at which address another is documented. (An event's own page is told nowhere else.)
 *
 * @param {Record<string, object>} events entries of catalogue.json by key; they are changed
 * @param {Record<string, import("./typings.mjs").Typed>} typed what the typings hold, by key
 */
export function completeReferences(events, typed) {
  for (const [key, { deprecated }] of Object.entries(events)) {
    if (deprecated?.replacedBy) {
      deprecated.replacedBy =
        successor(deprecated.replacedBy, events, typed) ??
        deprecated.replacedBy;
    }
    for (const [, text, url] of typed[key].comment.matchAll(LINK)) {
      const [page] = url.split(/[?#]/);
      for (const event of Object.values(events)) {
        const path = event.title.toLowerCase().replaceAll(" ", "-");
        if (text.startsWith(event.title) && page.endsWith(`/${path}`))
          event.link = page;
      }
    }
  }
}

const LINK = /\[([^\]]*)\]\((https:\/\/dev\.wix\.com\/docs\/[^)]*)\)/g;

/**
 * Find the event that a `@replacedBy` names: by its slug (`wix.ecom.v1.order_created`), or by a
 * service and an action (`wix.ecom.abandoned_checkout.api.v1.AbandonedCheckouts.CREATED`).
 *
 * @returns {string | undefined} its key
 */
function successor(name, events, typed) {
  const keys = Object.keys(events);
  const bySlug = keys.find((key) => events[key].slug === name);
  if (bySlug) return bySlug;
  const [service, action] = name.split(".").slice(-2);
  const entity = service.replace(/(s|Service)$/, "");
  const of = (key) => typed[key].tags.find((tag) => tag.name === "slug")?.text;
  const same = keys.filter((key) => of(key) === action.toLowerCase());
  if (same.length === 1) return same[0];
  return same.find((key) => key.split(".on")[1].startsWith(entity));
}
