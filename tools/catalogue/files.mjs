import { existsSync, readFileSync, writeFileSync } from "node:fs";

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
 * Write the sample payloads, an event a line: every run of Copier checks the file out,
 * so it is one, and has no white space.
 *
 * @param {string} file
 * @param {Record<string, object>} samples by the events' keys
 * @param {string[]} removed keys whose samples stay as they were
 * @returns {string[]} a line for a changelog if samples of events have changed that had one
 */
export function writeSamples(file, samples, removed) {
  const before = readJson(file);
  const kept = removed
    .filter((key) => key in before)
    .map((key) => [key, before[key]]);
  const lines = [...Object.entries(samples), ...kept]
    .sort()
    .map(
      ([key, sample]) => `${JSON.stringify(key)}: ${JSON.stringify(sample)}`,
    );
  writeFileSync(file, `{\n${lines.join(",\n")}\n}\n`);
  const changed = Object.keys(samples).filter(
    (key) =>
      key in before &&
      JSON.stringify(before[key]) !== JSON.stringify(samples[key]),
  );
  return changed.length ? [`- Samples changed: ${changed.length}`] : [];
}
