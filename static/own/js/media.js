// What a file field gets besides its input: a place to drop a file, a preview with the size, ways of giving a picture.
//
//   <div class="media" data-media="id of the input" data-most="bytes" data-too-large="… {most} … {size}" hidden>
//     <button data-way="draw" aria-pressed="true">  <div data-pane="draw" hidden>  <p data-drop data-pane="file">
//     <figure class="chosen" hidden><img><figcaption></figcaption><button data-media-remove></figure>
//
// A way hands over what it made by `give`; "way-chosen" is told to the element when another is chosen.

import { locale } from "./intl.js";

const KILO = 1000;
const previews = new WeakMap(); // image -> the address that stands for its file

const inputOf = (media) => document.getElementById(media.dataset.media);
const mediaOf = (input) => input.id && document.querySelector(`[data-media="${CSS.escape(input.id)}"]`);

/** Put `blob` into the input as if a person had chosen it; nothing, when it is null. */
export function give(media, blob, name) {
  const files = new DataTransfer();
  if (blob) files.items.add(new File([blob], name, { type: blob.type }));
  const input = inputOf(media);
  input.files = files.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** What is on `canvas`, as a PNG. At once, not by `toBlob`: who lifts the pen and presses Run must send the drawing. */
export function giveCanvas(media, canvas, name) {
  const content = Uint8Array.from(atob(canvas.toDataURL("image/png").split(",")[1]), (letter) => letter.charCodeAt(0));
  give(media, new Blob([content], { type: "image/png" }), name);
}

function size(bytes) {
  const large = bytes >= KILO * KILO;
  const unit = { style: "unit", unit: large ? "megabyte" : "kilobyte", maximumSignificantDigits: 3 };
  return new Intl.NumberFormat(locale, unit).format(bytes / (large ? KILO * KILO : KILO));
}

/** Whether so many bytes are more than the field takes; said beside it, until something else is chosen. */
export function isTooLarge(media, bytes) {
  const most = Number(media.dataset.most);
  const told = { most: size(most), size: size(bytes) };
  const error = document.getElementById(`e-${media.dataset.media}`);
  const words = bytes > most ? media.dataset.tooLarge.replace(/\{(\w+)\}/g, (_, key) => told[key]) : "";
  if (error) error.textContent = words;
  return bytes > most;
}

function show(input) {
  const media = mediaOf(input);
  if (!media) return;
  let file = input.files[0];
  if (isTooLarge(media, file?.size ?? 0)) {
    input.value = "";
    file = null;
  }
  preview(media.querySelector(".chosen"), file);
}

function preview(place, file) {
  const image = place.querySelector("img");
  URL.revokeObjectURL(previews.get(image));
  place.hidden = !file;
  image.hidden = !file?.type.startsWith("image/");
  if (!file) return;
  place.querySelector("figcaption").textContent = `${file.name}, ${size(file.size)}`;
  if (image.hidden) return;
  previews.set(image, URL.createObjectURL(file));
  image.src = previews.get(image);
}

function choose(button) {
  const media = button.closest("[data-media]");
  for (const other of media.querySelectorAll("[data-way]")) other.setAttribute("aria-pressed", String(other === button));
  for (const pane of media.querySelectorAll("[data-pane]")) pane.hidden = pane.dataset.pane !== button.dataset.way;
  media.dispatchEvent(new CustomEvent("way-chosen", { bubbles: true, detail: button.dataset.way }));
}

function prepare() {
  for (const media of document.querySelectorAll("[data-media][hidden]")) {
    media.hidden = false;
    const first = media.querySelector('[data-way][aria-pressed="true"]') ?? media.querySelector("[data-way]");
    if (first) choose(first);
    const input = inputOf(media);
    if (input.files.length) show(input); // a browser that comes back to the page may have kept the file
  }
}

document.addEventListener("change", (event) => {
  if (event.target.type === "file") show(event.target);
});

document.addEventListener("click", (event) => {
  const way = event.target.closest("[data-way]");
  if (way) choose(way);
  const remove = event.target.closest("[data-media-remove]");
  if (remove) {
    const media = remove.closest("[data-media]");
    give(media, null);
    media.dispatchEvent(new CustomEvent("media-removed", { bubbles: true }));
    inputOf(media).focus();
  }
});

// A file that is dropped beside its place would be opened instead of the page.
for (const kind of ["dragover", "drop"]) {
  document.addEventListener(kind, (event) => {
    if (!event.dataTransfer?.types.includes("Files") || !document.querySelector("[data-media]")) return;
    event.preventDefault();
    const drop = event.target.closest?.("[data-drop]");
    drop?.classList.toggle("over", kind === "dragover");
    const file = kind === "drop" && drop && event.dataTransfer.files[0];
    if (file) give(drop.closest("[data-media]"), file, file.name);
  });
}
document.addEventListener("dragleave", (event) => event.target.closest?.("[data-drop]")?.classList.remove("over"));
document.addEventListener("htmx:after:swap", prepare);
prepare();
