/**
 * @typedef {object} About what a sample tells of
 * @property {string} id the id of the entity that the event is about
 * @property {boolean} isEntity whether the whole sample is that entity
 * @property {string} entity what it is, as the names of fields call it: `ticketReservation`
 * @property {string[]} happened what happened to it, in words: `["Checked", "In"]`
 */

const BEFORE = /^(previous|old|former|original)/i;
// Entities that are known by the id of another.
const KNOWN_BY = { fulfillments: "orderId", orderTransactions: "orderId" };
// What is so, besides, once it happened; in the words of the SDK's enums.
const IMPLIED = { approved: "paid", purchased: "paid" };

/**
 * @typedef {object} Field a field of a sample
 * @property {string} name
 * @property {string} holder the name of the field that holds it
 * @property {number} depth 1 for a field of the sample itself
 * @property {About} about
 */

/**
 * Find the value of an enum that says what happened: `APPROVED` for an order that was approved.
 *
 * @param {string[]} values
 * @param {Field} field
 * @returns {string | undefined} undefined if none does
 */
export function state(values, { name, about }) {
  if (BEFORE.test(name)) return undefined;
  const last = plainWord(about.happened.at(-1));
  const words = [plainWord(about.happened.join("")), last, IMPLIED[last]];
  return words
    .map((word) => values.find((one) => word && plainWord(one) === word))
    .find(Boolean);
}

/**
 * Whether a field says of the entity what happened to it: `archived`, `isDefault`.
 *
 * @param {Field} field
 * @returns {boolean}
 */
export function isSo({ name, about }) {
  const field = plainWord(name.replace(/^(is|has)(?=[A-Z])/, ""));
  return about.happened.some((word) => plainWord(word) === field);
}

/**
 * Whether a field is the id of the entity that the event is about.
 *
 * @param {Field} field
 * @returns {boolean}
 */
export function isEntityId({ name, holder, depth, about }) {
  const { entity, isEntity } = about;
  const known = KNOWN_BY[entity];
  if (known) return name === known;
  if (!/^_?id$/.test(name)) {
    return (
      name === `${entity}Id` || (depth === 1 && isNow(name, `${entity}Id`))
    );
  }
  if (isEntity || depth === 1) return depth === 1;
  if (holder === entity) return true;
  return (
    depth === 2 &&
    (/^(entity|currentEntity|afterUpdate)$/.test(holder) ||
      isNow(holder, entity) ||
      entity.startsWith(holder))
  );
}

/** Whether a field's name says that it holds something as it is now: `targetContact`. */
function isNow(name, what) {
  return new RegExp(`^(${what}|(curr|target|updated)\\w*${what})$`, "i").test(
    name,
  );
}

function plainWord(text) {
  return `${text}`
    .toLowerCase()
    .replace(/[^a-z]/g, "")
    .replace("cancelled", "canceled");
}
