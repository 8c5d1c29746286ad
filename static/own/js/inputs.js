// A number box and its slider are one value. The slider moves the centre of a range and keeps its ratio (log scale) or
// its width; while it moves, the page recomputes with few draws, on release with all.

import { read, write } from "./numbers.js";

const STEPS = 1000; // positions of a slider
const DRAFT_DRAWS = 2000;

const boxOf = (slider) => document.getElementById(slider.dataset.for);
const sliderOf = (box) => box.id && document.querySelector(`input[type="range"][data-for="${CSS.escape(box.id)}"]`);
const limit = (value, low, high) => Math.min(Math.max(value, low), high);
const bound = (text, otherwise) => (text === undefined || text === "" ? otherwise : Number(text));

// --- scale: a value to its share of the track and back -------------------------------------------------------------

function scaleOf(slider) {
  const [low, high] = [Number(slider.dataset.low), Number(slider.dataset.high)];
  if (slider.dataset.scale !== "log") {
    return { share: (value) => (value - low) / (high - low), value: (share) => low + share * (high - low) };
  }
  const span = Math.log(high / low);
  return { share: (value) => Math.log(Math.max(value, low / 10) / low) / span, value: (share) => low * Math.exp(share * span) };
}

const centreOf = (values) =>
  values[0] > 0 ? Math.sqrt(values[0] * values.at(-1)) : (values[0] + values.at(-1)) / 2;

/** Values typed outside the track make it longer. */
function widen(slider, values) {
  const { least, most, low, high } = slider.dataset;
  if (values[0] < Number(low)) slider.dataset.low = Math.max(bound(least, -Infinity), slider.dataset.scale === "log" ? values[0] / 3 : values[0]);
  if (values.at(-1) > Number(high)) slider.dataset.high = Math.min(bound(most, Infinity), values.at(-1) * (slider.dataset.scale === "log" ? 3 : 1));
}

function place(slider, values) {
  const logarithmic = slider.dataset.scale === "log";
  if (logarithmic && values[0] <= 0) return;
  widen(slider, values);
  const { share } = scaleOf(slider);
  slider.value = Math.round(limit(share(centreOf(values)), 0, 1) * STEPS);
  paintBand(slider, values);
}

function paintBand(slider, values) {
  const { share } = scaleOf(slider);
  const one = values.length === 1;
  for (const [name, value] of [["--lo", values[0]], ["--hi", values.at(-1)]]) {
    slider.style.setProperty(name, one ? "0%" : `${(limit(share(value), 0, 1) * 100).toFixed(2)}%`);
  }
  slider.setAttribute("aria-valuetext", [boxOf(slider).value, slider.dataset.unit].filter(Boolean).join(" "));
}

// --- from the slider to the box -------------------------------------------------------------------------------------

function moved(slider) {
  const box = boxOf(slider);
  const before = read(box.value);
  if (!before) return;
  const target = scaleOf(slider).value(Number(slider.value) / STEPS);
  const values = shifted(before.values, target, slider.dataset);
  const style = { percent: before.percent || "percent" in slider.dataset, whole: "whole" in slider.dataset };
  box.value = values.map((value) => write(value, style)).join(" to ") + before.family;
  box.removeAttribute("aria-invalid");
  paintBand(slider, values);
  announce(box);
}

function shifted(values, target, { scale, least, most }) {
  const [low, high] = [bound(least, -Infinity), bound(most, Infinity)];
  const centre = centreOf(values);
  if (scale === "log" && centre > 0) {
    const factor = limit(target / centre, low > 0 ? low / values[0] : 0, high / values.at(-1));
    return values.map((value) => value * factor);
  }
  const step = limit(target - centre, low - values[0], high - values.at(-1));
  return values.map((value) => value + step);
}

// --- pacing ---------------------------------------------------------------------------------------------------------
// A new request replaces the one under way, so a drag over a slow connection would never show anything: while one is
// under way, the newest value waits for it.

let underWay = 0;
let waiting = null;

function announce(box) {
  if (underWay) waiting = box;
  else box.dispatchEvent(new CustomEvent("value-changed", { bubbles: true }));
}

document.addEventListener("htmx:before:request", (event) => {
  if (event.target.matches("form.inputs")) underWay += 1;
});
document.addEventListener("htmx:finally:request", (event) => {
  if (!event.target.matches("form.inputs")) return;
  underWay = Math.max(0, underWay - 1);
  if (!underWay && waiting) announce(waiting);
  waiting = null;
});
document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.sourceEvent?.type === "value-changed") ctx.request.body.set("draws", DRAFT_DRAWS);
});

// --- events ---------------------------------------------------------------------------------------------------------

// Capture: the form must not take the slider's own event for typing.
document.addEventListener(
  "input",
  (event) => {
    if (event.target.type === "range" && event.target.dataset.for) {
      event.stopPropagation();
      moved(event.target);
    } else {
      follow(event.target);
    }
  },
  true,
);

function follow(box) {
  const slider = box.matches("input") && sliderOf(box);
  const typed = slider && read(box.value);
  if (typed) place(slider, typed.values);
}

document.addEventListener("change", (event) => {
  if (event.target.type === "range") waiting = null;
});

/** Set every slider by its box, after the page or a script has filled the boxes. */
export function placeAll() {
  for (const slider of document.querySelectorAll('input[type="range"][data-for]')) follow(boxOf(slider));
}

placeAll();
document.addEventListener("values-restored", placeAll);
