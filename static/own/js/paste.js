// A table that is pasted for the rows of the form: the server reads it and answers with a preview; its rows are put into
// the form only when the person says so. Without scripts the form opens the preview as a page.

const inputs = document.querySelector("form.inputs");

/** What the form holds now, as the server reads it; without the token. */
function state() {
  const held = new URLSearchParams(new FormData(inputs));
  held.delete("csrfmiddlewaretoken");
  return held.toString();
}

async function send(form) {
  const place = form.parentElement.querySelector("[data-pasted]");
  form.elements.state.value = state();
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
    place.innerHTML = await answer.text();
  } catch (problem) {
    document.dispatchEvent(new CustomEvent("htmx:error", { detail: { error: problem, ctx: {} } }));
  } finally {
    button.disabled = false;
  }
  place.scrollIntoView({ block: "nearest" });
}

function use(place) {
  for (const rows of place.querySelectorAll("template[data-rows-for]")) {
    document.getElementById(rows.dataset.rowsFor).replaceChildren(rows.content.cloneNode(true));
  }
  const popover = place.closest("[popover]");
  place.replaceChildren();
  popover.querySelector("form").reset();
  popover.hidePopover();
  inputs.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-paste]")) return;
  event.preventDefault();
  send(event.target);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pasted] [data-use-rows]");
  if (!button) return;
  event.preventDefault();
  use(button.closest("[data-pasted]"));
});
