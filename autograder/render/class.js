"use strict";
const say = JSON.parse(document.getElementById("words").textContent);
const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

function key(row, column) {
  const cell = row.cells[column];
  return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v);
}

function sort(table, button, column) {
  const head = button.closest("th");
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rows = [...table.tBodies[0].rows].map((row) => [key(row, column), row]);
  rows.sort(([a], [b]) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b)));
  if (down) rows.reverse();
  table.tBodies[0].append(...rows.map(([, row]) => row));
}

for (const table of document.querySelectorAll("table.sortable")) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(table, button, column));
    head.append(button);
  });
}

const table = document.getElementById("students");
if (table) {
  const rows = [...table.tBodies[0].rows];
  const texts = rows.map((row) => fold(row.cells[0].textContent + " " + row.cells[row.cells.length - 1].textContent));
  const bar = document.getElementById("tools");
  const search = Object.assign(document.createElement("input"), { type: "search", id: "search" });
  const filter = Object.assign(document.createElement("select"), { id: "filter" });
  const count = document.createElement("output");
  count.setAttribute("aria-live", "polite");
  const option = (value, text) => filter.append(new Option(text, value));
  option("", say.all);
  option("w", say.flagged);
  option("u", say.ungraded);
  option("m", say.missing);
  option("l", say.late);
  for (const section of new Set(rows.map((row) => row.dataset.s).filter(Boolean))) option("s" + section, section);
  const label = (text, control) => {
    const made = document.createElement("label");
    made.htmlFor = control.id;
    made.textContent = text + " ";
    made.append(control);
    return made;
  };
  const show = () => {
    const wanted = fold(search.value.trim());
    const kind = filter.value;
    let shown = 0;
    rows.forEach((row, place) => {
      const fits = !kind || (kind[0] === "s" ? row.dataset.s === kind.slice(1) : (row.dataset.k || "").includes(kind));
      row.hidden = !fits || !texts[place].includes(wanted);
      shown += !row.hidden;
    });
    count.textContent = say.shown.replace("{shown}", shown).replace("{all}", rows.length);
  };
  search.addEventListener("input", show);
  filter.addEventListener("change", show);
  bar.append(label(say.search, search), label(say.filter, filter), count);
}
