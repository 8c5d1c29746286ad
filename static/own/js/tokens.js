// A run on the page of its demo: how far it is and, where it writes a text, the text as it is written, each token
// underlined by how sure the model was of it, with a line that tells the pace.
//
//   <form data-run-form>…</form>                 ⌘↵ in it runs, Esc presses [data-stop]
//   <section data-run data-job-events="URL" data-after="0" aria-busy="true">
//     <progress data-run-progress hidden>
//     <output class="gen" data-tokens></output>  (where it writes a text, with what follows)
//     <p class="badge" data-badge data-template="first token {first} s · {rate} tokens/s · {total} s"></p>
//     <details data-token-details hidden><tbody data-token-table></tbody></details>  (what else was likely)
//
// Runs that arrive by htmx are followed too. When the state changes, "job-changed" is told to the body.

import { decimal, tick } from "./intl.js";
import { follow } from "./stream.js";

const SURE = [0.03, 0.1, 0.25, 0.5]; // probabilities between the weights of the underline, see .tok in pages.css
let current = null;

function start(run) {
  current?.stop();
  const output = run.querySelector("[data-tokens]");
  const state = { began: performance.now(), first: 0, count: 0 };
  const changed = () => htmx.trigger(document.body, "job-changed");
  const stream = follow(
    run.dataset.jobEvents,
    {
      tokens: ({ tokens }) => append(run, output, tokens, state),
      state: changed,
      stage: changed,
      step: (data) => advance(run, data),
      end: () => {
        run.setAttribute("aria-busy", "false");
        run.querySelector("[data-run-progress]").hidden = true;
        changed();
      },
    },
    { notice: run.querySelector("[data-stream-notice]"), from: run.dataset.after ?? "" },
  );
  current = { run, ...stream };
}

function advance(run, { done, total }) {
  const bar = run.querySelector("[data-run-progress]");
  Object.assign(bar, { max: total || 1, value: done, hidden: false });
}

function append(run, output, tokens, state) {
  if (!output) return;
  run.querySelector("[data-token-details]").hidden = false;
  const now = performance.now();
  state.first ||= now;
  state.count += tokens.length;
  // Whoever has scrolled up to read is left there.
  const atEnd = output.scrollHeight - output.scrollTop - output.clientHeight < 24;
  output.append(...tokens.filter((token) => token.text).map(span));
  if (atEnd) output.scrollTop = output.scrollHeight;
  run.querySelector("[data-token-table]")?.append(...tokens.map(row));
  pace(run, state, now);
}

function span(token) {
  const element = document.createElement("span");
  element.className = "tok";
  element.dataset.sure = SURE.filter((least) => token.probability >= least).length;
  element.title = [tick(token.probability, "%"), ...token.alternatives.map(likely)].join("\n");
  element.textContent = token.text;
  return element;
}

const likely = ([text, probability]) => `${JSON.stringify(text)} ${tick(probability, "%")}`;

function row(token) {
  const line = document.createElement("tr");
  line.insertCell().textContent = JSON.stringify(token.text);
  const share = line.insertCell();
  share.className = "n";
  share.textContent = tick(token.probability, "%");
  line.insertCell().textContent = token.alternatives.map(likely).join(", ");
  return line;
}

function pace(run, { began, first, count }, now) {
  const badge = run.querySelector("[data-badge]");
  if (!badge?.dataset.template) return;
  const seconds = { first: (first - began) / 1000, total: (now - began) / 1000 };
  const rate = now > first ? ((count - 1) * 1000) / (now - first) : 0;
  const told = { first: decimal(seconds.first, 2), total: decimal(seconds.total, 3), rate: decimal(rate, 3), count };
  badge.textContent = badge.dataset.template.replace(/\{(\w+)\}/g, (_, name) => told[name]);
}

function find() {
  const run = document.querySelector('[data-run][aria-busy="true"]');
  if (run && run !== current?.run) start(run);
}

document.addEventListener("htmx:after:swap", find);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) event.target.closest("[data-run-form]")?.requestSubmit();
  else if (event.key === "Escape" && !document.querySelector("dialog[open]")) document.querySelector("[data-stop]")?.click();
});
find();
