// Everything about one event: what it was, with what, what led to it, what came of it.
import { download } from './api.js';
import { Failure, useAnswer } from './answer.js';
import { CopyButton } from './copy.js';
import { Category, Status, When } from './event_row.js';
import { EventDetail, Section } from './event_detail.js';
import { html, useEffect, useMemo, useRef, useState } from './html.js';
import { Icon } from './kinds.js';
import { lineage } from './lineage.js';
import { meaningOf } from './meaning.js';
import { ago, both, duration } from './time.js';
import { plain, Text } from './visible.js';

const around = 400;

// The conversation (or else the trace) around an event: enough before and after it.
function useAround(event, given) {
  const need = event && !given && (event.conversation_id || event.trace_id);
  const [before, after] = useMemo(() => {
    if (!need) return [null, null];
    const by = event.conversation_id ? ['conversation_id', event.conversation_id] : ['trace_id', event.trace_id];
    const question = (bound, order) => ['', new URLSearchParams([by, [bound, event.timestamp], ['order', order], ['limit', String(around)], ['total', 'none']])];
    return [question('until', 'newest'), question('since', 'oldest')];
  }, [event?.id, Boolean(given)]);
  const earlier = useAnswer(before);
  const later = useAnswer(after);
  return useMemo(() => {
    if (given) return given;
    const byId = new Map([...(earlier.data?.events ?? []), ...(later.data?.events ?? [])].map((one) => [one.id, one]));
    return [...byId.values()];
  }, [given, earlier.data, later.data]);
}

export function EventPanel({ id, events, onClose, onSelect, onTrace, onFilter, heading = true }) {
  const inHand = events?.find((event) => event.id === id);
  const answer = useAnswer(useMemo(() => (inHand ? null : [`/${id}`, null]), [id, Boolean(inHand)]));
  const event = inHand ?? (answer.data?.id === id ? answer.data : null);
  const close = useRef(null);
  useEffect(() => {
    document.querySelector('.panel')?.scrollTo(0, 0);
  }, [id]);
  return html`<aside class="panel" aria-label=${`Event ${id}`}>
    <div class="panel-bar">
      <h2 class="mono dim">#${id}</h2>
      <span class="grow"></span>
      <button type="button" class="quiet" ref=${close} aria-label="Close the event" title="Close (Esc)" onClick=${onClose}><${Icon} name="close" /></button>
    </div>
    ${answer.error && !event ? html`<${Failure} error=${answer.error} onRetry=${answer.again} />`
      : !event ? html`<p class="hint" role="status">Reading event ${id} …</p>`
        : html`<${Body} key=${event.id} event=${event} events=${events} onSelect=${onSelect} onTrace=${onTrace} onFilter=${onFilter} />`}
  </aside>`;
}

function Body({ event, events, onSelect, onTrace, onFilter }) {
  const meaning = useMemo(() => meaningOf(event), [event]);
  const found = useAround(event, events);
  const line = useMemo(() => lineage(event, found), [event, found]);
  const [trouble, setTrouble] = useState(null);
  const find = (text) => onFilter({ text });
  const fact = (name, value, filter) => value && html`<dt>${name}</dt><dd>${filter
    ? html`<button type="button" class="link mono" title=${`Show only ${plain(value)}`} onClick=${() => onFilter(filter)}><${Text} value=${value} most=${200} /></button>`
    : html`<span class="mono"><${Text} value=${value} most=${400} /></span>`}</dd>`;
  return html`
    <div class="panel-head">
      <p class="panel-kinds"><${Status} name=${event.status} /> <${Category} name=${event.category} /> <span class="dim mono"><${Text} value=${event.action} /></span></p>
      <p class="panel-summary"><${Text} value=${event.summary || event.action} most=${2000} /></p>
      <p class="dim"><${When} timestamp=${event.timestamp} withDay /> UTC, ${ago(event.timestamp)}${event.duration_ms ? `, took ${duration(event.duration_ms)}` : ''}</p>
      <div class="buttons">
        ${(event.conversation_id || event.trace_id) && onTrace && html`<button type="button" class="main" onClick=${() => onTrace(event)}><${Icon} name="tree" /> Open trace</button>`}
        <${CopyButton} text=${() => JSON.stringify(event, null, 2)} label="Copy JSON" />
        <${CopyButton} text=${() => location.href} label="Copy link" icon="link" />
        <button type="button" onClick=${() => download(`/${event.id}/proof`, null, `event-${event.id}.evidence.json`).then(() => setTrouble(null), setTrouble)}><${Icon} name="download" /> Proof</button>
      </div>
      ${trouble && html`<${Failure} error=${trouble} />`}
    </div>
    <dl class="facts">
      ${fact('agent', event.agent, { agent: [event.agent] })}
      ${fact('target', event.target, { target: [event.target] })}
      ${fact('source', event.source, { source: [event.source] })}
      ${fact('principal', event.principal)}
      ${fact('conversation', event.conversation_id, { conversation: event.conversation_id })}
      ${fact('trace', event.trace_id, { trace: event.trace_id })}
      ${fact('span', event.span_id)}
      ${meaning.facts.map(([name, value]) => fact(name, value))}
    </dl>
    ${line.thing && html`<p class="thing"><button type="button" onClick=${() => find(line.thing)}><${Icon} name="search" /> All that touched <span class="mono"><${Text} value=${line.thing} most=${80} /></span></button></p>`}
    <${Steps} title="What led here" steps=${line.before} onSelect=${onSelect} />
    <${EventDetail} meaning=${meaning} onFind=${find} />
    <${Steps} title="What came of it" steps=${line.after} onSelect=${onSelect} />
    <p class="dim small">${both(event.timestamp).split('\n')[1] ?? ''}</p>`;
}

function Steps({ title, steps, onSelect }) {
  if (!steps.length) return null;
  return html`<${Section} title=${title} note=${String(steps.length)}><ol class="steps">${steps.map(({ role, event }) => html`<li key=${event.id}>
    <button type="button" class="step" onClick=${() => onSelect(event)}>
      <span class="step-role">${role}</span><${Status} name=${event.status} /><${Category} name=${event.category} />
      <span class="summary"><${Text} value=${event.summary || event.action} most=${160} /></span></button></li>`)}</ol><//>`;
}
