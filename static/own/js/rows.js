// Fields that depend on another (data-when="id" data-values="a b"), and tables of rows that grow and shrink:
// <tbody data-rows id="x">, <template data-row-of="x"> with __row__ for the index, data-row-add="x", data-row-remove.
// The buttons submit the form, which does the same on the server where there are no scripts.

const BLANK = "__row__"; // as portal.derive.fields writes it

function showDependents(changed) {
  for (const element of document.querySelectorAll("[data-when]")) {
    const source = document.getElementById(element.dataset.when);
    if (!source || (changed && source !== changed)) continue;
    const value = source.type === "checkbox" ? String(source.checked) : source.value;
    const shown = element.dataset.values.split(" ").includes(value);
    element.hidden = !shown;
    for (const field of element.querySelectorAll("input, select, textarea")) field.disabled = !shown;
  }
}

function add(id) {
  const table = document.getElementById(id);
  const indices = [...table.querySelectorAll("[name]")].map((field) => Number(field.name.match(/\.(\d+)\./)?.[1] ?? -1));
  const holder = document.createElement("template");
  holder.innerHTML = document.querySelector(`template[data-row-of="${id}"]`).innerHTML.replaceAll(BLANK, Math.max(-1, ...indices) + 1);
  const row = holder.content.firstElementChild;
  table.append(row);
  showDependents();
  row.querySelector("input, select")?.focus();
  tell(table);
}

function remove(row) {
  const table = row.closest("[data-rows]");
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  (next?.querySelector("[data-row-remove]") ?? document.querySelector(`[data-row-add="${table.id}"]`))?.focus();
  tell(table);
}

const tell = (table) => table.dispatchEvent(new Event("change", { bubbles: true }));

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-row-add], [data-row-remove]");
  if (!button) return;
  event.preventDefault();
  if (button.dataset.rowAdd) add(button.dataset.rowAdd);
  else remove(button.closest("tr"));
});
document.addEventListener("change", (event) => showDependents(event.target));
document.addEventListener("values-restored", () => showDependents());
showDependents();
