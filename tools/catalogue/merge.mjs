/**
 * Make the new catalogue from what was read and from the previous one.
 *
 * @param {object} read
 * @param {Record<string, string>} read.packages versions by package name
 * @param {Record<string, string>} read.titles titles by product
 * @param {Record<string, object>} read.events entries by key
 * @param {Record<string, string>} read.unusable reasons by key
 * @param {object} previous the catalogue that is being replaced, `{}` for none
 * @returns {object} the content of catalogue.json
 */
export function merge({ packages, titles, events, unusable }, previous) {
  const keys = Object.keys(events).sort();
  const products = new Set(keys.map((key) => key.split(".")[0]));
  const complete = keys.map((key) => {
    const same = keys.filter(
      (other) => other !== key && events[other].slug === events[key].slug,
    );
    return [key, same.length ? { ...events[key], same } : events[key]];
  });
  // An app may have recorded what is gone: its entry stays so that it still renders.
  const known = { ...previous.removed, ...previous.events };
  return {
    packages: sorted(packages),
    products: sorted(titles, (product) => products.has(product)),
    events: Object.fromEntries(complete),
    unusable: sorted(unusable),
    removed: sorted(known, (key) => !(key in events)),
  };
}

function sorted(object, keep = () => true) {
  const keys = Object.keys(object).filter(keep).sort();
  return Object.fromEntries(keys.map((key) => [key, object[key]]));
}
