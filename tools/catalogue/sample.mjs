import { createHash } from "node:crypto";
import { isEntityId, isSo, state } from "./about.mjs";

// The formats that the SDK's typings name with @format.
const FORMATS = {
  COLOR_HEX: "#116DFF",
  COUNTRY: "US",
  CURRENCY: "USD",
  DECIMAL_VALUE: "10.00",
  EMAIL: "jane.doe@example.com",
  LANGUAGE: "en",
  LANGUAGE_TAG: "en-US",
  LOCAL_DATE: "2026-01-15",
  LOCAL_DATE_TIME: "2026-01-15T10:00:00",
  LOCAL_TIME: "10:00:00",
  PHONE: "+1 555 555 0100",
  SUBDIVISION: "US-NY",
  URI: "https://www.example.com",
  URL_SLUG: "example",
  WEB_URL: "https://www.example.com",
};

// What a field's name tells, where the typings name no format; the first that fits.
const STRINGS = [
  [/email/i, FORMATS.EMAIL],
  [/phone/i, FORMATS.PHONE],
  [/(url|uri|link)s?$/i, FORMATS.WEB_URL],
  [/^first(Name)?$/i, "Jane"],
  [/^last(Name)?$/i, "Doe"],
  [/^(fullName|displayName|nickname|authorName)$/i, "Jane Doe"],
  [/currency/i, FORMATS.CURRENCY],
  [/(locale|languageTag)/i, FORMATS.LANGUAGE_TAG],
  [/language/i, FORMATS.LANGUAGE],
  [/time_?zone/i, "America/New_York"],
  [/city/i, "New York"],
  [/countryFullName/i, "United States"],
  [/country/i, FORMATS.COUNTRY],
  [/subdivision|region/i, FORMATS.SUBDIVISION],
  [/(postal|zip)_?code/i, "10001"],
  [/addressLine|formatted.*address/i, "1 Example Street"],
  [/slug/i, FORMATS.URL_SLUG],
  [/colou?r/i, FORMATS.COLOR_HEX],
  [/sku/i, "SKU-001"],
  [/(revision|version|sequence|count|number|quantity)$/i, "1"],
  [/(amount|price|total|tax|discount|fee|cost|balance|rate)$/i, "10.00"],
  [/birth/i, "1990-01-31"],
  [/(date|start|end|timestamp)$/i, "2026-01-15T10:00:00.000Z"],
  [/time$/i, FORMATS.LOCAL_TIME],
];
const NUMBERS = [
  [/latitude/i, 40.7128],
  [/longitude/i, -74.006],
  [/(width|height)$/i, 600],
  [/expir\w*year/i, 2027],
  [/year/i, 2026],
  [/^max/i, 10],
  [/(amount|price|total|cost|balance)$/i, 10],
];
const ID = /^_?id$|[a-z](Id|ID|Guid|GUID)$/;
const TRUE =
  /^(is|has)?(active|available|enabled|inStock|primary|published|valid|visible)$/i;
const END =
  /^(end(ed)?|to|until|due|expir(es|y|ation))(?![a-z])|(End(ed)?|Until|Due|Expir(es|y|ation))(?![a-z])/;
const UNSET =
  /UNKNOW|UNDEFINED|UNSPECIFIED|UNRECOGNI[SZ]ED|INVALID|^(NONE|DEFAULT|NOT_SET|UNTAGGED)$|^(NO|NA)_/;

const DEEPEST = 4;
const LARGEST = 8000;

/**
 * Make sample values for types, as a handler gets them.
 *
 * @param {typeof import("typescript")} ts
 * @param {import("typescript").TypeChecker} checker
 * @returns {(type: import("typescript").Type, seed: string, about: import("./about.mjs").About) => unknown} the seed,
 *   such as the event's key, makes the ids in the sample its own
 */
export function sampler(ts, checker) {
  const tag = (field, name) =>
    field.getJsDocTags(checker).find((found) => found.name === name);

  const value = (declared, at) => {
    const type = checker.getNonNullableType(declared);
    if (type.flags & ts.TypeFlags.BooleanLike) {
      return TRUE.test(at.name) || isSo(at);
    }
    if (type.isUnion()) return choice(type, at);
    if (type.isLiteral()) return type.value;
    if (type.flags & ts.TypeFlags.StringLike) return string(at);
    if (type.flags & ts.TypeFlags.NumberLike) {
      return byName(NUMBERS, at.name) ?? 1;
    }
    if (type.flags & ts.TypeFlags.Any) return "Example";
    if (type.symbol?.name === "Date") return date(at.name);
    if (type.symbol?.name === "Uint8Array") return Uint8Array.of(1, 2, 3);
    if (checker.isArrayType(type)) {
      const item = value(checker.getTypeArguments(type)[0], at);
      return item === undefined ? undefined : [item];
    }
    return object(type, at);
  };

  const choice = (type, at) => {
    const member = type.types.find((one) => one.symbol?.valueDeclaration);
    if (member && ts.isEnumMember(member.symbol.valueDeclaration)) {
      const { members } = member.symbol.valueDeclaration.parent;
      const values = members.map((one) => checker.getConstantValue(one));
      return (
        state(values, at) ?? values.find((one) => !UNSET.test(one)) ?? values[0]
      );
    }
    if (type.types.every((one) => one.isStringLiteral())) {
      const values = type.types.map((one) => one.value).sort();
      return state(values, at) ?? values[0];
    }
    return value(type.types[0], at);
  };

  const string = (at) => {
    const { seed, name, field } = at;
    const format = field && tag(field, "format")?.text[0].text.trim();
    if (isEntityId(at)) return at.about.id;
    if (format === "GUID" || ID.test(name)) return uuid(`${seed}.${name}`);
    const text = hour(
      FORMATS[format] ?? byName(STRINGS, name) ?? "Example",
      at,
    );
    return field && tag(field, "decimalValue") ? FORMATS.DECIMAL_VALUE : text;
  };

  const object = (type, at) => {
    const deep = at.depth > at.deepest || at.within.includes(type);
    if (deep && at.optional) return undefined;
    const fields = checker.getPropertiesOfType(type);
    const groups = alternatives(type);
    const result = {};
    for (const field of fields) {
      const optional = Boolean(field.flags & ts.SymbolFlags.Optional);
      if (optional && (deep || tag(field, "deprecated"))) continue;
      const group = groups.find((names) => names.has(field.name));
      if (group?.chosen) continue;
      const made = value(checker.getTypeOfSymbol(field), {
        ...at,
        field,
        optional,
        name: field.name,
        holder: at.name,
        seed: `${at.seed}.${field.name}`,
        depth: at.depth + 1,
        within: [...at.within, type],
      });
      if (made === undefined) continue;
      if (group) group.chosen = true;
      result[field.name] = made;
    }
    const entries = checker.getIndexTypeOfType(type, ts.IndexKind.String);
    if (entries && !deep) {
      const within = { ...at, name: "", optional: true, depth: at.depth + 1 };
      const made = value(entries, within);
      if (made !== undefined) result.example = made;
    }
    const cut = (fields.length || entries) && !Object.keys(result).length;
    return cut && at.optional ? undefined : result;
  };

  /** The field names of an interface's bases …OneOf: of each, one field is set. */
  const alternatives = (type) =>
    (type.isClassOrInterface() ? checker.getBaseTypes(type) : [])
      .filter((base) => base.symbol.name.endsWith("OneOf"))
      .map((base) => new Set(base.getProperties().map(({ name }) => name)));

  return (type, seed, about) => {
    for (let deepest = DEEPEST; ; deepest--) {
      const at = { seed, about, name: "", depth: 0, deepest, within: [] };
      const made = value(type, at);
      if (JSON.stringify(made).length <= LARGEST || deepest === 1) return made;
    }
  };
}

/** @returns {string} the same version-4 UUID for the same seed */
export function uuid(seed) {
  const hex = createHash("sha256").update(seed).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function byName(table, name) {
  return table.find(([pattern]) => pattern.test(name))?.[1];
}

function date(name) {
  const time = /created/i.test(name) ? 9 : END.test(name) ? 11 : 10;
  return new Date(Date.UTC(2026, 0, 15, time));
}

/** Put the end of something an hour, or a day, after its start. */
function hour(text, { name }) {
  if (!END.test(name)) return text;
  return text === FORMATS.LOCAL_DATE
    ? "2026-01-16"
    : text.replace("10:00:00", "11:00:00");
}
