// data-copy="#id" copies an element's text, data-copy="url" the page's address.

import { toast, words } from "./toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = button.dataset.copy === "url" ? null : document.querySelector(button.dataset.copy);
  const text = source ? (source.value ?? source.textContent) : location.href;
  // The clipboard needs https or localhost; the older way works elsewhere too.
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else copyFromField(text, button);
  toast(words("copied"));
});

function copyFromField(text, button) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr";
  button.after(field);
  field.select();
  document.execCommand("copy");
  field.remove();
  button.focus();
}
