/**
 * Say what a new catalogue changes, as Markdown for a changelog.
 *
 * @param {object} before the content of the previous catalogue.json, `{}` for none
 * @param {object} after the content of the new one
 * @returns {string[]} one line a change, none when nothing changed
 */
export function changes(before, after) {
  const old = before.events ?? {};
  const added = Object.keys(after.events).filter((key) => !(key in old));
  const lines = [];
  for (const [key, event] of Object.entries(old)) {
    if (key in after.events) {
      lines.push(...differences(key, event, after.events[key]));
      continue;
    }
    const at = added.findIndex(
      (other) => after.events[other].slug === event.slug,
    );
    if (at >= 0) {
      lines.push(`- Renamed: \`${key}\` is now \`${added.splice(at, 1)[0]}\``);
    } else {
      const reason = after.unusable[key] ?? "no longer in the SDK";
      lines.push(`- Removed: \`${key}\` (${event.title}), ${reason}`);
    }
  }
  for (const key of added) {
    lines.push(`- Added: \`${key}\` (${after.events[key].title})`);
  }
  for (const key of without(keys(after.unusable), keys(before.unusable))) {
    if (!(key in old))
      lines.push(`- Not usable: \`${key}\`, ${after.unusable[key]}`);
  }
  return [...lines.sort(), ...versions(before.packages ?? {}, after.packages)];
}

function differences(key, before, after) {
  const lines = [];
  if (before.payload !== after.payload) {
    lines.push(
      `- Payload changed: \`${key}\` from ${before.payload} to ${after.payload}`,
    );
  }
  const scopes = (event) => event.permissions.map(({ id }) => id);
  const gained = without(scopes(after), scopes(before)).map((id) => `+${id}`);
  const lost = without(scopes(before), scopes(after)).map((id) => `-${id}`);
  if (gained.length || lost.length) {
    const moved = [...gained, ...lost].join(" ");
    lines.push(`- Permission changed: \`${key}\` ${moved}`);
  } else if (scopes(before)[0] !== scopes(after)[0]) {
    // The first is the one that builders name.
    lines.push(`- Permission changed: \`${key}\` first ${scopes(after)[0]}`);
  }
  const fields = Object.keys({ ...before, ...after }).filter(
    (field) =>
      !["payload", "permissions"].includes(field) &&
      JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  if (fields.length) {
    lines.push(`- Changed: \`${key}\` (${fields.join(", ")})`);
  }
  return lines;
}

function versions(before, after) {
  return Object.keys({ ...before, ...after })
    .filter((name) => before[name] !== after[name])
    .map(
      (name) =>
        `- Read from: ${name} ${after[name] ?? "no longer"}${before[name] ? ` (was ${before[name]})` : ""}`,
    );
}

function keys(object = {}) {
  return Object.keys(object);
}

function without(ids, others) {
  return ids.filter((id) => !others.includes(id));
}
