import { isDeepStrictEqual } from "node:util";

// @wix/sdk-runtime renames these fields wherever they stand (rename-all-nested-keys).
const WIRE_NAMES = {
  _id: "id",
  _createdDate: "createdDate",
  _updatedDate: "updatedDate",
};

// And these of an address (transformations/address).
const ADDRESS_NAMES = {
  formatted: "formattedAddress",
  location: "geocode",
  addressLine1: "addressLine",
};

const PAGE = { base: "https://www.example.com", path: "/page" };
const PAGE_URL = PAGE.base + PAGE.path;

// What may stand on the wire for a value that the handler gets. The SDK turns the one into
// the other, but only trying tells where it does so.
const VALUES = [
  // A media item, handed out as `wix:image://v1/…` and the like.
  {
    is: (value) => typeof value === "string",
    form: () => ({
      id: "example.jpg",
      url: "https://static.wixstatic.com/media/example.jpg",
      width: 600,
      height: 400,
      filename: "example.jpg",
    }),
    becomes: (got) => typeof got === "string" && got.startsWith("wix:"),
  },
  // A page's address, of two generations.
  {
    is: (value) => typeof value === "string",
    form: () => PAGE,
    becomes: (got) => got === PAGE_URL,
  },
  {
    is: (value) => typeof value === "string",
    form: () => ({ relativePath: PAGE.path, url: PAGE_URL }),
    becomes: (got) => got === PAGE_URL,
  },
];
const OBJECTS = [
  (address) => plain(address, { ...WIRE_NAMES, ...ADDRESS_NAMES }),
  // The fields of a data item keep their names.
  (item) => plain(item, {}, (date) => ({ $date: date.toISOString() })),
];

/**
 * Find what must be delivered for a handler to get a given envelope.
 *
 * @param {object} wanted the envelope that the handler is to get
 * @param {(envelope: object) => object} transform the SDK's, from delivered to handled
 * @returns {object} plain JSON; a field that the SDK hands out to nobody is left out
 */
export function toWire(wanted, transform) {
  const delivered = plain(wanted, WIRE_NAMES);
  const open = () => differences(wanted, handled(delivered, transform));
  const seen = new Set();
  for (;;) {
    const path = open().find((one) => !seen.has(one.join(".")));
    if (!path) return delivered;
    seen.add(path.join("."));
    if (repair(path, wanted, delivered, transform, open)) continue;
    if (get(handled(delivered, transform), path) === undefined) {
      const holder = get(delivered, path.slice(0, -1));
      delete holder[keyIn(holder, path.at(-1))];
    }
  }
}

/** Try other forms for the value at a path, then for the object that holds it. */
function repair(path, wanted, delivered, transform, open) {
  const attempt = (at, form, holds) => {
    const holder = get(delivered, at.slice(0, -1));
    const key = keyIn(holder, at.at(-1));
    const before = holder[key];
    holder[key] = form(get(wanted, at));
    if (holds()) return true;
    holder[key] = before;
    return false;
  };
  const value = get(wanted, path);
  for (const { is, form, becomes } of VALUES) {
    const holds = () => becomes(get(handled(delivered, transform), path));
    if (is(value) && attempt(path, form, holds)) return true;
  }
  const count = open().length;
  const parent = path.slice(0, -1);
  return (
    parent.length > 1 &&
    OBJECTS.some((form) => attempt(parent, form, () => open().length < count))
  );
}

function handled(delivered, transform) {
  try {
    return transform(structuredClone(delivered));
  } catch {
    return undefined;
  }
}

/** The paths at which a handled envelope is not as wanted. */
function differences(wanted, got, path = []) {
  if (isDeepStrictEqual(wanted, got)) return [];
  if (!isTree(wanted) || !isTree(got)) return [path];
  return Object.keys(wanted).flatMap((key) =>
    differences(wanted[key], got[key], [...path, key]),
  );
}

/** A value as JSON holds it, its fields renamed. */
function plain(value, names, date = (one) => one.toISOString()) {
  if (value instanceof Date) return date(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map((one) => plain(one, names, date));
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [
      names[key] ?? key,
      plain(field, names, date),
    ]),
  );
}

function get(root, path) {
  return path.reduce((holder, key) => holder?.[keyIn(holder, key)], root);
}

function keyIn(holder, key) {
  return key in holder ? key : (WIRE_NAMES[key] ?? key);
}

function isTree(value) {
  return (
    Array.isArray(value) ||
    (value instanceof Object &&
      Object.getPrototypeOf(value) === Object.prototype)
  );
}
