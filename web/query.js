// The question in view: from the address and back, to the daemon's parameters, from what is typed.
export const lists = ['category', 'status', 'agent', 'source', 'exclude_source', 'target'];
export const presets = { '15m': 15, '1h': 60, '6h': 360, '24h': 1440, '7d': 10_080, '30d': 43_200 };
export const rehearsals = ['eval', 'evals', 'dry-run', 'dry_run', 'dryrun'];
export const views = ['live', 'overview', 'trace', 'integrity'];

export const noFilters = Object.freeze({
  ...Object.fromEntries(lists.map((name) => [name, []])),
  conversation: '', trace: '', text: '', range: '', since: '', until: '', hide: false,
});

export const firstState = Object.freeze({
  view: 'live', filters: noFilters, grouped: false, event: 0, traceOf: '', traceBy: 'conversation', trail: '',
});

// The address keeps it behind the `#`, so that it never leaves the browser.
export function fromAddress(hash) {
  const query = new URLSearchParams(hash.replace(/^#/, ''));
  const filters = { ...noFilters };
  for (const name of lists) filters[name] = query.getAll(name);
  filters.conversation = query.get('conversation') ?? '';
  filters.trace = query.get('trace_id') ?? '';
  filters.text = query.get('q') ?? '';
  filters.range = Object.hasOwn(presets, query.get('range') ?? '') ? query.get('range') : '';
  filters.since = query.get('since') ?? '';
  filters.until = query.get('until') ?? '';
  filters.hide = query.get('hide') === 'rehearsals';
  const view = query.get('view');
  const event = Number(query.get('event'));
  return {
    ...firstState,
    view: views.includes(view) ? view : 'live',
    filters,
    grouped: query.get('group') === 'conversation',
    event: Number.isSafeInteger(event) && event > 0 ? event : 0,
    traceOf: query.get('of') ?? '',
    trail: /^[0-9a-f]{32}$/.test(query.get('trail') ?? '') ? query.get('trail') : '',
    traceBy: query.get('by') === 'trace' ? 'trace' : 'conversation',
  };
}

export function toAddress(state) {
  const query = new URLSearchParams();
  const { filters } = state;
  if (state.view !== 'live') query.set('view', state.view);
  if (state.view === 'trace' && state.traceOf) {
    query.set('of', state.traceOf);
    if (state.traceBy === 'trace') query.set('by', 'trace');
  }
  for (const name of lists) for (const value of filters[name]) query.append(name, value);
  if (filters.conversation) query.set('conversation', filters.conversation);
  if (filters.trace) query.set('trace_id', filters.trace);
  if (filters.text) query.set('q', filters.text);
  if (filters.range) query.set('range', filters.range);
  if (filters.since) query.set('since', filters.since);
  if (filters.until) query.set('until', filters.until);
  if (filters.hide) query.set('hide', 'rehearsals');
  if (state.grouped) query.set('group', 'conversation');
  if (state.trail) query.set('trail', state.trail);
  if (state.event) query.set('event', String(state.event));
  const text = query.toString();
  return `#${text}`;
}

export function isFiltered(filters) {
  return lists.some((name) => filters[name].length > 0) ||
    ['conversation', 'trace', 'text', 'range', 'since', 'until', 'hide'].some((name) => filters[name]);
}

export function sinceOf(filters, now = Date.now()) {
  if (!filters.range) return filters.since;
  return new Date(Math.floor(now / 1000) * 1000 - presets[filters.range] * 60_000).toISOString();
}

// `but`: a name to leave out. Counts know neither a text nor a trace: `counts`.
export function parameters(filters, { but = '', counts = false } = {}) {
  const query = new URLSearchParams();
  for (const name of lists) {
    if (name !== but) for (const value of filters[name]) query.append(name, value);
  }
  if (filters.hide) for (const name of rehearsals) query.append('exclude_source', name);
  if (filters.conversation) query.set('conversation_id', filters.conversation);
  if (filters.trace && !counts) query.set('trace_id', filters.trace);
  if (filters.text && !counts) query.set('search', filters.text);
  if (but !== 'time') {
    const since = sinceOf(filters);
    if (since) query.set('since', since);
    if (filters.until && !filters.range) query.set('until', filters.until);
  }
  return query;
}

const tokens = {
  agent: 'agent', tool: 'target', target: 'target', model: 'target', status: 'status',
  category: 'category', source: 'source', '-source': 'exclude_source',
};
export const tokenNames = [...Object.keys(tokens), 'conversation', 'trace'];
const tokenPattern = new RegExp(`(?:^|\\s)(${tokenNames.join('|')}):(?:"([^"]*)"|(\\S+))`, 'g');
const meant = { status: { failed: 'error', fail: 'error' }, category: { tool: 'tool_call' } };

// Takes the tokens out of what was typed: `status:denied agent:"my bot" rm -rf`.
export function typed(text, filters) {
  const next = { ...filters };
  const rest = text.replace(tokenPattern, (whole, token, quoted, bare) => {
    const value = quoted ?? bare;
    if (!value) return '';
    if (token === 'conversation' || token === 'trace') {
      next[token] = value;
      return '';
    }
    const name = tokens[token];
    const values = quoted === undefined ? value.split(',').filter(Boolean) : [value];
    const asNamed = values.map((one) => meant[name]?.[one] ?? one);
    next[name] = [...new Set([...next[name], ...asNamed])];
    return '';
  });
  return { ...next, text: rest.trim() };
}

// The state that shows an event in its conversation, or else in its trace.
export function traceWith(event) {
  const traceBy = event.conversation_id || !event.trace_id ? 'conversation' : 'trace';
  return { view: 'trace', traceBy, traceOf: traceBy === 'trace' ? event.trace_id : event.conversation_id, event: event.id };
}

export function toggled(filters, name, value) {
  const has = filters[name].includes(value);
  return { ...filters, [name]: has ? filters[name].filter((one) => one !== value) : [...filters[name], value] };
}
