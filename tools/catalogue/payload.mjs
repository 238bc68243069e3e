import { uuid } from "./sample.mjs";
import { toWire } from "./wire.mjs";

const DELIVERED = "2026-01-15T10:00:00.000Z";

/**
 * Make the payload of a sample delivery of one event.
 *
 * This is the JSON that a webhook's token carries as `data.data`. The SDK makes the
 * handler's envelope from it (@wix/sdk, event-handlers-modules, runHandler): of a domain
 * event, from `createdEvent`, `updatedEvent`, `deletedEvent` or `actionEvent`, the rest
 * being metadata; of any other event, the payload is `event.data`.
 *
 * @param {import("./values.mjs").Exported} event
 * @param {import("./typings.mjs").Typed} typed
 * @param {import("typescript").TypeChecker} checker
 * @param {ReturnType<typeof import("./sample.mjs").sampler>} sample
 * @returns {object} plain JSON
 */
export function samplePayload(event, { envelope, tags }, checker, sample) {
  const wanted = event.domain
    ? { metadata: { eventTime: new Date(DELIVERED) } }
    : { metadata: {} };
  for (const name of ["entity", "data"]) {
    const field = envelope.getProperty(name);
    if (field) {
      const type = checker.getTypeOfSymbol(field);
      wanted[name] = sample(type, `${event.key}.${name}`);
    }
  }
  const { entity, data } = toWire(wanted, event.transform);
  if (!event.domain) return data;
  const action =
    tags.find(({ name }) => name === "slug")?.text ??
    event.slug.split("_").at(-1);
  return {
    id: uuid(`${event.key}.id`),
    entityFqdn: event.slug.slice(0, -action.length - 1),
    slug: action,
    entityId: entity?.id ?? uuid(`${event.key}.entityId`),
    eventTime: DELIVERED,
    triggeredByAnonymizeRequest: false,
    entityEventSequence: "1",
    ...body(action, envelope, entity, data),
  };
}

function body(action, envelope, entity, data) {
  if (data) return { actionEvent: { body: data } };
  if (action === "created") return { createdEvent: { entity } };
  if (action === "deleted") {
    return { deletedEvent: entity ? { deletedEntity: entity } : {} };
  }
  return {
    updatedEvent: {
      currentEntity: entity,
      ...(envelope.getProperty("modifiedFields") && {
        modifiedFields: modified(entity),
      }),
    },
  };
}

/** One field that an update may have changed, as delivered: its path and its value. */
function modified(entity) {
  const [path, value] = firstValue(entity, []) ?? Object.entries(entity).at(-1);
  return { [path]: value };
}

function firstValue(holder, path) {
  for (const [name, value] of Object.entries(holder)) {
    if (/id$|date$|revision/i.test(name) || Array.isArray(value)) continue;
    const at = [...path, name];
    if (typeof value !== "object") return [at.join("."), value];
    const inner = firstValue(value, at);
    if (inner) return inner;
  }
  return undefined;
}
