import { readFileSync } from "node:fs";
import path from "node:path";

const BUILD = "node_modules/@wix/astro/build/integration/index.mjs";
const TABLE = "legacyWebhookMap";

/**
 * Read the table by which the Wix build replaces a slug by an older webhook name.
 *
 * The build does not export it, so it is read from the syntax tree of `@wix/astro`:
 * `const legacyWebhookMap = new Map(Object.entries({ … }))`.
 *
 * @param {typeof import("typescript")} ts
 * @param {string} sdk the npm project that holds `@wix/astro`
 * @returns {Map<string, string>} webhook name by slug
 */
export function readWebhookNames(ts, sdk) {
  const text = readFileSync(path.join(sdk, BUILD), "utf8");
  const source = ts.createSourceFile(BUILD, text, ts.ScriptTarget.ESNext);
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList
      .declarations) {
      const entries = initializer?.arguments?.[0]?.arguments?.[0]?.properties;
      if (entries && name.text === TABLE) {
        return new Map(
          entries.map((entry) => [entry.name.text, entry.initializer.text]),
        );
      }
    }
  }
  throw new Error(
    `${BUILD}: no ${TABLE}. See how this version of @wix/astro names a webhook and adapt webhooks.mjs.`,
  );
}
