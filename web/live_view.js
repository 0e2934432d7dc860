// The trail as it grows, newest first.
import { Failure, useAnswer } from './answer.js';
import { Connect } from './connect.js';
import { Legend, TimeChart } from './chart.js';
import { Lazy } from './lazy.js';
import { Category, EventRow, Status } from './event_row.js';
import { Chips, Facets, useFacets } from './facets.js';
import { classes, html, useEffect, useMemo, useRef, useState } from './html.js';
import { createFeed } from './feed.js';
import { Icon } from './kinds.js';
import { isFiltered, noFilters, parameters, traceWith } from './query.js';
import { Saved } from './saved_views.js';
import { ago, compact, count, shortest } from './time.js';
import { TimeRange } from './time_range.js';
import { plain, Text } from './visible.js';
import { VirtualList } from './virtual_list.js';
import { ExportMenu } from './export_menu.js';

const loadPanel = () => import('./event_panel.js');

function useNarrow() {
  const query = useMemo(() => matchMedia('(max-width: 820px)'), []);
  const [narrow, setNarrow] = useState(query.matches);
  useEffect(() => {
    const listen = () => setNarrow(query.matches);
    query.addEventListener('change', listen);
    return () => query.removeEventListener('change', listen);
  }, [query]);
  return narrow;
}

function useFeed(filters) {
  const [, changed] = useState(0);
  const feed = useMemo(() => createFeed(() => changed((n) => n + 1)), []);
  // Asked for while the page is drawn anew.
  useMemo(() => feed.start(filters), [filters]);
  useEffect(() => () => feed.stop(), []);
  return [feed, feed.snapshot()];
}

// Rows, or rows beneath a head for each conversation, the one with the newest event first.
function itemsOf(rows, grouped, opened) {
  if (!grouped) return rows;
  const groups = new Map();
  for (const row of rows) {
    const name = row.conversation_id;
    if (!groups.has(name)) groups.set(name, { group: true, id: `c-${name}`, name, rows: [] });
    groups.get(name).rows.push(row);
  }
  return [...groups.values()].flatMap((group) => (opened.has(group.name) ? [group, ...group.rows] : [group]));
}

export function LiveView({ state, set, fleet, setTrail, theme }) {
  const { filters } = state;
  const narrow = useNarrow();
  const [feed, view] = useFeed(filters);
  const [active, setActive] = useState(null);
  const [opened, setOpened] = useState(new Set());
  const [following, setFollowing] = useState(true);
  const [drawer, setDrawer] = useState(false);
  const [atTop, setAtTop] = useState(true);
  // The events themselves are asked for first.
  const often = { everyMs: 10_000, hold: view.state === 'loading' };
  const facets = useFacets(filters, often);
  const histogram = useAnswer(useMemo(() => {
    const query = parameters(filters, { counts: true });
    query.set('buckets', narrow ? '48' : '120');
    return ['/histogram', query];
  }, [filters, narrow]), often);
  const items = useMemo(() => itemsOf(view.rows, state.grouped, opened), [view.rows, state.grouped, opened]);
  const onFilters = (next) => set({ filters: next });

  useEffect(() => {
    feed.pause(!following || !atTop);
    if (following && atTop) feed.release();
  }, [following, atTop]);

  const open = (item) => {
    setActive(item.id);
    if (item.group) setOpened((old) => new Set(old.has(item.name) ? [...old].filter((name) => name !== item.name) : [...old, item.name]));
    else set({ event: item.id });
  };
  useLiveKeys({ items, active, setActive, open, state, set });

  const section = useRef(null);
  const toTop = () => {
    feed.release();
    section.current.querySelector('.list').scrollTop = 0;
    setFollowing(true);
  };
  // What stays as it is while events come and rows are scrolled is not drawn again.
  const side = useMemo(() => html`<nav class="side" aria-label="Filters" id="filters">
      <div class="drawer-bar"><h2>Filters</h2><button type="button" class="quiet" aria-label="Close the filters" onClick=${() => setDrawer(false)}><${Icon} name="close" /></button></div>
      <${Saved} state=${state} set=${set} />
      <${Facets} filters=${filters} onChange=${onFilters} facetsOf=${facets.of} fleet=${fleet} setTrail=${setTrail} />
    </nav>`, [state, facets]);
  const agents = useMemo(() => html`<${Agents} filters=${filters} rows=${view.rows} hold=${often.hold} onChange=${onFilters} />`, [filters, view.rows, often.hold]);
  const strip = useMemo(() => html`<div class="strip">
      <${TimeChart} buckets=${histogram.data} height=${narrow ? 56 : 72} quiet theme=${theme} label=${`Events over time, ${count(facets.total)} in all`}
        onSelect=${(since, until) => onFilters({ ...filters, range: '', since, until })} />
      ${histogram.data?.[0] && html`<${Legend} />`}
    </div>`, [filters, histogram.data, facets, narrow, theme]);
  const list = useMemo(() => html`<${VirtualList} items=${items} question=${view.answers} keyOf=${(item) => item.id} rowHeight=${narrow ? 58 : 30} label="Events, newest first"
      active=${active} onActive=${(item) => setActive(item.id)} onOpen=${open} onTop=${setAtTop} onNearEnd=${feed.more}
      row=${(item) => (item.group ? html`<${GroupRow} group=${item} open=${opened.has(item.name)} />` : html`<${EventRow} event=${item} nested=${state.grouped} />`)} />`,
  [items, active, narrow, opened, state.grouped]);
  return html`<div class=${classes('live', drawer && 'with-drawer')}>
    ${side}
    <section class="stream" ref=${section} aria-label="Events">
      ${agents}
      ${strip}
      <div class="bar">
        <button type="button" class="for-narrow" aria-expanded=${drawer} aria-controls="filters" onClick=${() => setDrawer(!drawer)}><${Icon} name="filter" /> Filters</button>
        <${TimeRange} filters=${filters} onChange=${onFilters} />
        <${ExportMenu} filters=${filters} />
        <div class="segments" role="group" aria-label="Order">
          <button type="button" aria-pressed=${!state.grouped} onClick=${() => set({ grouped: false })}>Flat</button>
          <button type="button" aria-pressed=${state.grouped} onClick=${() => set({ grouped: true })}>By conversation</button>
        </div>
        <button type="button" aria-pressed=${following} title="Follow new events (f)" onClick=${() => setFollowing(!following)}><${Icon} name=${following ? 'pause' : 'play'} /> ${following ? 'Following' : 'Paused'}</button>
        <span class="grow"></span>
        <${Connection} view=${view} />
      </div>
      <${Chips} filters=${filters} onChange=${onFilters} />
      ${view.error && view.state === 'failed' ? html`<${Failure} error=${view.error} onRetry=${feed.retry} />`
        : view.state === 'ready' && !view.rows.length ? html`<${Nothing} filters=${filters} onChange=${onFilters} />`
          : html`<div class=${classes('list-box', view.state === 'loading' && 'of-before')} aria-busy=${view.state === 'loading'}>
            ${view.waiting > 0 && html`<button type="button" class="new-events" onClick=${toTop}><${Icon} name="up" /> ${count(view.waiting)}${view.waiting >= 2000 ? '+' : ''} new</button>`}
            ${list}
            ${view.state === 'loading' && html`<p class="hint overlay" role="status">Reading …</p>`}
          </div>`}
      <p class="sr" aria-live="polite">${view.waiting > 0 ? `${view.waiting} new events` : ''}</p>
    </section>
    ${state.event > 0 && html`<${Lazy} name="EventPanel" load=${loadPanel} id=${state.event} onClose=${() => set({ event: 0 })}
      onSelect=${(event) => set({ event: event.id })}
      onTrace=${(event) => set(traceWith(event))}
      onFilter=${(patch) => onFilters({ ...filters, ...patch })} />`}
  </div>`;
}

function useLiveKeys({ items, active, setActive, open, state, set }) {
  const latest = useRef(null);
  latest.current = { items, active, state };
  useEffect(() => {
    const move = (by, fits = () => true) => {
      const { items: now, active: key } = latest.current;
      let index = now.findIndex((item) => item.id === key);
      do index += by; while (index >= 0 && index < now.length && !fits(now[index]));
      if (index < 0 || index >= now.length) return;
      setActive(now[index].id);
      if (latest.current.state.event && !now[index].group) set({ event: now[index].id });
    };
    const bad = (item) => ['error', 'denied'].includes(item.status);
    const listen = ({ detail: key }) => {
      const item = latest.current.items.find((one) => one.id === latest.current.active);
      if (key === 'j') move(1);
      else if (key === 'k') move(-1);
      else if (key === ']') move(1, bad);
      else if (key === '[') move(-1, bad);
      else if (key === 'Enter' && item) open(item);
      else if (key === 't' && item && !item.group) set(traceWith(item));
      else if (key === 'f') document.querySelector('.bar [title^="Follow"]')?.click();
    };
    addEventListener('shortcut', listen);
    return () => removeEventListener('shortcut', listen);
  }, []);
}

function Connection({ view }) {
  const word = { opening: 'connecting', open: 'live', lost: 'reconnecting', none: 'not following' }[view.connection];
  return html`<span class="connection"><span class="mono">${view.state === 'ready' ? `${view.total.exact ? '' : 'at least '}${count(view.total.count)} events` : ''}</span>
    <span class=${`pulse pulse-${view.connection}`} role="status"><i></i>${word}</span></span>`;
}

function GroupRow({ group, open }) {
  const failed = group.rows.filter((row) => row.status === 'error').length;
  const denied = group.rows.filter((row) => row.status === 'denied').length;
  const agents = [...new Set(group.rows.map((row) => row.agent))];
  return html`<div class="group-row"><${Icon} name=${open ? 'down' : 'right'} />
    <strong><${Text} value=${group.name || 'no conversation'} most=${60} /></strong>
    <span class="dim"><${Text} value=${agents.slice(0, 4).join(', ')} most=${80} /></span>
    <span class="dim">${count(group.rows.length)} in view</span>
    ${failed > 0 && html`<${Status} name="error" /><b>${failed}</b>`}${denied > 0 && html`<${Status} name="denied" /><b>${denied}</b>`}
    <span class="grow"></span><span class="dim">${ago(group.rows[0].timestamp)}</span></div>`;
}

// What each agent did last: the first thing that somebody who is called at night wants to know.
function Agents({ filters, rows, hold, onChange }) {
  const question = useMemo(() => {
    const query = parameters(filters, { but: 'agent', counts: true });
    query.set('by', 'agent');
    query.set('limit', '24');
    return ['/groups', query];
  }, [filters]);
  const { data, loading } = useAnswer(question, { everyMs: 5000, hold });
  const groups = useMemo(() => [...(data?.groups ?? [])].sort((a, b) => (a.last < b.last ? 1 : -1)).slice(0, 12), [data]);
  if (!groups.length && !loading) return null;
  return html`<ul class="agents" aria-label="Agents, the one that did something last first">
    ${groups.map((group) => {
      const last = rows.find((row) => row.agent === group.name);
      const chosen = filters.agent.includes(group.name);
      return html`<li key=${group.name}><button type="button" class=${classes('agent-card', chosen && 'chosen')} aria-pressed=${chosen}
          onClick=${() => onChange({ ...filters, agent: chosen ? filters.agent.filter((name) => name !== group.name) : [...filters.agent, group.name] })}>
        <span class="agent-name"><strong><${Text} value=${group.name || '(none)'} most=${40} /></strong><span class="dim">${ago(group.last)}</span></span>
        <span class="agent-last">${last ? html`<${Category} name=${last.category} /><span class="cut"><${Text} value=${last.target || last.action} most=${40} /></span>` : html`<span class="dim">${compact(group.events)} events</span>`}</span>
        <span class="agent-counts">${group.errors > 0 ? html`<span class="status status-error"><${Icon} name="error" />${shortest(group.errors)} failed</span>` : ''}
          ${group.denied > 0 ? html`<span class="status status-denied"><${Icon} name="denied" />${shortest(group.denied)} denied</span>` : ''}
          ${group.errors + group.denied === 0 ? html`<span class="status status-ok"><${Icon} name="ok" />no failures</span>` : ''}</span>
      </button></li>`;
    })}
  </ul>`;
}

function Nothing({ filters, onChange }) {
  if (!isFiltered(filters)) return html`<${Connect} />`;
  return html`<div class="empty"><h2>Nothing matches</h2><p>No event of this trail fits all the filters in use. New ones appear here as they are committed.</p>
    <button type="button" class="main" onClick=${() => onChange(noFilters)}>Clear all filters</button></div>`;
}
