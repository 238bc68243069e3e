// The areas that a product's scopes are named by, where that is not the product's own name:
// the second part of `SCOPE.DC-PAIDPLANS.READ-ORDERS`, without DC and MEGA.
const AREAS = {
  "app-management": ["", "DEV_CENTER"],
  "business-tools": ["", "DEV_CENTER", "MULTILOCATION"],
  categories: ["CATEGORIES", "STORES"],
  crm: ["CONTACTS", "CRM"],
  ecom: ["ECOM", "STORES"],
  faq: ["LABS"],
  groups: ["MANAGE"],
  "online-programs": ["CHALLENGES"],
  "pricing-plans": ["PAIDPLANS"],
  seo: ["PROMOTE"],
};

/**
 * Tell whether a scope is one of the event's own product.
 *
 * @param {string} id `SCOPE.DC-FORMS.READ-SUBMISSIONS`
 * @param {string} key the event's key
 * @returns {boolean}
 */
export function isOwn(id, key) {
  const product = key.split(".")[0];
  const area = id.split(".")[1].replace(/^DC[-_]?|-MEGA$/g, "");
  return (AREAS[product] ?? [product.toUpperCase()]).includes(area);
}

/**
 * List the scopes that let an app receive an event: the one to ask for first. That is one of
 * the event's own product, that only reads, is about what the event is about, and reaches
 * least far.
 *
 * @param {string} key the event's key
 * @param {{ name: string, text: string }[]} tags the tags of its typings, in order
 * @returns {{ id: string, name: string }[]}
 */
export function permissions(key, tags) {
  const scopes = new Map();
  let name;
  for (const tag of tags) {
    if (tag.name === "permissionScope") name = tag.text;
    if (tag.name === "permissionScopeId") scopes.set(tag.text, name);
  }
  const about = nouns(key.slice(key.indexOf(".")));
  const rank = ([id, label]) => [
    Number(!isOwn(id, key)),
    Number(id.includes("MEGA")),
    Number(!/^(Read|View)\b/.test(label)),
    -nouns(`${id.split(".").slice(2)} ${label}`).filter((noun) =>
      about.includes(noun),
    ).length,
    Number(id.startsWith("SCOPE.CRM.")), // automations, whatever the event is about
    label.length,
    id,
  ];
  return [...scopes]
    .sort((a, b) => compare(rank(a), rank(b)))
    .map(([id, label]) => ({ id, name: label }));
}

/** The words of a text in lower case and in the singular, each once. */
function nouns(text) {
  const words = text.match(/[A-Z]?[a-z]+|[A-Z]+/g) ?? [];
  return [
    ...new Set(
      words.map((word) =>
        word
          .toLowerCase()
          .replace(/ies$/, "y")
          .replace(/(?<!s)s$/, ""),
      ),
    ),
  ];
}

function compare(a, b) {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : a[at] < b[at] ? -1 : 1;
}
