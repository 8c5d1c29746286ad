// A job's events as they happen: an EventSource that resumes where it broke off, and a line that says so meanwhile.

import { timeOfDay } from "./intl.js";
import { words } from "./toast.js";

const KINDS = ["state", "stage", "step", "log", "tokens", "artifact", "end"];
const AGAIN = 3; // seconds until a closed stream is opened again

/**
 * Calls `on[kind](data, id)` for each event. The stream ends for good with `end`.
 * `notice` is the element that tells of a broken connection; `from` is the id after which to begin.
 */
export function follow(url, on, { notice = null, from = "" } = {}) {
  let last = from;
  let seen = new Date();
  let source = null;
  let over = false;
  let timer = 0;

  function connect() {
    const address = new URL(url, location.href);
    // EventSource sends Last-Event-ID only when it reconnects by itself, so the first id goes into the address.
    if (last) address.searchParams.set("after", last);
    source = new EventSource(address);
    source.addEventListener("open", () => say(""));
    source.addEventListener("error", broken);
    for (const kind of KINDS) source.addEventListener(kind, (event) => received(kind, event));
  }

  function received(kind, event) {
    last = event.lastEventId || last;
    seen = new Date();
    say("");
    on[kind]?.(JSON.parse(event.data), event.lastEventId);
    if (kind === "end") stop();
  }

  function broken() {
    if (over) return;
    say(words("reconnecting", { time: timeOfDay(seen) }));
    // The browser tries again by itself unless the server refused; then it is ours to do.
    if (source.readyState === EventSource.CLOSED) timer = setTimeout(connect, AGAIN * 1000);
  }

  function say(text) {
    if (!notice || notice.textContent === text) return;
    notice.textContent = text;
    notice.hidden = !text;
  }

  function stop() {
    over = true;
    clearTimeout(timer);
    source.close();
  }

  connect();
  addEventListener("pagehide", stop, { once: true });
  return { stop };
}
