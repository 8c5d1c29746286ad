// Live curves of a job: raw values faint, smoothed on top, the best point marked, a table for whoever cannot see them.

import { decimal, tick } from "./intl.js";
import { colour, variable } from "./theme.js";

const SMOOTHING = 0.04; // of all points: after so many a value weighs half in the smoothed line
const TABLE_ROWS = 12;
const LABEL_WIDTH = 78; // pixels kept free to the right for the names of lines

/**
 * One chart of measures that share an axis.
 *
 * `element` is `<div class="curve h220" data-measures="loss validation_loss" data-labels="Training|Held out"
 * data-unit="" data-best="min|max|" data-table="id of a tbody">`. The first measure is noisy and gets smoothed.
 */
export class Curve {
  constructor(element) {
    const { measures, labels, unit = "", best = "", table } = element.dataset;
    this.element = element;
    this.names = measures.split(" ");
    this.labels = labels.split("|");
    this.unit = unit;
    this.best = best;
    this.table = table ? document.getElementById(table) : null;
    this.points = new Map(); // step -> {measure: value}
    this.log = false;
    this.plot = null;
    this.queued = false;
    new ResizeObserver(() => this.resize()).observe(element);
    document.addEventListener("theme-changed", () => this.rebuild());
  }

  /** Take the measures of a step event; what this chart does not show is passed over. */
  add(data) {
    const known = this.names.filter((name) => Number.isFinite(data[name]));
    if (!known.length) return;
    const point = this.points.get(data.done) ?? {};
    for (const name of known) point[name] = data[name];
    this.points.set(data.done, point);
    if (this.queued) return;
    this.queued = true;
    requestAnimationFrame(() => {
      this.queued = false;
      this.draw();
    });
  }

  useLog(on) {
    this.log = on;
    this.rebuild();
  }

  columns() {
    const steps = [...this.points.keys()].sort((a, b) => a - b);
    const values = this.names.map((name) => steps.map((step) => this.points.get(step)[name] ?? null));
    return [steps, smoothed(values[0]), ...values];
  }

  draw() {
    const columns = this.columns();
    if (this.plot) this.plot.setData(columns);
    else this.plot = new uPlot(this.options(), columns, this.element);
    this.fillTable(columns);
  }

  rebuild() {
    this.plot?.destroy();
    this.plot = null;
    if (this.points.size) this.draw();
  }

  resize() {
    if (this.plot) this.plot.setSize(this.size());
    else if (this.points.size) this.draw();
  }

  size() {
    return { width: this.element.clientWidth, height: this.element.clientHeight };
  }

  options() {
    const grid = { stroke: colour("--line"), width: 1 };
    const axis = { stroke: colour("--ink-2"), font: `12px ${variable("--sans")}`, ticks: { show: false } };
    const written = (_, values) => values.map((value) => (value === null ? "" : tick(value, this.unit)));
    const spoken = (_, value) => (value == null ? "–" : decimal(value));
    const line = (label, token, more) => ({ label, stroke: colour(token), spanGaps: true, points: { show: false }, value: spoken, ...more });
    const raw = line(this.labels[0], "--s1", { width: 1, stroke: colour("--s1", 0.3) });
    return {
      ...this.size(),
      padding: [10, this.names.length > 1 ? LABEL_WIDTH : 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 7 } },
      scales: { x: { time: false }, y: { distr: this.log ? 3 : 1 } },
      axes: [
        { ...axis, grid: { show: false }, size: 28, values: (_, steps) => steps.map((step) => tick(step)) },
        { ...axis, grid, size: 56, values: written },
      ],
      series: [
        {},
        line(this.labels[0], "--s1", { width: 2 }),
        raw,
        ...this.names.slice(1).map((_, at) => line(this.labels[at + 1], `--s${at + 2}`, { width: 2, points: { show: true, size: 5 } })),
      ],
      hooks: { draw: [(plot) => this.nameLines(plot), (plot) => this.markBest(plot)], setCursor: [(plot) => this.tell(plot)] },
    };
  }

  /** Each line's name at its end, pushed apart where ends are close. */
  nameLines(plot) {
    if (this.names.length < 2) return;
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    const [, smooth, , ...others] = plot.data;
    const ends = [smooth, ...others].map((values, at) => ({ at, value: values.findLast((value) => value !== null) }));
    let above = -Infinity;
    ctx.save();
    ctx.font = `${12 * ratio}px ${variable("--sans")}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    for (const { at, value } of ends.filter((end) => end.value !== undefined).sort((a, b) => b.value - a.value)) {
      const y = Math.max(plot.valToPos(value, "y", true), above + 15 * ratio);
      above = y;
      ctx.fillStyle = colour(`--s${at + 1}`);
      ctx.fillText(this.labels[at], bbox.left + bbox.width + 8 * ratio, y);
    }
    ctx.restore();
  }

  /** The best point of the last measure, or of the only one: a ring with its value. */
  bestPoint() {
    if (!this.best) return null;
    const name = this.names.at(-1);
    let found = null;
    for (const [step, point] of this.points) {
      const value = point[name];
      if (value !== undefined && (!found || (this.best === "min" ? value < found.value : value > found.value))) found = { step, value };
    }
    return found;
  }

  markBest(plot) {
    const best = this.bestPoint();
    if (!best || this.points.size < 2) return;
    const { ctx } = plot;
    const [x, y] = [plot.valToPos(best.step, "x", true), plot.valToPos(best.value, "y", true)];
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.lineWidth = 2 * ratio;
    ctx.strokeStyle = ctx.fillStyle = colour("--ink");
    ctx.beginPath();
    ctx.arc(x, y, 5 * ratio, 0, 2 * Math.PI);
    ctx.stroke();
    ctx.font = `${12 * ratio}px ${variable("--sans")}`;
    ctx.textBaseline = "alphabetic";
    ctx.textAlign = x > plot.bbox.left + plot.bbox.width * 0.8 ? "right" : "left";
    ctx.fillText(decimal(best.value), x + (ctx.textAlign === "left" ? 9 : -9) * ratio, y - 7 * ratio);
    ctx.restore();
  }

  /** What lies under the cursor, in the caption's <output>. */
  tell(plot) {
    const place = this.element.closest("figure")?.querySelector("output");
    if (!place) return;
    const at = plot.cursor.idx;
    const [steps, , ...values] = plot.data;
    const told = at == null ? [] : this.labels.map((label, i) => (values[i][at] == null ? "" : `${label} ${decimal(values[i][at])}`));
    place.textContent = at == null ? "" : [tick(steps[at]), ...told.filter(Boolean)].join(" · ");
  }

  fillTable([steps, , ...values]) {
    if (!this.table) return;
    const every = Math.max(1, Math.ceil(steps.length / TABLE_ROWS));
    const shown = steps.map((_, at) => at).filter((at) => at % every === 0 || at === steps.length - 1);
    this.table.replaceChildren(
      ...shown.map((at) => {
        const row = document.createElement("tr");
        for (const value of [steps[at], ...values.map((column) => column[at])]) {
          const cell = row.insertCell();
          cell.className = "n";
          cell.textContent = value == null ? "–" : decimal(value);
        }
        return row;
      }),
    );
  }
}

/** Exponential average in which a value's weight halves every few points, without the pull of the first. */
function smoothed(values) {
  const keep = 0.5 ** (1 / Math.max(0.5, SMOOTHING * values.length));
  let [sum, weight] = [0, 0];
  return values.map((value) => {
    if (value === null) return null;
    sum = sum * keep + value;
    weight = weight * keep + 1;
    return sum / weight;
  });
}
