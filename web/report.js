// A conversation as one HTML file that needs nothing else: no script, no network. All text of
// events goes through `markup`.
import { editsOf } from './diff.js';
import { wordOf } from './kinds.js';
import { meaningOf } from './meaning.js';
import { clock, count, day, duration } from './time.js';
import { escaped } from './visible.js';

const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\p{Cf}\p{Cs}]/gu;
const textMost = 200_000;

export function markup(value) {
  const text = String(value ?? '').slice(0, textMost).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  const more = String(value ?? '').length - textMost;
  return text.replace(hidden, (c) => `<span class="x">${escaped(c)}</span>`) + (more > 0 ? `<i> … ${count(more)} more characters</i>` : '');
}

const style = `:root{color-scheme:light dark;--line:light-dark(#ddd,#3a3f47);--dim:light-dark(#595f69,#9aa4b2);--bg:light-dark(#fff,#14171c);--soft:light-dark(#f5f6f8,#1c2027)}
body{font:14px/1.5 system-ui,sans-serif;max-width:1000px;margin:2rem auto;padding:0 1rem;background:var(--bg)}h1{font-size:1.3rem;overflow-wrap:anywhere}
.step{border-left:3px solid var(--line);margin:.5rem 0;padding:.3rem .8rem}.step.error{border-color:#d33}.step.denied{border-color:#c60}.step.pending{border-color:#a80}
.head{display:flex;gap:.6rem;flex-wrap:wrap;color:var(--dim)}.head b{color:light-dark(#111,#eee)}.sum{overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--soft);padding:.5rem;border-radius:6px;margin:.3rem 0;font:12px/1.5 ui-monospace,monospace}
details summary{cursor:pointer;color:var(--dim)}.add{background:light-dark(#d9f7df,#123d1e)}.del{background:light-dark(#fde2e2,#4a1518)}.x{background:light-dark(#ffe9a8,#5b4a00);border-radius:3px}
table{border-collapse:collapse}td,th{text-align:left;padding:.1rem .8rem .1rem 0}.error .st{color:light-dark(#b00020,#ff8a8a)}.denied .st{color:light-dark(#9a4200,#ffb066)}`;

const pretty = (value) => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

function block(title, value, open = false) {
  if (value === undefined || value === null || value === '') return '';
  return `<details${open ? ' open' : ''}><summary>${markup(title)}</summary><pre>${markup(pretty(value))}</pre></details>`;
}

function edits(meaning) {
  const signs = { '+': 'add', '-': 'del' };
  return editsOf(meaning.args, meaning.result).map(({ path, lines }) => `<p>${markup(path)}</p><pre>${lines.map((line) =>
    `<span class="${signs[line.sign] ?? ''}">${markup(`${line.sign} ${line.text}`)}</span>`).join('\n')}</pre>`).join('');
}

function messages(meaning) {
  if (!meaning.messages?.length) return '';
  const part = (one) => (one.kind === 'text' || one.kind === 'thinking' ? one.text : `${one.name ? `${one.kind} ${one.name}: ` : ''}${pretty(one.value) ?? ''}`);
  return `<details><summary>${count(meaning.messages.length)} messages</summary>${meaning.messages.map((message) =>
    `<p><b>${markup(message.role)}</b></p><pre>${message.parts.map((one) => markup(part(one))).join('\n')}</pre>`).join('')}</details>`;
}

function step(node) {
  const subject = node.subject;
  const meaning = meaningOf(subject);
  const events = node.events.map((event) => `#${event.id} ${wordOf(event.category)} ${wordOf(event.status)} ${clock(event.timestamp)}`).join(' → ');
  return `<div class="step ${/^(ok|error|denied|pending)$/.test(node.status) ? node.status : 'other'}" style="margin-left:${Math.min(node.depth, 12) * 18}px">
<div class="head"><span>${markup(clock(node.first.timestamp))}</span><b>${markup(wordOf(subject.category))}</b><span class="st">${markup(wordOf(node.status))}</span><span>${markup(subject.agent)}</span>${node.took === null ? '' : `<span>${duration(node.took)}</span>`}</div>
<div class="sum">${markup(subject.summary || subject.action)}</div>
${block('Error', meaning.error, true)}${edits(meaning)}${meaning.messages?.length ? messages(meaning) : block('Arguments', meaning.args)}${block('Text', typeof meaning.prompt === 'string' ? meaning.prompt : undefined)}${block('Result', meaning.result)}${meaning.object ? '' : block('Detail', meaning.raw)}
<details><summary>${markup(events)}</summary><pre>${markup(node.events.map((event) => JSON.stringify(event)).join('\n'))}</pre></details></div>`;
}

export function reportOf({ title, events, tree, made = new Date() }) {
  const bad = (name) => events.filter((event) => event.status === name).length;
  const agents = [...new Set(events.map((event) => event.agent).filter(Boolean))].join(', ');
  const first = tree.rows[0]?.first.timestamp ?? '';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${markup(title)}</title><style>${style}</style></head><body>
<h1>${markup(title)}</h1><table><tr><th>Day</th><td>${markup(day(first))} (times in UTC)</td></tr><tr><th>Agents</th><td>${markup(agents)}</td></tr>
<tr><th>Events</th><td>${count(events.length)}, ${count(bad('error'))} failed, ${count(bad('denied'))} denied</td></tr><tr><th>Made</th><td>${made.toISOString()} by agentaudit</td></tr></table>
${tree.rows.map(step).join('\n')}</body></html>`;
}
