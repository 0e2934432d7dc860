// One conversation or trace: what was done, nested by what caused it, along time.
import { aborted, askJson, save } from './api.js';
import { Failure, useAnswer } from './answer.js';
import { CopyButton } from './copy.js';
import { Category, Status } from './event_row.js';
import { EventPanel } from './event_panel.js';
import { classes, html, useEffect, useMemo, useRef, useState } from './html.js';
import { Icon, statusClass } from './kinds.js';
import { parameters } from './query.js';
import { ago, both, count, duration } from './time.js';
import { TimeRange } from './time_range.js';
import { timeScale } from './time_scale.js';
import { buildTree } from './trace_tree.js';
import { Text } from './visible.js';

const pageEvents = 1000;
const eventsMost = 5000;

function useTrace(by, of) {
  const [answer, setAnswer] = useState({ events: null, error: null, more: false });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    setAnswer({ events: null, error: null, more: false });
    (async () => {
      const events = [];
      let cursor = '';
      do {
        const query = new URLSearchParams({ [by === 'trace' ? 'trace_id' : 'conversation_id']: of, order: 'oldest', limit: String(pageEvents), total: 'none' });
        if (cursor) query.set('cursor', cursor);
        const page = await askJson('', { query, signal: controller.signal });
        events.push(...page.events);
        cursor = page.next_cursor ?? '';
        setAnswer({ events: [...events], error: null, more: cursor !== '' });
      } while (cursor && events.length < eventsMost);
    })().catch((error) => {
      if (!aborted(error)) setAnswer((old) => ({ ...old, error }));
    });
    return () => controller.abort();
  }, [by, of, turn]);
  return [answer, () => setTurn(turn + 1)];
}

export function TraceView({ state, set }) {
  return state.traceOf ? html`<${Trace} key=${state.traceBy + state.traceOf} state=${state} set=${set} />` : html`<${Conversations} state=${state} set=${set} />`;
}

function Conversations({ state, set }) {
  const { filters } = state;
  const [limit, setLimit] = useState(100);
  const question = useMemo(() => {
    const all = parameters(filters);
    const query = new URLSearchParams({ limit: String(limit) });
    for (const name of ['agent', 'since', 'until']) for (const value of all.getAll(name)) query.append(name, value);
    return ['/conversations', query];
  }, [filters, limit]);
  const { data, error, again } = useAnswer(question, { everyMs: 10_000 });
  return html`<div class="page"><div class="bar"><h1>Conversations</h1><${TimeRange} filters=${filters} onChange=${(next) => set({ filters: next })} /><span class="grow"></span>
      <${OpenById} set=${set} /></div>
    ${error && html`<${Failure} error=${error} onRetry=${again} />`}
    ${!data ? !error && html`<p class="hint" role="status">Reading …</p>` : !data.conversations.length ? html`<div class="empty"><h2>No conversation in this time</h2><p>Choose a longer time range, or connect an agent.</p></div>`
      : html`<ul class="lines conversations">${data.conversations.map((one) => html`<li key=${one.conversation_id}><button type="button" class="line" onClick=${() => set({ traceBy: 'conversation', traceOf: one.conversation_id, event: 0 })}>
        <strong class="mono name"><${Text} value=${one.conversation_id || '(none)'} most=${60} /></strong><span class="agent"><${Text} value=${one.agents.join(', ')} most=${80} /></span>
        <span class="dim">${count(one.events)} events over ${duration(Date.parse(one.last) - Date.parse(one.first))}</span>
        <span class="verdicts">${one.errors > 0 && html`<span class="status status-error"><${Icon} name="error" />${one.errors} failed</span>`}${one.denied > 0 && html`<span class="status status-denied"><${Icon} name="denied" />${one.denied} denied</span>`}${one.pending > 0 && html`<span class="status status-pending"><${Icon} name="pending" />${one.pending} asked</span>`}</span>
        <span class="dim" title=${both(one.last)}>${ago(one.last)}</span></button></li>`)}</ul>
        ${data.total > data.conversations.length && limit < 1000 && html`<button type="button" class="more" onClick=${() => setLimit(1000)}>Show more of ${count(data.total)}</button>`}`}
  </div>`;
}

function OpenById({ set }) {
  const [text, setText] = useState('');
  return html`<form class="save" onSubmit=${(event) => {
    event.preventDefault();
    const id = text.trim();
    if (id) set({ traceOf: id, traceBy: /^[0-9a-f]{32}$/.test(id) ? 'trace' : 'conversation', event: 0 });
  }}><input class="mono" aria-label="Conversation or trace id" placeholder="conversation or trace id" value=${text} onInput=${(event) => setText(event.target.value)} /><button type="submit">Open</button></form>`;
}

function Trace({ state, set }) {
  const [answer, again] = useTrace(state.traceBy, state.traceOf);
  const tree = useMemo(() => buildTree(answer.events ?? []), [answer.events]);
  const [closed, setClosed] = useState(new Set());
  const rows = useMemo(() => visible(tree.rows, closed), [tree, closed]);
  const node = tree.nodes.find((one) => one.events.some((event) => event.id === state.event));
  const scale = useMemo(() => timeScale(tree.nodes), [tree]);
  const from = tree.nodes.length ? Math.min(...tree.nodes.map((one) => one.start)) : 0;
  const until = tree.nodes.length ? Math.max(...tree.nodes.map((one) => one.start + (one.took ?? 0))) : 1;
  const select = (one) => set({ event: one.key });
  const toggle = (one) => setClosed((old) => new Set(old.has(one.key) ? [...old].filter((key) => key !== one.key) : [...old, one.key]));
  useTraceKeys({ rows, node, select, toggle });
  const bad = (name) => tree.nodes.filter((one) => one.status === name).length;
  const agents = [...new Set((answer.events ?? []).map((event) => event.agent).filter(Boolean))];
  return html`<div class="trace"><section class="trace-main" aria-label="Timeline">
    <div class="trace-head">
      <button type="button" class="quiet" onClick=${() => set({ traceOf: '', event: 0 })}><${Icon} name="left" /> All conversations</button>
      <h1 class="mono"><${Text} value=${state.traceOf} most=${80} /></h1>
      <p class="dim">${count(answer.events?.length ?? 0)} events${answer.more ? ` (the first; ${count(eventsMost)} at most)` : ''} in ${count(tree.nodes.length)} steps over ${duration(until - from)}${agents.length ? `, by ${agents.slice(0, 4).join(', ')}` : ''}
        ${bad('error') > 0 && html` <span class="status status-error"><${Icon} name="error" />${bad('error')} failed</span>`}${bad('denied') > 0 && html` <span class="status status-denied"><${Icon} name="denied" />${bad('denied')} denied</span>`}</p>
      <div class="buttons"><${CopyButton} text=${() => location.href} label="Copy link" icon="link" />
        <button type="button" disabled=${!answer.events?.length} onClick=${() => saveReport(state.traceOf, answer.events, tree)}><${Icon} name="download" /> HTML report</button>
        <button type="button" onClick=${() => set({ view: 'live', filters: { ...state.filters, [state.traceBy === 'trace' ? 'trace' : 'conversation']: state.traceOf } })}><${Icon} name="filter" /> In Live</button></div>
    </div>
    ${answer.error && html`<${Failure} error=${answer.error} onRetry=${again} />`}
    ${!answer.events ? !answer.error && html`<p class="hint" role="status">Reading …</p>` : !rows.length ? html`<div class="empty"><h2>No such ${state.traceBy}</h2><p>The trail holds no event of it. It may have been pruned, or be in another trail.</p></div>`
      : html`<${Scale} scale=${scale} /><ul class="spans" role="tree" aria-label="Steps, nested by what caused them">
        ${rows.map((one) => html`<${SpanRow} key=${one.key} node=${one} scale=${scale} closed=${closed.has(one.key)} chosen=${one === node} onSelect=${select} onToggle=${toggle} />`)}</ul>`}
    </section>
    ${state.event > 0 && html`<${EventPanel} id=${state.event} events=${answer.events ?? undefined} onClose=${() => set({ event: 0 })} onSelect=${(event) => set({ event: event.id })}
      onFilter=${(patch) => set({ view: 'live', filters: { ...state.filters, ...patch } })} />`}
  </div>`;
}

async function saveReport(title, events, tree) {
  const { reportOf } = await import('./report.js');
  const name = title.replace(/[^\w.-]/g, '_').slice(0, 60);
  save(new Blob([reportOf({ title, events, tree })], { type: 'text/html' }), `report-${name}.html`);
}

function visible(rows, closed) {
  const out = [];
  let hiddenBelow = Infinity;
  for (const row of rows) {
    if (row.depth > hiddenBelow) continue;
    hiddenBelow = closed.has(row.key) ? row.depth : Infinity;
    out.push(row);
  }
  return out;
}

function Scale({ scale }) {
  const marks = scale.breaks.length ? scale.breaks.slice(0, 4).map((one) => html`<i class="idle" style=${{ left: `${Math.min(82, Math.max(12, one.at))}%` }} title="Nothing happened for so long">⋯ ${duration(one.ms)} idle</i>`)
    : [0, 0.25, 0.5, 0.75].map((part) => html`<i style=${{ left: `${100 * part}%` }}>${part === 0 ? '0' : duration(scale.busyMs * part)}</i>`);
  return html`<div class="scale" aria-hidden="true"><span></span><span class="scale-marks">${marks}</span></div>`;
}

function SpanRow({ node, scale, closed, chosen, onSelect, onToggle }) {
  const row = useRef(null);
  useEffect(() => {
    if (chosen) row.current.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const { subject } = node;
  const left = scale.at(node.start);
  const width = scale.at(node.start + (node.took ?? 0)) - left;
  const open = !node.effect;
  const marks = node.events.filter((event) => event !== node.first && event !== node.effect);
  const nested = node.children.length > 0;
  return html`<li role="treeitem" aria-level=${node.depth + 1} aria-selected=${chosen} aria-expanded=${nested ? !closed : undefined} tabindex=${chosen ? 0 : -1} id=${`step-${node.key}`}
      class=${classes('span', chosen && 'chosen', statusClass(node.status))} ref=${row} onClick=${() => onSelect(node)}>
    <span class="span-name" style=${{ paddingLeft: `${Math.min(node.depth, 12) * 16}px` }}>
      ${nested ? html`<span class="fold" aria-hidden="true" onClick=${(event) => {
        event.stopPropagation();
        onToggle(node);
      }}><${Icon} name=${closed ? 'right' : 'down'} /></span>` : html`<span class="fold"></span>`}
      <${Category} name=${subject.category} /><${Status} name=${node.status} />
      <span class="summary"><${Text} value=${subject.summary || subject.action} most=${200} /></span></span>
    <span class="span-bar" title=${`${both(node.first.timestamp)}${open ? '\nhas not ended' : node.took ? `\ntook ${duration(node.took)}` : ''}`}>
      <i class=${classes('bar-fill', open && 'open')} style=${{ left: `${Math.min(left, 99.5)}%`, width: `${Math.min(width, 100 - left)}%` }}></i>
      ${marks.map((event) => html`<i class="bar-mark" style=${{ left: `${Math.min(99.5, scale.at(Date.parse(event.timestamp)))}%` }}></i>`)}
      <b class=${open ? 'open' : ''} style=${left > 70 ? { right: `${100 - left}%` } : { left: `${Math.min(left + width, 99)}%` }}>${open ? 'open' : node.took ? duration(node.took) : ''}</b></span>
  </li>`;
}

function useTraceKeys({ rows, node, select, toggle }) {
  const latest = useRef(null);
  latest.current = { rows, node };
  useEffect(() => {
    const step = (by, fits = () => true) => {
      const { rows: now, node: at } = latest.current;
      let index = now.indexOf(at);
      if (index < 0 && by < 0) return;
      do index += by; while (index >= 0 && index < now.length && !fits(now[index]));
      if (now[index]) select(now[index]);
    };
    const listen = ({ detail: key }) => {
      const at = latest.current.node;
      if (key === 'j' || key === 'ArrowDown') step(1);
      else if (key === 'k' || key === 'ArrowUp') step(-1);
      else if (key === ']') step(1, (one) => ['error', 'denied'].includes(one.status));
      else if (key === '[') step(-1, (one) => ['error', 'denied'].includes(one.status));
      else if ((key === 'Enter' || key === 'ArrowLeft' || key === 'ArrowRight') && at?.children.length) toggle(at);
    };
    addEventListener('shortcut', listen);
    return () => removeEventListener('shortcut', listen);
  }, []);
}
