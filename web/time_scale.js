// Time along a line, with the long stretches in which nothing happened drawn short.
const idleShare = 0.03;

// Of nodes with `start` and `took`: {at(ms): percent, breaks: [{at, ms}], busyMs}.
export function timeScale(nodes) {
  const busy = [];
  for (const { start, took } of [...nodes].sort((a, b) => a.start - b.start)) {
    const end = start + (took ?? 0);
    const last = busy.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else busy.push({ start, end });
  }
  if (!busy.length) return { at: () => 0, breaks: [], busyMs: 0 };
  const whole = busy.at(-1).end - busy[0].start;
  // A gap is long if the rest would be hard to see beside it.
  const gaps = busy.slice(1).map((one, i) => one.start - busy[i].end);
  const long = (gap) => gap > 1000 && gap > whole / 8;
  const kept = whole - gaps.filter(long).reduce((sum, gap) => sum + gap, 0);
  const short = Math.max(1, kept * idleShare);
  const points = [[busy[0].start, 0]];
  const breaks = [];
  busy.forEach((one, i) => {
    if (i > 0) {
      const gap = gaps[i - 1];
      const from = points.at(-1)[1];
      const to = from + (long(gap) ? short : gap);
      if (long(gap)) breaks.push({ at: (from + to) / 2, ms: gap });
      points.push([one.start, to]);
    }
    points.push([one.end, points.at(-1)[1] + one.end - one.start]);
  });
  const length = Math.max(1, points.at(-1)[1]);
  const percent = (value) => Math.min(100, Math.max(0, (100 * value) / length));
  function at(ms) {
    let low = 0;
    let high = points.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (points[middle][0] <= ms) low = middle;
      else high = middle;
    }
    const [x0, y0] = points[low];
    const [x1, y1] = points[high];
    return percent(x1 === x0 ? y0 : y0 + ((ms - x0) * (y1 - y0)) / (x1 - x0));
  }
  return { at, breaks: breaks.map((one) => ({ at: percent(one.at), ms: one.ms })), busyMs: length };
}
