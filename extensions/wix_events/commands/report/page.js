"use strict";

const heads = [...document.querySelectorAll("thead th")];
const body = document.querySelector("tbody");
const rows = [...body.rows];
const apps = document.getElementById("apps");
const events = document.getElementById("events");
const only = [...document.querySelectorAll("[name=only]")];
const shown = document.getElementById("shown");

/** What a row is sorted by in a column. */
function value(row, column) {
  const cell = row.cells[column];
  return "numeric" in heads[column].dataset
    ? Number(cell.dataset.value)
    : cell.textContent;
}

/** Numbers the highest first, texts the first first; pressed again, the other way. */
function sort(column) {
  const head = heads[column];
  const first = "numeric" in head.dataset ? "descending" : "ascending";
  const other = first === "ascending" ? "descending" : "ascending";
  const order = head.getAttribute("aria-sort") === first ? other : first;
  for (const each of heads) each.setAttribute("aria-sort", "none");
  head.setAttribute("aria-sort", order);
  const sign = order === "ascending" ? 1 : -1;
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  rows.sort((one, two) => {
    const [a, b] = [value(one, column), value(two, column)];
    return sign * (typeof a === "number" ? a - b : compare(a, b));
  });
  body.append(...rows);
}

function filter() {
  const words = apps.value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = only.filter((box) => box.checked).map((box) => box.value);
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    const flags = row.dataset.flags.split(" ");
    row.hidden = !(
      words.every((word) => text.includes(word)) &&
      wanted.every((flag) => flags.includes(flag))
    );
  }
  const event = events.value.trim().toLowerCase();
  heads.forEach((head, column) => {
    if (!("event" in head.dataset)) return;
    head.hidden = !head.dataset.event.toLowerCase().includes(event);
    for (const row of rows) row.cells[column].hidden = head.hidden;
  });
  const count = rows.filter((row) => !row.hidden).length;
  shown.textContent = `${count} of ${rows.length} apps`;
}

heads.forEach((head, column) => {
  head.firstElementChild.addEventListener("click", () => sort(column));
});
for (const field of [apps, events, ...only]) {
  field.addEventListener("input", filter);
}
document
  .querySelector("form")
  .addEventListener("submit", (event) => event.preventDefault());
filter();
