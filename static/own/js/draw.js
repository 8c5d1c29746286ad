// Drawing as a way of giving a picture: white strokes on black, handed to the file input when the pen is lifted.
//
//   <canvas data-draw width="280" height="280">   <button data-draw-undo>   <button data-draw-clear>

import { give, giveCanvas } from "./media.js";

const PEN = 20; // pixels of the canvas: as thick as a stroke of handwriting in a field of this size
const drawings = new WeakMap(); // canvas -> strokes, each a list of points

const strokesOf = (canvas) => {
  if (!drawings.has(canvas)) drawings.set(canvas, []);
  return drawings.get(canvas);
};

function paint(canvas) {
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  Object.assign(pen, { strokeStyle: "#fff", lineWidth: PEN, lineCap: "round", lineJoin: "round" });
  for (const stroke of strokesOf(canvas)) {
    pen.beginPath();
    pen.moveTo(...stroke[0]);
    // A line to where it began makes a dot of a stroke with one point.
    for (const point of stroke.length > 1 ? stroke.slice(1) : stroke) pen.lineTo(...point);
    pen.stroke();
  }
}

function place(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
}

function handOver(canvas) {
  const media = canvas.closest("[data-media]");
  if (strokesOf(canvas).length) giveCanvas(media, canvas, "drawing.png");
  else give(media, null);
}

function changed(canvas, change) {
  change(strokesOf(canvas));
  paint(canvas);
  handOver(canvas);
}

document.addEventListener("pointerdown", (event) => {
  const canvas = event.target;
  if (!canvas.matches?.("[data-draw]") || event.button !== 0) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  strokesOf(canvas).push([place(canvas, event)]);
  paint(canvas);
});

document.addEventListener("pointermove", (event) => {
  const canvas = event.target;
  if (!canvas.matches?.("[data-draw]") || !canvas.hasPointerCapture(event.pointerId)) return;
  // A fast hand has been to more places than there are frames.
  const points = event.getCoalescedEvents?.() ?? [];
  strokesOf(canvas).at(-1).push(...(points.length ? points : [event]).map((point) => place(canvas, point)));
  paint(canvas);
});

for (const kind of ["pointerup", "pointercancel"]) {
  document.addEventListener(kind, (event) => {
    if (event.target.matches?.("[data-draw]") && event.target.hasPointerCapture(event.pointerId)) handOver(event.target);
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-draw-undo], [data-draw-clear]");
  const canvas = button?.closest("[data-pane]").querySelector("[data-draw]");
  if (canvas) changed(canvas, "drawUndo" in button.dataset ? (strokes) => strokes.pop() : (strokes) => strokes.splice(0));
});

// What was removed, or chosen in another way, is not drawn any more.
document.addEventListener("media-removed", (event) => {
  const canvas = event.target.querySelector("[data-draw]");
  if (!canvas) return;
  strokesOf(canvas).splice(0);
  paint(canvas);
});

function prepare() {
  for (const canvas of document.querySelectorAll("[data-draw]")) if (!drawings.has(canvas)) paint(canvas);
}

document.addEventListener("htmx:after:swap", prepare);
prepare();
