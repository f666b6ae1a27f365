"use strict";
// Charts are drawn one after another once the page stands, and again when the colours of the system change.

const DARK = matchMedia("(prefers-color-scheme: dark)");

function chartRows(name) {
  if (name === "targets") return GAINS.t;
  if (name === "languages") return GAINS.l;
  if (name === "layers") return DATA.layers;
  return DATA.curves.flatMap(([key, tasks, after, seed, losses]) =>
    losses.map(([update, loss]) => ({ key, tasks, after, seed, update, loss })));
}

function colours() {
  const [ink, quiet, line] = DARK.matches ? ["#e4e8ec", "#9aa5b1", "#343b43"] : ["#1b1f24", "#59636e", "#d5dae0"];
  const labels = { labelColor: ink, titleColor: quiet };
  return {
    background: null,
    font: "system-ui, sans-serif",
    axis: { ...labels, gridColor: line, domainColor: quiet, tickColor: quiet },
    legend: labels, header: labels, title: { color: ink },
    mark: { aria: false }, text: { color: ink }, rule: { color: quiet },
    view: { stroke: line },
    range: {
      diverging: DARK.matches ? ["#b86414", "#22272c", "#2f74bd"] : ["#e08a3c", "#f6f6f6", "#5b9bd5"],
      category: ["#4c90d6", "#e08a3c", "#3fa66b", "#d9566b", "#9a76d1", "#a3784f", "#d678b4", "#8c8c8c", "#b5a52a", "#35acb8", "#c04ad0", "#7aa33a"],
    },
  };
}

async function draw(place, theme) {
  const figure = place.closest("figure");
  const spec = structuredClone(DATA.specs[place.dataset.chart]);
  spec.description = figure.querySelector("figcaption").textContent;
  spec.datasets = { [spec.data.name]: structuredClone(chartRows(spec.data.name)) };
  delete spec.config;
  const { view } = await vegaEmbed(place, spec, {
    renderer: "svg", config: theme, bind: figure.querySelector(".controls"), tooltip: { theme: DARK.matches ? "dark" : "light" },
    actions: { export: true, source: false, compiled: false, editor: false },
  });
  view.addEventListener("click", (event, item) => item && item.datum && item.datum.cell && openCell(item.datum.cell));
}

async function drawAll() {
  const theme = colours();
  for (const place of document.querySelectorAll("[data-chart]")) {
    try {
      await draw(place, theme);
    } catch (error) {
      console.error(error);
      place.textContent = `This chart cannot be drawn here (${error.message}). The tables have its numbers.`;
    }
  }
  document.documentElement.dataset.charts = "drawn";
}

let drawing = Promise.resolve();
function drawCharts() {
  drawing = drawing.then(drawAll);
}
DARK.addEventListener("change", drawCharts);
