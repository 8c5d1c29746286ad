// A short line at the foot of the window, with one thing to do about it.

const SECONDS = 6;
const place = document.getElementById("toasts");

/** The translated text that the page carries for `name`; scripts hold no words of their own. */
export const words = (name, values = {}) =>
  (place.getAttribute(`data-say-${name}`) ?? "").replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

/** Show `text`; `action` is {label, run}. A later toast takes the place of an earlier one. */
export function toast(text, action) {
  const line = document.createElement("div");
  line.className = "toast";
  line.append(text);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = action.label;
    button.addEventListener("click", () => {
      line.remove();
      action.run();
    });
    line.append(button);
  }
  place.replaceChildren(line);
  setTimeout(() => line.remove(), SECONDS * 1000);
}
