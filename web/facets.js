// Filters with a count beside each value. A facet's counts leave its own choice out, so that
// they say what choosing another value would show.
import { useAnswer } from './answer.js';
import { classes, html, useMemo, useRef, useState } from './html.js';
import { Category, Status } from './event_row.js';
import { categories, Icon, statuses } from './kinds.js';
import { isFiltered, noFilters, parameters, toggled } from './query.js';
import { compact, count } from './time.js';
import { TrailFacet } from './trails.js';
import { plain, Text } from './visible.js';

const facets = [
  { name: 'status', title: 'Status', by: 'by_status', order: statuses },
  { name: 'category', title: 'Category', by: 'by_category', order: categories },
  { name: 'agent', title: 'Agent', by: 'by_agent' },
  { name: 'target', title: 'Tool, model or server', by: 'by_target' },
  { name: 'source', title: 'Source', by: 'by_source' },
];

// The counts of every facet: one question, and one more for each facet that is chosen from.
export function useFacets(filters, often) {
  const question = (but) => ['/stats', parameters(filters, { but, counts: true })];
  const all = useAnswer(useMemo(() => question(''), [filters]), often);
  const own = Object.fromEntries(facets.map(({ name }) => {
    const chosen = filters[name].length > 0;
    return [name, useAnswer(useMemo(() => (chosen ? question(name) : null), [filters, chosen]), often)];
  }));
  // The same object as long as nothing new is known, so that no value goes and comes back.
  const before = useRef({});
  const known = facets.map(({ name }) => (filters[name].length ? own[name].data : all.data) ?? before.current[name]);
  before.current = Object.fromEntries(facets.map(({ name }, i) => [name, known[i]]));
  return useMemo(() => ({
    total: all.data?.total ?? 0,
    of: (name) => known[facets.findIndex((facet) => facet.name === name)],
  }), [all.data, ...known]);
}

export function Facets({ filters, onChange, facetsOf, fleet, setTrail }) {
  return html`<div class="facets">
    <${TrailFacet} fleet=${fleet} onChoose=${setTrail} />
    ${facets.map((facet) => html`<${Facet} key=${facet.name} facet=${facet} filters=${filters} onChange=${onChange}
      counts=${facetsOf(facet.name)?.[facet.by] ?? {}} />`)}
    <fieldset class="facet"><legend>Rehearsals</legend>
      <label class="check"><input type="checkbox" checked=${filters.hide}
        onChange=${() => onChange({ ...filters, hide: !filters.hide })} /> Hide eval and dry-run sources</label>
    </fieldset>
    ${filters.text && html`<p class="hint">Counts do not regard the text that is searched for.</p>`}
  </div>`;
}

function Facet({ facet, filters, onChange, counts }) {
  const [all, setAll] = useState(false);
  const [find, setFind] = useState('');
  const chosen = filters[facet.name];
  const place = (name) => {
    const at = facet.order?.indexOf(name) ?? -1;
    return at < 0 ? 100 : at;
  };
  const names = [...new Set([...Object.keys(counts), ...chosen])]
    .filter((name) => name !== '' && (!find || name.toLowerCase().includes(find.toLowerCase())))
    .sort((a, b) => place(a) - place(b) || (counts[b] ?? 0) - (counts[a] ?? 0) || (a < b ? -1 : 1));
  const most = facet.order ? 14 : 7;
  const shown = all ? names.slice(0, 200) : [...new Set([...names.slice(0, most), ...chosen.filter((name) => names.includes(name))])];
  return html`<fieldset class="facet"><legend>${facet.title}</legend>
    ${all && names.length > 20 && html`<input class="find" type="search" placeholder="Find" aria-label=${`Find in ${facet.title}`}
      value=${find} onInput=${(event) => setFind(event.target.value)} />`}
    <ul>${shown.map((name) => html`<li key=${name}>
      <button type="button" class=${classes('value', chosen.includes(name) && 'chosen')} aria-pressed=${chosen.includes(name)}
          onClick=${() => onChange(toggled(filters, facet.name, name))} title=${plain(name)}>
        ${facet.name === 'status' ? html`<${Status} name=${name} />` : facet.name === 'category' ? html`<${Category} name=${name} />`
          : html`<span class="name"><${Text} value=${name} most=${80} /></span>`}
        <span class="number" title=${count(counts[name] ?? 0)}>${compact(counts[name] ?? 0)}</span>
      </button>
      ${facet.name === 'source' && html`<button type="button" class="without" aria-label=${`Hide source ${plain(name)}`}
        title="Hide this source" onClick=${() => onChange(toggled({ ...filters, source: filters.source.filter((one) => one !== name) }, 'exclude_source', name))}><${Icon} name="denied" /></button>`}
    </li>`)}</ul>
    ${names.length === 0 && html`<p class="hint">none</p>`}
    ${names.length > most && html`<button type="button" class="more" aria-expanded=${all} onClick=${() => setAll(!all)}>
      ${all ? 'fewer' : `${count(names.length - most)} more`}</button>`}
  </fieldset>`;
}

// What is chosen, each with a button that takes it away.
export function Chips({ filters, onChange }) {
  if (!isFiltered(filters)) return null;
  const chip = (label, value, next) => html`<span class="chip" key=${`${label}${value}`}>
    <span class="dim">${label}</span> <${Text} value=${value} most=${48} />
    <button type="button" aria-label=${`Remove ${label} ${plain(value)}`} onClick=${() => onChange(next)}><${Icon} name="close" /></button></span>`;
  const words = { status: 'status', category: 'category', agent: 'agent', target: 'tool', source: 'source', exclude_source: 'not from' };
  return html`<div class="chips" role="group" aria-label="Filters in use">
    ${Object.entries(words).map(([name, word]) => filters[name].map((value) => chip(word, value, toggled(filters, name, value))))}
    ${filters.conversation && chip('conversation', filters.conversation, { ...filters, conversation: '' })}
    ${filters.trace && chip('trace', filters.trace, { ...filters, trace: '' })}
    ${filters.text && chip('text', filters.text, { ...filters, text: '' })}
    ${filters.hide && chip('hidden', 'eval and dry-run', { ...filters, hide: false })}
    <button type="button" class="quiet" onClick=${() => onChange(noFilters)}>Clear all</button>
  </div>`;
}
