// The list of jobs while any of them runs: bars move by the events, a change of state renders the table anew.

import { follow } from "./stream.js";

const root = document.querySelector("[data-jobs-events]");
const CHANGE_DELAY = 250; // ms in which changes are gathered
let changed = 0;

function step({ uid, done, total }) {
  const bar = document.getElementById(uid)?.querySelector("[data-job-progress]");
  if (!bar) return;
  bar.max = total || 1;
  bar.value = done;
}

function state(data) {
  // The stream begins with how each job stands; what the page shows already needs no new table.
  const row = document.getElementById(data.uid);
  if (row?.dataset.state === data.state && !data.cancelling) return step(data);
  clearTimeout(changed);
  changed = setTimeout(() => htmx.trigger(document.body, "jobs-changed"), CHANGE_DELAY);
}

follow(root.dataset.jobsEvents, { state, step }, { notice: document.querySelector("[data-stream-notice]") });
