import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { layOut } from "./layout.mjs";

/**
 * Read a JSON file.
 *
 * @param {string} file
 * @returns {object} its content, `{}` when there is no such file
 */
export function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

/**
 * Write the sample payloads, a file a product.
 *
 * @param {string} folder
 * @param {Record<string, object>} samples by the events' keys
 * @param {string[]} removed keys whose samples stay as they were
 */
export function writeSamples(folder, samples, removed) {
  mkdirSync(folder, { recursive: true });
  const before = Object.assign(
    {},
    ...readdirSync(folder).map((name) => readJson(path.join(folder, name))),
  );
  const kept = removed
    .filter((key) => key in before)
    .map((key) => [key, before[key]]);
  const files = {};
  for (const [key, sample] of [...Object.entries(samples), ...kept].sort()) {
    const name = `${key.split(".")[0]}.json`;
    (files[name] ??= {})[key] = sample;
  }
  for (const name of readdirSync(folder)) {
    if (!(name in files)) rmSync(path.join(folder, name));
  }
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(path.join(folder, name), layOut(content));
  }
}
