// Looks in sample payloads, beside the SDK's typings, for what does not show what happened.
// Standard input: {"<key>": <sample>}. Prints how many states were looked at, and the wrong ones.
// node tests/sample_states.mjs <folder of the tool> <folder of the SDK project>
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [tool, sdk] = process.argv.slice(2);
const from = (name) => import(pathToFileURL(path.join(tool, name)).href);
const { loadTypeScript, openTypings } = await from("typings.mjs");
const { readExports } = await from("values.mjs");

const samples = JSON.parse(readFileSync(0, "utf8"));
const products = [
  ...new Set(Object.keys(samples).map((key) => key.split(".")[0])),
];
const events = (await readExports(sdk, products)).filter(
  ({ key }) => key in samples,
);
const ts = loadTypeScript(sdk);
const { checker, read } = openTypings(ts, sdk, [
  ...new Set(events.map((event) => event.package)),
]);

const plain = (text) => text.toUpperCase().replace("CANCELLED", "CANCELED");
let looked = 0;
const wrong = [];
for (const event of events) {
  const { envelope } = read(event);
  const verb = plain(event.handler.match(/[A-Z][a-z]+/g).at(-1));
  const payload = samples[event.key];
  const body =
    payload.actionEvent?.body ??
    payload.createdEvent?.entity ??
    payload.updatedEvent?.currentEntity ??
    payload.deletedEvent?.deletedEntity ??
    payload;
  const field = envelope.getProperty("entity") ?? envelope.getProperty("data");
  if (field) look(checker.getTypeOfSymbol(field), body, event.key, verb);
}
console.log(JSON.stringify({ looked, wrong }));

/** Compares a sample with the enums of its type, field by field. */
function look(declared, value, at, verb) {
  const type = checker.getNonNullableType(declared);
  if (Array.isArray(value)) {
    const [item] = checker.getTypeArguments(type);
    for (const one of value) if (item) look(item, one, at, verb);
  } else if (typeof value === "object" && value !== null) {
    for (const property of checker.getPropertiesOfType(type)) {
      if (property.name in value) {
        look(
          checker.getTypeOfSymbol(property),
          value[property.name],
          `${at}.${property.name}`,
          verb,
        );
      }
    }
  } else if (
    type.isUnion() &&
    type.types.some((one) => one.isStringLiteral())
  ) {
    if (/\.(previous|old)\w*$/i.test(at)) return;
    const values = type.types
      .filter((one) => one.isStringLiteral())
      .map((one) => one.value);
    if (!values.some((one) => plain(one) === verb)) return;
    looked += 1;
    if (plain(value) !== verb) wrong.push(`${at}: ${value} instead of ${verb}`);
  }
}
