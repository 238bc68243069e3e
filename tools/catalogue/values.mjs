import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

/**
 * @typedef {object} Exported an event that an SDK package exports
 * @property {string} key `crm.contacts.onContactCreated`
 * @property {string} package `@wix/crm`
 * @property {string} namespace `contacts`
 * @property {string} handler `onContactCreated`
 * @property {boolean} domain whether it is delivered as a domain event
 * @property {(envelope: object) => object} transform from what is delivered to what the handler gets
 * @property {string | undefined} slug what the Wix build gets; undefined: it cannot build this one
 */

/**
 * Read the events that the installed SDK packages export.
 *
 * @param {string} sdk the npm project that holds the SDK packages
 * @param {string[]} products package names without `@wix/`
 * @returns {Promise<Exported[]>}
 */
export async function readExports(sdk, products) {
  const found = [];
  for (const product of products) {
    const { exports, main } = manifest(sdk, product);
    const file = path.join(folder(sdk, product), exports?.["."].import ?? main);
    const module = await import(pathToFileURL(file).href);
    for (const [namespace, members] of Object.entries(module)) {
      // A CommonJS package seen from a module shows all of itself a second time.
      if (namespace === "default") continue;
      for (const [handler, value] of Object.entries(members)) {
        if (!/^on[A-Z]/.test(handler)) continue;
        if (value.__type !== "event-definition") continue;
        found.push({
          key: `${product}.${namespace}.${handler}`,
          package: `@wix/${product}`,
          namespace,
          handler,
          domain: value.isDomainEvent,
          transform: value.transformations,
          // The call that a Wix build makes to learn which event a file handles.
          slug: value(() => {})()?.slug,
        });
      }
    }
  }
  return found;
}

/**
 * Read the versions of the installed SDK packages.
 *
 * @param {string} sdk the npm project that holds the SDK packages
 * @param {string[]} products package names without `@wix/`
 * @returns {Record<string, string>} by package name
 */
export function readVersions(sdk, products) {
  return Object.fromEntries(
    products.map((name) => [`@wix/${name}`, manifest(sdk, name).version]),
  );
}

function folder(sdk, product) {
  return path.join(sdk, "node_modules/@wix", product);
}

function manifest(sdk, product) {
  return JSON.parse(
    readFileSync(path.join(folder(sdk, product), "package.json"), "utf8"),
  );
}
