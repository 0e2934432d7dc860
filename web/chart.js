// Counts over time, stacked by how they ended; a stretch of it can be marked with the pointer.
import { html, useEffect, useRef } from './html.js';

let library;
const uplot = () => (library ??= import('./uplot.js').then((module) => module.default));

const bands = [
  { name: 'failed', kind: 'error', of: (bucket) => bucket.errors },
  { name: 'denied', kind: 'denied', of: (bucket) => bucket.denied },
  { name: 'pending', kind: 'pending', of: (bucket) => bucket.pending },
  { name: 'ok', kind: 'calm', of: (bucket) => bucket.total - bucket.errors - bucket.denied - bucket.pending },
];

// A canvas knows neither variables nor light-dark(): an element that uses them does.
function colourOf(name) {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

const daySeconds = 86_400;

// Ticks in UTC: the day where a new one begins or only days are shown, else the time.
function tickLabels(u, ticks) {
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : 0;
  return ticks.map((seconds, i) => {
    const text = new Date(seconds * 1000).toISOString();
    const newDay = step >= daySeconds || (i > 0 && Math.floor(seconds / daySeconds) !== Math.floor(ticks[i - 1] / daySeconds));
    if (newDay) return text.slice(5, 10);
    return step < 60 ? text.slice(11, 19) : text.slice(11, 16);
  });
}

// Each band on top of those before it; drawn from the highest down.
function stacked(buckets) {
  const x = buckets.map((bucket) => Date.parse(bucket.start) / 1000);
  let below = buckets.map(() => 0);
  const heights = bands.map((band) => {
    below = buckets.map((bucket, i) => below[i] + band.of(bucket));
    return below;
  });
  return [x, ...heights.reverse()];
}

function options(UPlot, width, height, data, { quiet, onSelect, range }) {
  const axis = { stroke: colourOf('--dim'), grid: { stroke: colourOf('--line'), width: 1 }, ticks: { show: false }, font: '11px system-ui' };
  return {
    width, height, padding: [6, 8, 0, quiet ? 22 : 0], legend: { show: false },
    tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { y: false, points: { show: false }, drag: { x: Boolean(onSelect), y: false, setScale: false } },
    select: { show: true },
    scales: { x: { time: true, range: range ? () => range : undefined }, y: { range: (u, min, max) => [0, Math.max(1, max)] } },
    axes: [{ ...axis, size: 22, grid: { show: false }, space: 64, values: tickLabels }, { ...axis, show: !quiet, size: 46, values: (u, ticks) => ticks.map((n) => (Number.isInteger(n) ? n.toLocaleString('en') : '')) }],
    series: [{}, ...[...bands].reverse().map((band) => ({
      label: band.name, fill: colourOf(`--${band.kind}`), stroke: colourOf(`--${band.kind}`), width: 0,
      paths: UPlot.paths.bars({ size: [0.86, 40], align: 1 }), points: { show: false },
    }))],
    hooks: {
      setSelect: [(u) => {
        if (!onSelect || u.select.width < 4) return;
        const at = (px) => new Date(u.posToVal(px, 'x') * 1000).toISOString();
        onSelect(at(u.select.left), at(u.select.left + u.select.width));
        u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      }],
    },
  };
}

export function TimeChart({ buckets, height = 90, quiet = false, onSelect, theme, label }) {
  const box = useRef(null);
  const select = useRef(onSelect);
  select.current = onSelect;
  useEffect(() => {
    let plot;
    let ended = false;
    const element = box.current;
    if (!buckets?.length) return undefined;
    const data = stacked(buckets);
    const step = data[0].length > 1 ? data[0][1] - data[0][0] : 60;
    const range = [data[0][0], data[0][data[0].length - 1] + step];
    let observer;
    uplot().then((UPlot) => {
      if (ended) return;
      plot = new UPlot(options(UPlot, element.clientWidth, height, data, { quiet, range, onSelect: onSelect && ((...stretch) => select.current(...stretch)) }), data, element);
      observer = new ResizeObserver(() => {
        if (Math.abs(plot.width - element.clientWidth) > 1) plot.setSize({ width: element.clientWidth, height });
      });
      observer.observe(element);
    });
    return () => {
      ended = true;
      observer?.disconnect();
      plot?.destroy();
    };
  }, [buckets, height, quiet, theme]);
  return html`<div class="chart" ref=${box} role="img" aria-label=${label} style=${{ minHeight: `${height}px` }}></div>`;
}

export function Legend() {
  return html`<ul class="legend" aria-label="Colours of the chart">
    ${bands.map((band) => html`<li key=${band.kind}><i class=${`swatch swatch-${band.kind}`}></i>${band.name}</li>`)}
  </ul>`;
}
