// Rebuilds extensions/wix_events/catalogue/events.json, extensions/wix_events/catalogue/samples.json and docs/events.md from the
// Wix SDK and prints what changed. With --no-install, from the SDK packages as installed.
// A package that newly publishes events goes into products.json and tests/sdk.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { changes } from "./changes.mjs";
import { document } from "./docs.mjs";
import { entry } from "./facts.mjs";
import { readJson, writeSamples } from "./files.mjs";
import { updateSdk } from "./install.mjs";
import { layOut } from "./layout.mjs";
import { merge } from "./merge.mjs";
import { samplePayload } from "./payload.mjs";
import { completeReferences } from "./references.mjs";
import { sampler } from "./sample.mjs";
import { loadTypeScript, openTypings } from "./typings.mjs";
import { readExports, readVersions } from "./values.mjs";
import { readWebhookNames } from "./webhooks.mjs";

const UNUSABLE = "its package does not tell the Wix build which event it is.";

const root = fileURLToPath(new URL("../..", import.meta.url));
const sdk = path.join(root, "tests/sdk");
const catalogueFile = path.join(
  root,
  "extensions/wix_events/catalogue/events.json",
);
const docsFile = path.join(root, "docs/events.md");

const titles = readJson(new URL("products.json", import.meta.url));
const products = Object.keys(titles);

if (!process.argv.includes("--no-install")) updateSdk(sdk, products);

const ts = loadTypeScript(sdk);
const webhooks = readWebhookNames(ts, sdk);
const exported = await readExports(sdk, products);
const usable = exported.filter(({ slug }) => slug);
const packages = new Set(usable.map((event) => event.package));
const { checker, read } = openTypings(ts, sdk, [...packages]);
const sample = sampler(ts, checker);

const events = {};
const unusable = {};
const typings = {};
const samples = {};
for (const event of exported) {
  const { key, slug } = event;
  if (!slug) {
    unusable[key] = UNUSABLE;
    continue;
  }
  const typed = (typings[key] = read(event));
  events[key] = entry(checker, event, typed, webhooks.get(slug) ?? slug);
  samples[key] = samplePayload(event, typed, checker, sample);
}
completeReferences(events, typings);

const previous = readJson(catalogueFile);
const versions = readVersions(sdk, products);
const catalogue = merge(
  { packages: versions, titles, events, unusable },
  previous,
);

writeFileSync(catalogueFile, layOut(catalogue));
const otherSamples = writeSamples(
  path.join(root, "extensions/wix_events/catalogue/samples.json"),
  samples,
  Object.keys(catalogue.removed),
);
mkdirSync(path.dirname(docsFile), { recursive: true });
writeFileSync(docsFile, document(catalogue));
console.log(
  [...changes(previous, catalogue), ...otherSamples].join("\n") || "no change",
);
