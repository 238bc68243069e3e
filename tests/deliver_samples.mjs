// Delivers sample payloads through the real Wix SDK and prints, as a TypeScript module,
// what the handlers got. Standard input: {"<key>": {"slug": …, "identity": …, "payload": …}}.
// Run with the SDK project as working folder, from text, so that imports resolve there.
import { readFileSync } from "node:fs";
import { createClient } from "@wix/sdk";

const lines = [];
const imports = new Map();
for (const [key, sample] of Object.entries(
  JSON.parse(readFileSync(0, "utf8")),
)) {
  const [product, namespace, handler] = key.split(".");
  const name = `@wix/${product}`;
  if (!imports.has(name)) imports.set(name, `p${imports.size}`);
  const token = {
    eventType: sample.slug,
    instanceId: "44444444-4444-4444-8444-444444444444",
    identity: JSON.stringify(sample.identity),
    data: JSON.stringify(sample.payload),
  };
  const got = [];
  const { events, webhooks } = createClient({
    auth: {
      getAuthHeaders: () => ({ headers: {} }),
      decodeJWT: async () => ({
        decoded: { data: JSON.stringify(token) },
        valid: true,
      }),
    },
    modules: { events: (await import(name))[namespace] },
  });
  events[handler]((envelope) => void got.push(envelope));
  await webhooks.executeHandlers(await webhooks.parseJWT("token"));
  const type = `Parameters<Parameters<typeof ${imports.get(name)}.${namespace}.${handler}>[0]>[0]`;
  lines.push(`/** ${key} */`, `use<${type}>(${got.map(literal).join()});`);
}
console.log(
  [
    ...[...imports].map(([name, as]) => `import * as ${as} from "${name}";`),
    "const use = <T>(value: T): T => value;",
    ...lines,
  ].join("\n"),
);

function literal(value) {
  if (value instanceof Date) return `new Date("${value.toISOString()}")`;
  if (value instanceof Uint8Array) return `Uint8Array.of(${[...value]})`;
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => {
      // An enum without its literals in the typings of @wix/data.
      const unchecked = name === "identityType" ? " as never" : "";
      return `${JSON.stringify(name)}: ${literal(field)}${unchecked}`;
    });
  return `{ ${fields.join(", ")} }`;
}
