// Categories and statuses: icon, word and colour. The word is always there.
import { html } from './html.js';

const paths = {
  tool_call: 'M10 2.5a3.5 3.5 0 0 0-3.3 4.6L2 11.8V14h2.2l4.7-4.7A3.5 3.5 0 0 0 13.3 5L11 7.2 8.8 5 11 2.7a3 3 0 0 0-1-.2Z',
  llm: 'M8 1.5 9.6 6 14.5 8 9.6 10 8 14.5 6.4 10 1.5 8 6.4 6Z',
  approval: 'M8 1.5 2.5 3.5V8c0 3.2 2.3 5.4 5.5 6.5 3.2-1.1 5.5-3.3 5.5-6.5V3.5ZM5.5 8l2 2 3.5-3.8',
  session: 'M2.5 3h11v8h-6L4.5 13.5V11h-2Z',
  mcp: 'M5 2v3M11 2v3M3.5 5h9v3a4.5 4.5 0 0 1-9 0ZM8 12.5V15',
  skill: 'M3 2.5h7.5L13 5v8.5H3ZM5.5 7h5M5.5 10h5',
  channel: 'M2 4h12v8.5H2ZM2 4.5l6 4.5 6-4.5',
  schedule: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 4.5V8l2.5 1.5',
  config: 'M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7M10.5 3v3M5.5 10v3',
  safety: 'M8 2 1.5 13.5h13ZM8 6.5v3.5M8 11.5v.8',
  supervisor: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 6.3a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4Z',
  eval: 'M6 2h4M7 2v4l-4 7.5h10L9 6V2',
  audit: 'M4 2h8v12l-2-1.3L8 14l-2-1.3L4 14ZM6.5 5.5h3M6.5 8.5h3',
  other: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z',
  ok: 'M3 8.5 6.5 12 13 4.5',
  error: 'M4 4l8 8M12 4l-8 8',
  denied: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM3.8 3.8l8.4 8.4',
  pending: 'M4 2.5h8M4 13.5h8M5 2.5v2.5l3 3 3-3V2.5M5 13.5V11l3-3 3 3v2.5',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3 14 14',
  close: 'M4 4l8 8M12 4l-8 8',
  copy: 'M5.5 5.5h8v8h-8ZM3 10.5h-.5v-8h8V3',
  link: 'M6.5 9.5 9.5 6.5M7 4.5l1.5-1.5a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5 7.5 13A3 3 0 0 1 3 8.5L4.5 7',
  filter: 'M2 3h12L9.5 8.5V13l-3-1.5v-3Z',
  theme: 'M8 2a6 6 0 1 0 0 12ZM8 2a6 6 0 0 1 0 12',
  down: 'M4 6l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  left: 'M10 4l-4 4 4 4',
  up: 'M8 13V3M4 7l4-4 4 4',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M4.5 3v10l8-5Z',
  tree: 'M3 3h4M5 5v7h3M5 8h3M9.5 8h4M9.5 12h4',
  star: 'M8 2l1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5Z',
  gap: 'M1.5 8h4M10.5 8h4M6.5 4.5l3 7',
  download: 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
};

export const statuses = ['ok', 'error', 'denied', 'pending'];
export const categories = ['tool_call', 'llm', 'approval', 'session', 'mcp', 'skill', 'channel', 'schedule',
  'config', 'safety', 'supervisor', 'eval', 'audit'];

const words = { tool_call: 'tool', error: 'failed' };
const known = (name) => Object.hasOwn(paths, name);

export const wordOf = (name) => (Object.hasOwn(words, name) ? words[name] : name);
export const categoryClass = (name) => `category-${categories.includes(name) ? name : 'other'}`;
export const statusClass = (name) => `status-${statuses.includes(name) ? name : 'other'}`;

export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d=${paths[known(name) ? name : 'other']} />
  </svg>`;
}
