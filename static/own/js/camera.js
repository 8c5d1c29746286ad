// The camera as a way of giving a picture: the middle square of what it sees, handed to the file input. It is on only
// while its picture is shown.
//
//   <div data-camera data-insecure="…" data-denied="…"><p data-camera-problem hidden><video hidden>
//     <button data-camera-start>   <button data-camera-take hidden>

import { giveCanvas } from "./media.js";

const SIDE = 640; // pixels of the picture that is handed over
let running = null; // {stream, pane}

const part = (pane, name) => pane.querySelector(name);

function problem(pane, text) {
  const place = part(pane, "[data-camera-problem]");
  place.textContent = text;
  place.hidden = !text;
}

async function start(pane) {
  stop();
  problem(pane, "");
  // Browsers give no camera to a page that others could have changed on its way.
  if (!isSecureContext || !navigator.mediaDevices) return problem(pane, pane.dataset.insecure);
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
    running = { stream, pane };
    const video = part(pane, "video");
    video.srcObject = stream;
    await video.play();
    shown(pane, true);
  } catch {
    stop();
    problem(pane, pane.dataset.denied);
  }
}

function shown(pane, on) {
  part(pane, "video").hidden = part(pane, "[data-camera-take]").hidden = !on;
  part(pane, "[data-camera-start]").hidden = on;
}

function take(pane) {
  const video = part(pane, "video");
  const side = Math.min(video.videoWidth, video.videoHeight);
  const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
  canvas.getContext("2d").drawImage(video, left, top, side, side, 0, 0, SIDE, SIDE);
  giveCanvas(pane.closest("[data-media]"), canvas, "photo.png");
  stop();
}

function stop() {
  if (!running) return;
  for (const track of running.stream.getTracks()) track.stop();
  part(running.pane, "video").srcObject = null;
  shown(running.pane, false);
  running = null;
}

document.addEventListener("click", (event) => {
  const pane = event.target.closest("[data-camera]");
  if (event.target.closest("[data-camera-start]")) start(pane);
  else if (event.target.closest("[data-camera-take]")) take(pane);
});
document.addEventListener("way-chosen", stop);
document.addEventListener("visibilitychange", () => document.hidden && stop());
addEventListener("pagehide", stop);
