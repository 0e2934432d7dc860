// The trail at a glance: over time, by agent, by tool; what waits; what is missing.
import { Failure, useAnswer } from './answer.js';
import { Connect } from './connect.js';
import { Legend, TimeChart } from './chart.js';
import { Category, Status, When } from './event_row.js';
import { Chips } from './facets.js';
import { html, useMemo, useState } from './html.js';
import { Icon, statusClass } from './kinds.js';
import { usageOf } from './meaning.js';
import { parameters, traceWith } from './query.js';
import { ago, both, compact, count, duration } from './time.js';
import { TimeRange } from './time_range.js';
import { Text } from './visible.js';

const pollMs = 15_000;
const llmMost = 1000;

export function OverviewView({ state, set, theme }) {
  const { filters } = state;
  const [tick, setTick] = useState(0);
  const asked = (path, more = {}, change = {}) => useAnswer(useMemo(() => {
    const query = parameters({ ...filters, ...change }, { counts: true });
    for (const [name, value] of Object.entries(more)) query.set(name, value);
    return [path, query];
  }, [filters, tick]), { everyMs: pollMs });
  const stats = asked('/stats');
  const histogram = asked('/histogram', { buckets: '160' });
  const agents = asked('/groups', { by: 'agent', limit: '50' });
  const tools = asked('/groups', { by: 'target', limit: '50' }, filters.category.length ? {} : { category: ['tool_call'] });
  const gaps = asked('', { limit: '50', total: 'exact' }, { category: ['audit'], status: [], agent: [], source: [], target: [], conversation: '' });
  const pending = useAnswer(useMemo(() => {
    const query = new URLSearchParams({ limit: '100' });
    for (const name of filters.agent) query.append('agent', name);
    for (const name of ['since', 'until']) {
      const value = parameters(filters).get(name);
      if (value) query.set(name, value);
    }
    if (filters.conversation) query.set('conversation_id', filters.conversation);
    return ['/pending', query];
  }, [filters, tick]), { everyMs: pollMs });
  const onFilters = (next) => set({ filters: next });
  const look = (patch) => set({ view: 'live', event: 0, filters: { ...filters, ...patch } });
  const error = stats.error ?? histogram.error ?? agents.error;
  const total = stats.data?.total ?? 0;
  const status = (name) => stats.data?.by_status?.[name] ?? 0;
  if (error && !stats.data) return html`<${Failure} error=${error} onRetry=${() => setTick(tick + 1)} />`;
  if (stats.data && total === 0 && !Object.values(filters).some((value) => (Array.isArray(value) ? value.length : value))) return html`<${Connect} />`;
  return html`<div class="page overview">
    <div class="bar"><${TimeRange} filters=${filters} onChange=${onFilters} /><${Chips} filters=${filters} onChange=${onFilters} />
      <span class="grow"></span>${stats.data?.first && html`<span class="dim" title=${both(stats.data.last)}>last event ${ago(stats.data.last)}</span>`}</div>
    ${error && html`<${Failure} error=${error} />`}
    <ul class="tiles">
      <${Tile} label="events" value=${total} note=${`${compact(stats.data?.events_last_hour ?? 0)} in the last hour`} onClick=${() => look({})} />
      <${Tile} label="failed" value=${status('error')} kind="error" note=${share(status('error'), total)} onClick=${() => look({ status: ['error'] })} />
      <${Tile} label="denied" value=${status('denied')} kind="denied" note=${share(status('denied'), total)} onClick=${() => look({ status: ['denied'] })} />
      <${Tile} label="never ended" value=${pending.data?.total ?? pending.data?.events?.length ?? 0} kind="pending" note="intents and approvals" onClick=${() => document.getElementById('pending')?.scrollIntoView()} />
    </ul>
    <section class="card wide"><h2>Events over time</h2><${Legend} />
      <${TimeChart} buckets=${histogram.data} height=${180} theme=${theme} label=${`Events over time: ${count(total)}, ${count(status('error'))} failed, ${count(status('denied'))} denied`}
        onSelect=${(since, until) => onFilters({ ...filters, range: '', since, until })} />
      <p class="hint">Drag on the chart to mark a stretch of time. Times are UTC.</p></section>
    <section class="card"><h2>By agent</h2><${Groups} groups=${agents.data?.groups} name="agent" onPick=${(name) => look({ agent: [name] })} /></section>
    <section class="card"><h2>${filters.category.length ? 'By tool, model or server' : 'By tool'}</h2><${Groups} groups=${tools.data?.groups?.filter((group) => group.name)} name="tool" onPick=${(name) => look({ target: [name] })} /></section>
    <${Pending} events=${pending.data?.events} set=${set} />
    <${Usage} filters=${filters} />
    <${Gaps} events=${gaps.data?.events?.filter((event) => ['gap', 'unclean_end', 'disk_full', 'pruned'].includes(event.action) || event.status === 'error')} set=${set} />
  </div>`;
}

const share = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(part && part / whole < 0.01 ? 2 : 1)} %` : '');

function Tile({ label, value, note, kind, onClick }) {
  return html`<li><button type="button" class=${`tile tile-${kind ?? 'plain'}`} onClick=${onClick}>
    <span class=${`tile-label status ${kind ? statusClass(kind) : ''}`}>${kind && html`<${Icon} name=${kind} />`}${label}</span>
    <span class="tile-value" title=${count(value)}>${compact(value)}</span><span class="dim">${note}</span></button></li>`;
}

const columns = [
  { name: 'events', title: 'Events', of: (group) => group.events, show: compact },
  { name: 'rate', title: 'Failed', of: (group) => group.errors / group.events, show: (value, group) => (group.errors ? `${(100 * value).toFixed(1)} %` : '—') },
  { name: 'denied', title: 'Denied', of: (group) => group.denied, show: (value) => (value ? compact(value) : '—') },
  { name: 'p50_ms', title: 'p50', of: (group) => group.p50_ms ?? -1, show: (value) => (value < 0 ? '—' : duration(value)) },
  { name: 'p95_ms', title: 'p95', of: (group) => group.p95_ms ?? -1, show: (value) => (value < 0 ? '—' : duration(value)) },
  { name: 'last', title: 'Last', of: (group) => Date.parse(group.last), show: (value, group) => ago(group.last) },
];

function Groups({ groups, name, onPick }) {
  const [by, setBy] = useState('events');
  if (!groups) return html`<p class="hint" role="status">Reading …</p>`;
  if (!groups.length) return html`<p class="hint">No events with ${name === 'agent' ? 'an' : 'a'} ${name}.</p>`;
  const column = columns.find((one) => one.name === by);
  const sorted = [...groups].sort((a, b) => column.of(b) - column.of(a));
  const greatest = Math.max(...groups.map((group) => group.events));
  return html`<div class="table-box" tabindex="0" role="region" aria-label=${`Table by ${name}`}><table class="groups"><thead><tr><th scope="col">${name}</th>
    ${columns.map((one) => html`<th scope="col" class="number" aria-sort=${one.name === by ? 'descending' : undefined}><button type="button" onClick=${() => setBy(one.name)}>${one.title}${one.name === by ? ' ↓' : ''}</button></th>`)}</tr></thead>
    <tbody>${sorted.map((group) => html`<tr key=${group.name}><th scope="row"><button type="button" class="link" onClick=${() => onPick(group.name)}><${Text} value=${group.name || '(none)'} most=${60} /></button>
      <span class="meter" aria-hidden="true"><i style=${{ width: `${(100 * group.events) / greatest}%` }}></i><b style=${{ width: `${(100 * group.errors) / greatest}%` }}></b></span></th>
      ${columns.map((one) => html`<td class=${`number ${one.name === 'rate' && group.errors / group.events >= 0.1 ? 'bad' : ''}`}>${one.show(one.of(group), group)}</td>`)}</tr>`)}</tbody></table></div>`;
}

function Pending({ events, set }) {
  return html`<section class="card" id="pending"><h2>Pending approvals and intents</h2>
    ${!events ? html`<p class="hint" role="status">Reading …</p>` : !events.length ? html`<p class="hint">Nothing waits: every intent has ended.</p>`
      : html`<ul class="lines">${[...events].sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1)).map((event) => html`<li key=${event.id}><button type="button" class="line" onClick=${() => set(traceWith(event))}>
        <${Category} name=${event.category} /><span class="agent"><${Text} value=${event.agent} most=${40} /></span><span class="summary"><${Text} value=${event.summary} most=${160} /></span><span class="dim" title=${both(event.timestamp)}>${ago(event.timestamp)}</span></button></li>`)}</ul>`}
  </section>`;
}

// Summed here from the newest model calls: the daemon does not add up what details hold.
function Usage({ filters }) {
  const question = useMemo(() => {
    const query = parameters({ ...filters, category: ['llm'] }, { counts: true });
    query.set('limit', String(llmMost));
    return ['', query];
  }, [filters]);
  const { data, error } = useAnswer(question);
  const models = useMemo(() => {
    const sums = new Map();
    for (const event of data?.events ?? []) {
      const sum = sums.get(event.target ?? '') ?? { calls: 0, input: 0, output: 0, cost: 0, told: 0, priced: 0 };
      sum.calls += 1;
      try {
        const usage = usageOf(JSON.parse(event.detail));
        if (usage.input !== undefined || usage.output !== undefined) sum.told += 1;
        if (usage.cost !== undefined) sum.priced += 1;
        sum.input += usage.input ?? 0;
        sum.output += usage.output ?? 0;
        sum.cost += usage.cost ?? 0;
      } catch {
        // A detail that is no JSON tells no tokens.
      }
      sums.set(event.target ?? '', sum);
    }
    return [...sums].sort((a, b) => b[1].input + b[1].output - a[1].input - a[1].output);
  }, [data]);
  return html`<section class="card"><h2>Tokens and cost</h2>
    ${error ? html`<${Failure} error=${error} />` : !data ? html`<p class="hint" role="status">Reading …</p>` : !models.length ? html`<p class="hint">No model calls here.</p>`
      : html`<div class="table-box" tabindex="0" role="region" aria-label="Table by model"><table><thead><tr><th scope="col">model</th><th scope="col" class="number">Calls</th><th scope="col" class="number">Input</th><th scope="col" class="number">Output</th><th scope="col" class="number">Cost</th></tr></thead>
        <tbody>${models.map(([name, sum]) => html`<tr key=${name}><th scope="row"><${Text} value=${name || '(none)'} most=${60} /></th><td class="number">${count(sum.calls)}</td>
          <td class="number">${sum.told ? compact(sum.input) : '—'}</td><td class="number">${sum.told ? compact(sum.output) : '—'}</td><td class="number">${sum.priced ? `$${sum.cost.toFixed(2)}` : '—'}</td></tr>`)}</tbody></table></div>
        <p class="hint">${data.next_cursor ? `Over the newest ${count(llmMost)} of ${count(data.total)} model calls` : `Over all ${count(data.total)} model calls`}; — where none was recorded.</p>`}
  </section>`;
}

function Gaps({ events, set }) {
  return html`<section class="card"><h2>Gaps</h2>
    ${!events ? html`<p class="hint" role="status">Reading …</p>` : !events.length ? html`<p class="hint">No gap is recorded: nothing was dropped or pruned in this time.</p>`
      : html`<ul class="lines">${events.map((event) => html`<li key=${event.id}><button type="button" class="line" onClick=${() => set({ view: 'live', event: event.id })}>
        <${Status} name=${event.status} /><span class="mono">${event.action}</span><span class="summary"><${Text} value=${event.summary} most=${160} /></span><${When} timestamp=${event.timestamp} withDay /></button></li>`)}</ul>`}
  </section>`;
}
