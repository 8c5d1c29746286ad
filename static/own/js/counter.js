// How long a long text is: <p data-count-of="id of the box" data-most="8000" data-template="{count} of {most} …" hidden>

import { locale } from "./intl.js";

const written = new Intl.NumberFormat(locale);

function count(place) {
  const box = document.getElementById(place.dataset.countOf);
  const most = Number(place.dataset.most);
  const length = [...box.value].length; // as the server counts: characters, not halves of them
  const told = { count: written.format(length), most: written.format(most) };
  place.textContent = place.dataset.template.replace(/\{(\w+)\}/g, (_, name) => told[name]);
  place.classList.toggle("error", length > most);
  place.hidden = false;
}

function countAll() {
  for (const place of document.querySelectorAll("[data-count-of]")) count(place);
}

document.addEventListener("input", (event) => {
  const place = event.target.id && document.querySelector(`[data-count-of="${CSS.escape(event.target.id)}"]`);
  if (place) count(place);
});
document.addEventListener("htmx:after:swap", countAll);
countAll();
