// Times and amounts as people read them. Timestamps are RFC 3339 in UTC with up to nine decimals.
const two = (n) => String(n).padStart(2, '0');

export function clock(timestamp) {
  const [, time = ''] = timestamp.split('T');
  const [seconds, decimals = ''] = time.replace('Z', '').split('.');
  return `${seconds}.${decimals.padEnd(3, '0').slice(0, 3)}`;
}

export function day(timestamp) {
  return timestamp.slice(0, 10);
}

// `now` as a number of milliseconds.
export function ago(timestamp, now = Date.now()) {
  const seconds = Math.round((now - Date.parse(timestamp)) / 1000);
  if (!Number.isFinite(seconds)) return '';
  if (seconds < -1) return 'in the future';
  if (seconds < 5) return 'now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

// Made once: making it takes longer than drawing a row.
const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });

export function both(timestamp) {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return timestamp;
  return `${timestamp}\n${local.format(date)} here`;
}

export function duration(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return '';
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
  if (milliseconds < 3_600_000) {
    return `${Math.floor(milliseconds / 60_000)} min ${two(Math.floor((milliseconds % 60_000) / 1000))} s`;
  }
  return `${Math.floor(milliseconds / 3_600_000)} h ${two(Math.floor((milliseconds % 3_600_000) / 60_000))} min`;
}

const grouped = new Intl.NumberFormat('en');
const compacted = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const count = (n) => grouped.format(n);
export const shortest = (n) => compacted.format(n);
export const compact = (n) => (n < 10_000 ? grouped.format(n) : compacted.format(n));

export function bytes(n) {
  if (n < 1024) return `${n} B`;
  return n < 1024 * 1024 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / 1024 / 1024).toFixed(1)} MiB`;
}

// Whether `a` is the later of two timestamps; their text sorts as they do without the Z.
export function later(a, b) {
  return a.slice(0, -1) > b.slice(0, -1);
}
