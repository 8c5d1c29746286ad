// Undo and redo of committed changes of the form: what was typed or dragged and let go of, not each step of a drag.
// The record is kept in the page; restoring it is one more change, so the server recomputes and the address follows.

import { toast, words } from "./toast.js";

const MOST = 100; // changes kept
const form = document.querySelector("form.inputs");
const buttons = { undo: document.querySelector("[data-undo]"), redo: document.querySelector("[data-redo]") };
const past = [];
const future = [];
let now = snapshot();

/** The values of all fields, and the rows of tables, whose number changes. */
function snapshot() {
  const tables = [...form.querySelectorAll("[data-rows]")].map((table) => {
    for (const field of table.querySelectorAll("input")) field.setAttribute("value", field.value);
    return table.innerHTML;
  });
  const fields = [...form.elements]
    .filter((field) => field.name && field.type !== "hidden" && field.type !== "file")
    .map((field) => [field.name, field.value, Boolean(field.checked), labelOf(field)]);
  return { tables, fields };
}

function labelOf(field) {
  const text = field.closest("[data-label]")?.dataset.label ?? field.labels?.[0]?.textContent ?? field.name;
  return text.trim();
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The name of the first field in which two snapshots differ. */
function difference(a, b) {
  const at = b.fields.findIndex((field, index) => !same(field, a.fields[index]));
  return (b.fields[at] ?? b.fields[0])[3];
}

function committed() {
  const next = snapshot();
  if (same(next, now)) return;
  past.push(now);
  if (past.length > MOST) past.shift();
  future.length = 0;
  now = next;
  show();
}

function step(from, to, said, other) {
  if (!from.length) return;
  const label = difference(now, from.at(-1));
  to.push(now);
  now = from.pop();
  restore(now);
  show();
  toast(words(said, { name: label }), { label: words(other), run: other === "redo" ? redo : undo });
}

const undo = () => step(past, future, "undone", "redo");
const redo = () => step(future, past, "redone", "undo");

function restore({ tables, fields }) {
  form.querySelectorAll("[data-rows]").forEach((table, at) => {
    if (table.innerHTML !== tables[at]) table.innerHTML = tables[at];
  });
  const elements = [...form.elements].filter((field) => field.name && field.type !== "hidden" && field.type !== "file");
  fields.forEach(([, value, checked], at) => {
    if (["checkbox", "radio"].includes(elements[at].type)) elements[at].checked = checked;
    else elements[at].value = value;
  });
  document.dispatchEvent(new CustomEvent("values-restored"));
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function show() {
  if (buttons.undo) buttons.undo.disabled = !past.length;
  if (buttons.redo) buttons.redo.disabled = !future.length;
}

/** Is the person in the middle of typing? Then undo is the browser's. */
function typing() {
  const field = document.activeElement;
  const known = field.form === form && now.fields.find(([name]) => name === field.name);
  return field.matches("input:not([type=range]), textarea") && (!known || known[1] !== field.value);
}

form.addEventListener("change", committed);
buttons.undo?.addEventListener("click", undo);
buttons.redo?.addEventListener("click", redo);
document.addEventListener("keydown", (event) => {
  if (!(event.metaKey || event.ctrlKey) || event.key.toLowerCase() !== "z" || typing()) return;
  event.preventDefault();
  if (event.shiftKey) redo();
  else undo();
});
