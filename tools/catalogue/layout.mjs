/**
 * Write JSON so that a change shows as few lines: an object's field a line, an
 * array's item a line.
 *
 * @param {unknown} value
 * @returns {string} with a final newline
 */
export function layOut(value) {
  return `${lines(value, "")}\n`;
}

function lines(value, indent) {
  const inner = `${indent} `;
  const block = (open, items, close) =>
    items.length
      ? `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`
      : `${open}${close}`;
  if (Array.isArray(value)) {
    return block(
      "[",
      value.map((item) => JSON.stringify(item)),
      "]",
    );
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([key, field]) => `${JSON.stringify(key)}: ${lines(field, inner)}`,
  );
  return block("{", fields, "}");
}
