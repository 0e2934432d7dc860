// Free text and tokens (`agent:` `tool:` `status:` …). A token becomes a chip at the blank or
// Enter after it; free text is asked for as it is typed.
import { html, useEffect, useRef, useState } from './html.js';
import { Icon } from './kinds.js';
import { tokenNames, typed } from './query.js';

const openToken = new RegExp(`(?:^|\\s)(?:${tokenNames.join('|')}):(?:"[^"]*|\\S*)$`);

export function SearchBox({ filters, onChange, facts }) {
  const [text, setText] = useState(filters.text);
  const timer = useRef(0);
  const latest = useRef(filters);
  latest.current = filters;
  // What others change is shown; what was asked for from here is not, for more was typed since.
  const asked = useRef(filters.text);
  useEffect(() => {
    if (filters.text === asked.current) return;
    asked.current = filters.text;
    setText(filters.text);
  }, [filters.text]);
  useEffect(() => () => clearTimeout(timer.current), []);

  function take(value) {
    setText(ask(value).text);
  }
  function ask(value) {
    clearTimeout(timer.current);
    const next = typed(value, latest.current);
    asked.current = next.text;
    onChange(next);
    return next;
  }
  function input(value) {
    setText(value);
    clearTimeout(timer.current);
    if (/\s$/.test(value) && typed(value, filters).text !== value.trim()) take(value);
    else if (!openToken.test(value)) timer.current = setTimeout(ask, 150, value);
  }
  return html`<form class="search" role="search" onSubmit=${(event) => {
    event.preventDefault();
    take(text);
  }}>
    <${Icon} name="search" />
    <input id="search" type="search" autocomplete="off" spellcheck=${false} value=${text} list="search-names"
      placeholder="Search, or agent: tool: status:" aria-label="Search events" aria-keyshortcuts="/"
      onInput=${(event) => input(event.target.value)} />
    <datalist id="search-names">${suggestions(text, facts).map((value) => html`<option value=${value}></option>`)}</datalist>
  </form>`;
}

function suggestions(text, facts) {
  const last = /(\S+)$/.exec(text)?.[1] ?? '';
  const head = text.slice(0, text.length - last.length);
  const [name] = last.split(':');
  if (!last.includes(':')) return tokenNames.filter((token) => last && token.startsWith(last)).map((token) => `${head}${token}:`);
  const from = { agent: 'by_agent', tool: 'by_target', target: 'by_target', model: 'by_target', status: 'by_status', category: 'by_category', source: 'by_source' }[name];
  const names = Object.keys(facts?.[from] ?? {}).filter(Boolean).slice(0, 30);
  return names.map((value) => `${head}${name}:${/\s/.test(value) ? `"${value}"` : value}`);
}
