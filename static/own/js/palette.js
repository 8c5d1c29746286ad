// "Search or jump": ⌘K opens a list of every page, fetched once, filtered as you type. The arrows move in it.

const dialog = document.getElementById("palette");
const field = dialog.querySelector("input");
const list = dialog.querySelector("[data-list]");
const none = dialog.querySelector(".palette-none");

async function open() {
  if (dialog.open) return;
  document.getElementById("side").matches(":popover-open") && document.getElementById("side").hidePopover();
  dialog.showModal();
  field.select();
  if (!list.childElementCount) {
    const answer = await fetch(dialog.dataset.url, { headers: { "HX-Request": "true" } });
    list.innerHTML = answer.ok ? await answer.text() : "";
  }
  filter();
}

const links = () => [...list.querySelectorAll("a")].filter((link) => !link.hidden);

function filter() {
  const words = field.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  for (const link of list.querySelectorAll("a")) {
    const text = link.textContent.toLocaleLowerCase();
    link.hidden = !words.every((word) => text.includes(word));
  }
  for (const section of list.querySelectorAll("section")) section.hidden = !section.querySelector("a:not([hidden])");
  none.hidden = links().length > 0;
}

function move(step) {
  const all = links();
  const at = all.indexOf(document.activeElement) + step;
  if (at < 0) field.focus();
  else (all[at] ?? all.at(-1))?.focus();
}

field.addEventListener("input", filter);
dialog.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") move(1);
  else if (event.key === "ArrowUp") move(-1);
  else if (event.key === "Enter" && event.target === field) links()[0]?.click();
  else return;
  event.preventDefault();
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest('[data-opens="palette"]') || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  open();
});
document.addEventListener("keydown", (event) => {
  if ((event.metaKey || event.ctrlKey) && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open();
  }
});
