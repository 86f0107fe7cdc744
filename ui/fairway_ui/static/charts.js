// Draws the charts of a page with uPlot, over the drawings that the server made, and keeps them fresh.
const board = document.querySelector("[data-series]");
const plots = new Map();
let latest = null;

// A custom property holds the text light-dark(...): only an element that uses it knows the colour.
const paint = (token) => {
  const probe = document.createElement("i");
  probe.className = "paint";
  probe.style.color = `var(--${token})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

const bytes = (value) => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${Number(value.toFixed(value < 10 ? 1 : 0))}\u00a0${units[unit]}`;
};
const figure = (value, unit) => {
  if (unit === "bytes") return bytes(value);
  if (unit === "seconds") return value < 1 ? `${Number((value * 1000).toPrecision(3))}\u00a0ms` : `${Number(value.toPrecision(3))}\u00a0s`;
  return Number(value.toPrecision(4)).toLocaleString("en");
};
const pad = (number) => String(number).padStart(2, "0");
const clock = (seconds, long) => {
  const at = new Date(seconds * 1000);
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  return long ? `${at.toLocaleDateString("en", { weekday: "short" })} ${time}` : time;
};
const byteSteps = Array.from({ length: 5 }, (_, unit) => [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((n) => n * 1024 ** unit)).flat();

const marksOn = (plot) => {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = paint("ink");
  ctx.lineWidth = devicePixelRatio;
  for (const mark of latest.marks) {
    const x = plot.valToPos(mark.at, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const size = 4 * devicePixelRatio;
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top + 2 * size);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.beginPath();
    if (mark.kind === "chaos") {
      ctx.moveTo(x - size, bbox.top + size);
      ctx.lineTo(x + size, bbox.top + size);
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + 2 * size);
      ctx.stroke();
    } else {
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x + 1.5 * size, bbox.top + size);
      ctx.lineTo(x, bbox.top + 2 * size);
      ctx.fill();
    }
  }
  ctx.restore();
};

// A value between two gaps has no line: it is a dot.
const alone = (plot, n) => {
  const values = plot.data[n];
  return values.flatMap((value, i) => (value != null && values[i - 1] == null && values[i + 1] == null ? [i] : []));
};

const columns = ({ series }) => [series.at, series.value, series.high, series.limit];
const same = (chart) => chart.series.high.every((high, n) => high === chart.series.value[n]);

const options = (chart, box) => {
  const [ink, dim, line, accent, bad] = ["ink", "dim", "line", "accent", "bad"].map(paint);
  const at = chart.series.at;
  const long = at.at(-1) - at[0] > 172800;
  const axis = { stroke: dim, font: "11px Sofia, sans-serif", grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const said = box.closest("figure").querySelector("[data-said]");
  return {
    width: box.clientWidth,
    height: box.clientHeight,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high || 1) * 1.08] } },
    axes: [
      { ...axis, size: 22, gap: 4, space: 70, grid: { show: false }, values: (_, splits) => splits.map((s) => clock(s, long)) },
      {
        ...axis,
        gap: 6,
        space: 34,
        size: (_, values) => 12 + 6.4 * Math.max(2, ...(values ?? []).map((v) => v.length)),
        values: (_, splits) => splits.map((s) => figure(s, chart.unit)),
        ...(chart.unit === "bytes" ? { incrs: byteSteps } : {}),
      },
    ],
    series: [
      {},
      { stroke: accent, width: 1.5, spanGaps: false, points: { show: true, size: 4, filter: alone } },
      { stroke: dim, width: 1, dash: [4, 3], spanGaps: false, points: { show: false }, show: !same(chart) },
      { stroke: bad, width: 1.5, dash: [2, 3], spanGaps: false, points: { show: false } },
    ],
    hooks: {
      draw: [marksOn],
      setCursor: [
        (plot) => {
          const n = plot.cursor.idx;
          const value = n == null || plot.cursor.left < 0 ? null : plot.data[1][n];
          said.style.color = value == null ? "" : ink;
          said.textContent = value == null ? said.dataset.said : `${figure(value, chart.unit)} at ${clock(plot.data[0][n], long)}`;
        },
      ],
    },
  };
};

const draw = () => {
  for (const chart of latest?.charts ?? []) {
    const box = board.querySelector(`[data-chart="${CSS.escape(chart.name)}"] .canvas`);
    if (!box) continue;
    plots.get(chart.name)?.destroy();
    box.replaceChildren();
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", chart.sentence);
    plots.set(chart.name, new uPlot(options(chart, box), columns(chart), box));
  }
};

const refresh = async () => {
  if (document.hidden && latest) return;
  const answer = await fetch(board.dataset.series, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const first = !latest;
  latest = await answer.json();
  for (const chart of latest.charts) {
    const said = board.querySelector(`[data-chart="${CSS.escape(chart.name)}"] [data-said]`);
    if (!said) continue;
    said.dataset.said = said.textContent = chart.said;
    if (first || !plots.has(chart.name)) continue;
    plots.get(chart.name).setData(columns(chart));
    plots.get(chart.name).root.parentElement.setAttribute("aria-label", chart.sentence);
  }
  if (first) draw();
};

if (board && "uPlot" in globalThis) {
  refresh();
  setInterval(refresh, 1000 * Number(board.dataset.every));
  addEventListener("themechange", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  new ResizeObserver(() => {
    for (const plot of plots.values()) {
      const { clientWidth, clientHeight } = plot.root.parentElement;
      if (clientWidth !== plot.width) plot.setSize({ width: clientWidth, height: clientHeight });
    }
  }).observe(board);
}
