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
  const action =
    tags.find(({ name }) => name === "slug")?.text ??
    event.slug.split("_").at(-1);
  const fqdn = event.slug.slice(0, -action.length - 1);
  const about = {
    id: uuid(`${event.key}.entityId`),
    entity: camelCase(fqdn.split(".").at(-1)),
    // A domain event's action, such as `checked_in` or `markedAsPending`; else all of the name.
    happened: (event.domain ? action : event.handler).match(/[A-Z]?[a-z]+/g),
  };
  for (const name of ["entity", "data"]) {
    const field = envelope.getProperty(name);
    if (field) {
      const type = checker.getTypeOfSymbol(field);
      const isEntity = name === "entity";
      wanted[name] = sample(type, `${event.key}.${name}`, {
        ...about,
        isEntity,
      });
    }
  }
  const { entity, data } = toWire(wanted, event.transform);
  if (!event.domain) return data;
  return {
    id: uuid(`${event.key}.id`),
    entityFqdn: fqdn,
    slug: action,
    entityId: about.id,
    eventTime: DELIVERED,
    triggeredByAnonymizeRequest: false,
    entityEventSequence: "1",
    ...body(action, envelope, entity, data),
  };
}

function camelCase(name) {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
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
  const fields = [...values(entity, [])].sort(
    ([a], [b]) => a.length - b.length,
  );
  const [path, value] =
    fields.find(([path]) => NAMES.test(path.join("."))) ??
    fields[0] ??
    Object.entries(entity).at(-1);
  return { [[path].flat().join(".")]: value };
}

const NAMES = /^(name|title|firstName)$/;
const FIXED =
  /id$|date$|revision|namespace|^(example|lastActivity|primary(Info|Email|Phone)|source|status)$/i;

/** The fields with a single value that an update may change, with their paths. */
function* values(holder, path) {
  for (const [name, value] of Object.entries(holder)) {
    if (FIXED.test(name) || Array.isArray(value)) continue;
    const at = [...path, name];
    if (typeof value === "object") yield* values(value, at);
    else yield [at, value];
  }
}
