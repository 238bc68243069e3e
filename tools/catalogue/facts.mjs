import { description, title } from "./prose.mjs";
import { permissions } from "./scopes.mjs";

const KINDS = {
  "entity metadata": "entity",
  "data metadata": "data",
  metadata: "metadata",
  "entity metadata modifiedFields": "modified",
};

/**
 * Put together the catalogue's entry for one event.
 *
 * @param {import("typescript").TypeChecker} checker
 * @param {import("./values.mjs").Exported} event
 * @param {import("./typings.mjs").Typed} typed
 * @param {string} webhook the name that the Wix build writes for its slug
 * @returns {object} an entry of `events` in catalogue.json, without `same`
 * @throws when the event has an envelope of a kind that the template does not know
 */
export function entry(checker, event, typed, webhook) {
  const { envelope, comment, tags } = typed;
  const fields = envelope.getProperties().map((field) => field.name);
  const payload = KINDS[fields.sort().join(" ")];
  if (!payload) {
    throw new Error(
      `${event.key}: its envelope holds ${fields.join(", ")}; add this kind to facts.mjs and to the template.`,
    );
  }
  const text = (name) => tags.find((tag) => tag.name === name)?.text;
  const declared = text("eventType");
  if (declared && declared !== event.slug) {
    throw new Error(
      `${event.key}: the build calls it ${event.slug}, its typings ${declared}; typings.mjs took another event's tags.`,
    );
  }
  return {
    title: title(event.handler),
    description: description(event.handler, comment),
    slug: event.slug,
    ...(webhook !== event.slug && { webhook }),
    payload,
    ...(!identified(checker, envelope) && { id: false }),
    ...(!event.domain && { domain: false }),
    ...(text("deprecated") !== undefined && {
      deprecated: {
        ...(text("replacedBy") && { replacedBy: text("replacedBy") }),
        ...(text("targetRemovalDate") && { until: text("targetRemovalDate") }),
      },
    }),
    permissions: permissions(event.key, tags),
  };
}

/** Whether the envelope's entity, if it holds one, has an `_id`. */
function identified(checker, envelope) {
  const entity = envelope.getProperty("entity");
  return !entity || Boolean(checker.getTypeOfSymbol(entity).getProperty("_id"));
}
