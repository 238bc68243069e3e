const ACRONYMS = new Map(
  ["AI", "FAQ", "ID", "RSVP", "SEO", "URL"].map((word) => [
    word.toLowerCase(),
    word,
  ]),
);

// What an entity can be said to "be": a closed list, as not every verb can ("is joined").
const VERBS =
  /(^|un)(created|updated|deleted|changed|liked|confirmed|initiated|mapped|skipped|resolved)$/;

/** The name of a handler (`onRsvpCreated`) as words (`["RSVP", "Created"]`). */
function words(handler) {
  return handler
    .slice(2)
    .match(/V\d+|[A-Z]+(?![a-z])|[A-Z][a-z0-9]*/g)
    .map((word) => ACRONYMS.get(word.toLowerCase()) ?? word);
}

/**
 * Give an event its title.
 *
 * @param {string} handler `onContactCreated`
 * @returns {string} `Contact Created`
 */
export function title(handler) {
  return words(handler).join(" ");
}

/**
 * Say in one sentence when an event fires.
 *
 * @param {string} handler `onContactCreated`
 * @param {string} comment the SDK's doc comment, Markdown
 * @returns {string} one line of plain text, safe inside a block comment
 */
export function description(handler, comment) {
  const paragraphs = comment
    .replace(/<blockquote[^]*?<\/blockquote>/g, "")
    .replace(/^>.*$/gm, "")
    .replace(/<[^>]*>/g, "\n\n")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[*`]+/g, "")
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim());
  const said = paragraphs.findIndex((text) => /triggered/i.test(text));
  if (said < 0) return fromName(handler);
  let text = paragraphs[said];
  // A list after a colon belongs to the sentence.
  if (text.endsWith(":")) text += `\n${paragraphs[said + 1] ?? ""}`;
  const [lead, ...items] = text.split(/\n\s*[-+]\s+/).map(firstSentence);
  if (!lead.endsWith(":")) return `${lead}.`;
  return items.length
    ? `${lead} ${items.join("; ")}.`
    : `${lead.slice(0, -1)}.`;
}

/** The first sentence of a text that may hold line breaks, without its full stop. */
function firstSentence(text) {
  const [sentence] = text.replace(/\s+/g, " ").split(/(?<=[.!?])\s+(?=[A-Z])/);
  return sentence.trim().replace(/\.$/, "");
}

function fromName(handler) {
  const all = words(handler).map((word) =>
    ACRONYMS.has(word.toLowerCase()) ? word : word.toLowerCase(),
  );
  const verb = all.pop();
  const noun = all.join(" ");
  if (!VERBS.test(verb)) return "The SDK does not say when it fires.";
  if (/[^su]s$/.test(noun)) return `Triggered when ${noun} are ${verb}.`;
  const article = /^([aeio]|RSVP)/.test(noun) ? "an" : "a";
  return `Triggered when ${article} ${noun} is ${verb}.`;
}
