// Moving a card, by its list or by dragging, chooses in its row of the form: the page recomputes, undo knows of it.

const form = document.querySelector("form.inputs");
const on = (type, listener) => document.addEventListener(type, listener);
const cardOf = (element) => element.closest?.("[data-board] .card");
let dragged, used;

/** The row of the form that a card stands for, counted as the rows stand. */
function rowOf(card) {
  const { board } = card.closest("[data-board]").dataset;
  return form.querySelector(`[data-rows="${board}"]`).rows[card.dataset.row];
}

function move(card, value) {
  const field = rowOf(card).querySelector(`[name$=".${card.closest("[data-board]").dataset.by}"]`);
  field.value = value;
  used = card.querySelector("select").id;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

on("change", ({ target }) => target.matches(".card select") && move(cardOf(target), target.value));
on("click", ({ target }) => target.matches(".card button") && rowOf(cardOf(target)).querySelector("input").focus());
on("dragstart", ({ target }) => (dragged = cardOf(target)));
on("dragover", (event) => dragged && event.target.closest(".lane") && event.preventDefault());
on("drop", ({ target }) => dragged && move(dragged, target.closest(".lane").dataset.value));
on("dragend", () => (dragged = null));
on("htmx:after:swap", () => {
  // Lists are drawn anew, each for its card; the person stays at the one that was used.
  for (const list of document.querySelectorAll(".card select")) list.value = list.closest(".lane").dataset.value;
  document.getElementById(used)?.focus();
  used = null;
});
