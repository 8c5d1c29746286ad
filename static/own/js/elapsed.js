// <time data-elapsed datetime="…"> counts up from its moment once a second; data-elapsed="ISO" stops it there.

import { duration } from "./intl.js";

function show() {
  for (const element of document.querySelectorAll("time[data-elapsed]")) {
    const until = element.dataset.elapsed ? Date.parse(element.dataset.elapsed) : Date.now();
    element.textContent = duration((until - Date.parse(element.dateTime)) / 1000);
  }
}

show();
setInterval(show, 1000);
