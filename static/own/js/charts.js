// Paints the figures that the server sends as JSON. Colours are names of CSS variables ("tok:--s1/0.2"), so a change of
// theme is one more paint; ticks come as values and are written in the reader's language.

import { tick } from "./intl.js";
import { colour, variable } from "./theme.js";

const painted = new WeakMap(); // element -> the JSON text it shows
const TICK_WIDTH = 84; // pixels that one tick of a horizontal axis needs
const OPTIONS = { displayModeBar: false, responsive: true, doubleClick: false, scrollZoom: false, showTips: false };

const withColours = (text) =>
  JSON.parse(
    text.replace(/"tok:(--[\w-]+)(?:\/([\d.]+))?"/g, (_, token, opacity) => JSON.stringify(colour(token, opacity))),
  );

function layoutOf(figure, width) {
  const [ink, quiet, line] = ["--ink", "--ink-2", "--line"].map((token) => colour(token));
  const small = { color: quiet, size: 12 };
  const axis = {
    gridcolor: line, linecolor: line, zerolinecolor: quiet, zerolinewidth: 1, tickfont: small, ticks: "",
    fixedrange: true, automargin: true, title: { font: small },
  };
  const { xaxis, yaxis, ...rest } = figure.layout ?? {};
  const layout = {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: variable("--sans"), size: 12, color: ink },
    margin: { t: 8, r: 12, b: 32, l: 8 }, showlegend: false, hovermode: "x unified", uirevision: "keep",
    hoverlabel: { bgcolor: colour("--surface"), bordercolor: line, font: { color: ink, size: 12 } },
    ...rest,
    xaxis: { ...axis, showgrid: false, ...xaxis },
    yaxis: { ...axis, ...yaxis },
  };
  for (const [name, ticks] of Object.entries(figure.ticks ?? {})) {
    const every = name === "x" ? Math.ceil((ticks.values.length * TICK_WIDTH) / width) : 1;
    const values = ticks.values.filter((_, at) => at % every === 0);
    Object.assign(layout[`${name}axis`], {
      tickmode: "array", tickangle: 0, tickvals: values, ticktext: values.map((value) => tick(value, ticks.unit)),
    });
  }
  return layout;
}

function paintOne(element) {
  const source = document.getElementById(element.dataset.chart);
  if (!source || painted.get(element) === source.textContent) return;
  if (!element.offsetParent) return; // hidden in another tab: it is painted when shown
  painted.set(element, source.textContent);
  if (source.dataset.label) element.setAttribute("aria-label", source.dataset.label); // a morph leaves the element as it was
  const figure = withColours(source.textContent);
  const isNew = !element.classList.contains("js-plotly-plot");
  Plotly.react(element, figure.data, layoutOf(figure, element.clientWidth), OPTIONS);
  if (isNew) element.on("plotly_click", ({ points }) => goTo(points[0].customdata));
}

/** A bar that stands for an input leads to it; where a figure's points have such a place it is their `customdata`. */
function goTo(id) {
  const field = typeof id === "string" && document.getElementById(id);
  if (!field) return;
  field.scrollIntoView({ block: "center" });
  field.focus();
}

function paint() {
  for (const element of document.querySelectorAll("[data-chart]")) paintOne(element);
  document.dispatchEvent(new CustomEvent("charts-painted"));
}

function repaint() {
  for (const element of document.querySelectorAll("[data-chart]")) painted.delete(element);
  paint();
}

paint();
document.addEventListener("htmx:after:swap", paint);
document.addEventListener("tab-chosen", paint);
document.addEventListener("toggle", paint, true);
document.addEventListener("theme-changed", repaint);
// Paper is light and has another width.
matchMedia("print").addEventListener("change", () => {
  repaint();
  for (const element of document.querySelectorAll(".js-plotly-plot")) Plotly.Plots.resize(element);
});
// Plotly measures text when it draws: draw again once the typeface is there.
if (document.fonts.status === "loading") document.fonts.ready.then(repaint);
