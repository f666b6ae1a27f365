"use strict";
// Tables that can be sorted by their heads and filtered by words.

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function sortValue(cell) {
  const text = (cell.dataset.value ?? cell.textContent).trim();
  if (text === "" || text === "–") return null;
  return /^[+-]?\d/.test(text) ? parseFloat(text.replace(/,/g, "")) : text.toLowerCase();
}

function compare(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  if (typeof one !== typeof other) return typeof one === "number" ? -1 : 1;
  return one.localeCompare(other, "en");
}

function sortBy(table, head) {
  const column = [...head.parentElement.children].indexOf(head);
  const descending = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const rows = [...table.tBodies[0].rows].map((row) => [sortValue(row.cells[column]), row]);
  rows.sort(([one], [other]) => {
    if (one === null || other === null) return (one === null) - (other === null); // empty cells stand last either way
    return descending ? compare(other, one) : compare(one, other);
  });
  table.tBodies[0].append(...rows.map(([, row]) => row));
}

function filterBy(table, text, status) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of table.tBodies[0].rows) {
    const content = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => content.includes(word));
    shown += !row.hidden;
  }
  status.textContent = words.length ? `${shown} of ${table.tBodies[0].rows.length} rows` : "";
}

function enliven(table) {
  for (const head of table.tHead.rows[0].cells) {
    const button = make("button", { type: "button", title: "Sort by this column" }, ...head.childNodes);
    button.addEventListener("click", () => sortBy(table, head));
    head.append(button);
  }
  if (table.tBodies[0].rows.length < 15) return; // short enough to be read
  const status = make("span", { role: "status" });
  const input = make("input", { type: "search", placeholder: "words, all of which a row has" });
  input.addEventListener("input", () => filterBy(table, input.value, status));
  table.parentElement.before(make("div", { class: "filter" }, make("label", {}, `Filter ${table.dataset.filter}: `, input), status));
}

document.querySelectorAll("table.live").forEach(enliven);
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => (part.open = true)));
