// The page of a job while it runs. Numbers, curves and log lines come from the events; whatever is said in words
// (state, stage, files, errors) the server renders anew: the page's parts listen for "job-changed" on the body.
//
//   <div data-job-events="URL of the stream" data-after="id of the last event that the page shows">
//   <p class="notice warn" data-stream-notice hidden></p>
//   <progress data-job-progress>           <span data-reading="loss" data-unit="">   (data-unit="seconds": a clock)
//   <div class="curve h220" data-measures="loss validation_loss" data-labels="Training|Held out" data-best="min">
//   <input type="checkbox" data-log-scale="id of a curve">          <pre class="log" data-job-log>
//   <script type="application/json" id="job-steps"> the steps until that event, for the curves

import { Curve } from "./curves.js";
import { decimal, duration, tick } from "./intl.js";
import { follow } from "./stream.js";

const root = document.querySelector("[data-job-events]");
const curves = new Map([...document.querySelectorAll("[data-measures]")].map((element) => [element.id, new Curve(element)]));
const CHANGE_DELAY = 150; // ms in which changes are gathered
const LOG_LINES = 2000;
let changed = 0;

function step(data) {
  for (const bar of document.querySelectorAll("[data-job-progress]")) {
    bar.max = data.total || 1;
    bar.value = data.done;
  }
  for (const place of document.querySelectorAll("[data-reading]")) {
    const value = data[place.dataset.reading];
    if (Number.isFinite(value)) place.textContent = reading(value, place.dataset.unit);
  }
  for (const curve of curves.values()) curve.add(data);
}

function reading(value, unit = "") {
  if (unit === "seconds") return duration(value);
  if (unit === "count") return decimal(value, 12);
  return unit ? tick(value, unit) : decimal(value);
}

function log({ message }) {
  const place = document.querySelector("[data-job-log]");
  if (!place) return;
  const atEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 24;
  const line = document.createElement("span");
  line.textContent = `${message}\n`;
  place.append(line);
  while (place.childElementCount > LOG_LINES) place.firstElementChild.remove();
  if (atEnd) place.scrollTop = place.scrollHeight;
}

function say() {
  clearTimeout(changed);
  changed = setTimeout(() => htmx.trigger(document.body, "job-changed"), CHANGE_DELAY);
}

document.addEventListener("change", (event) => {
  const id = event.target.dataset.logScale;
  if (id) curves.get(id)?.useLog(event.target.checked);
});

// Only the curves begin in the past: the readings that the server wrote are newer than the last step.
for (const past of JSON.parse(document.getElementById("job-steps")?.textContent ?? "[]")) {
  for (const curve of curves.values()) curve.add(past);
}

// A job that is over has nothing to follow.
if (root) {
  follow(
    root.dataset.jobEvents,
    { step, log, state: say, stage: say, artifact: say, end: say },
    { notice: document.querySelector("[data-stream-notice]"), from: root.dataset.after ?? "" },
  );
}
