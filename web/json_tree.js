// JSON as a tree that opens and closes; text as text, folded where it is long.
import { html, useState } from './html.js';
import { Icon } from './kinds.js';
import { count } from './time.js';
import { cut, Text } from './visible.js';

const foldedLines = 14;
const foldedLetters = 1200;
const stepLetters = 200_000;
const childrenMost = 100;

export function Fold({ text, kind = 'block' }) {
  const [letters, setLetters] = useState(0);
  const value = String(text ?? '');
  let end = value.length;
  if (letters === 0) {
    end = Math.min(end, foldedLetters);
    let at = -1;
    for (let line = 0; line < foldedLines; ++line) {
      at = value.indexOf('\n', at + 1);
      if (at < 0 || at > end) break;
      if (line === foldedLines - 1) end = Math.min(end, at);
    }
    if (value.length - end < 80 && !value.slice(end).includes('\n\n')) end = Math.max(end, value.length < 1400 ? value.length : end);
  } else {
    end = Math.min(end, letters);
  }
  const rest = value.length - end;
  return html`<div class=${`text ${kind}`}><pre tabindex="0"><${Text} value=${cut(value, end)} block /></pre>
    ${rest > 0 && html`<button type="button" class="more" onClick=${() => setLetters(Math.max(letters, 0) + stepLetters)}>
      Show ${rest > stepLetters ? `${count(stepLetters)} of ` : ''}${count(rest)} more characters</button>`}
    ${letters > 0 && html`<button type="button" class="more" onClick=${() => setLetters(0)}>Fold</button>`}
  </div>`;
}

function Scalar({ value, onFind }) {
  if (typeof value !== 'string') return html`<span class=${`json-${value === null ? 'null' : typeof value}`}>${String(value)}</span>`;
  if (value.length > 120 || value.includes('\n')) return html`<${Fold} text=${value} kind="inline" />`;
  return html`<span class="json-string"><${Text} value=${value} /></span>${onFind && value.length > 2 && html`
    <button type="button" class="find-this" aria-label="Find events with this value" title="Find events with this value"
      onClick=${() => onFind(value)}><${Icon} name="search" /></button>`}`;
}

// Text that is itself JSON is shown as what it means.
function meant(value) {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value) || value.length > 2_000_000) return value;
  try {
    const parsed = JSON.parse(value);
    return typeof parsed === 'object' ? parsed : value;
  } catch {
    return value;
  }
}

export function JsonTree({ name, value: given, open = 1, onFind, depth = 0 }) {
  const value = meant(given);
  const nested = value !== null && typeof value === 'object';
  const entries = nested ? Object.entries(value) : [];
  const [isOpen, setOpen] = useState(depth < open && entries.length <= 40);
  const [most, setMost] = useState(childrenMost);
  const key = name === undefined ? '' : html`<span class="json-key"><${Text} value=${name} most=${200} /></span>`;
  if (!nested) return html`<div class="json-line">${key}<${Scalar} value=${value} onFind=${onFind} /></div>`;
  const size = Array.isArray(value) ? `[${count(entries.length)}]` : `{${count(entries.length)}}`;
  if (!entries.length) return html`<div class="json-line">${key}<span class="dim">${Array.isArray(value) ? '[]' : '{}'}</span></div>`;
  return html`<div class="json-branch">
    ${(name !== undefined || depth > 0) && html`<button type="button" class="json-toggle" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
      <${Icon} name=${isOpen ? 'down' : 'right'} />${key || html`<span class="json-key">value</span>`}<span class="dim">${size}${isOpen ? '' : preview(entries)}</span></button>`}
    ${(isOpen || (name === undefined && depth === 0)) && html`<div class="json-children">
      ${entries.slice(0, most).map(([child, inner]) => html`<${JsonTree} key=${child} name=${child} value=${inner} open=${open} onFind=${onFind} depth=${depth + 1} />`)}
      ${entries.length > most && html`<button type="button" class="more" onClick=${() => setMost(most * 10)}>${count(entries.length - most)} more</button>`}
    </div>`}
  </div>`;
}

function preview(entries) {
  const text = entries.slice(0, 3).map(([key, value]) => (typeof value === 'object' ? key : `${key}: ${String(value).slice(0, 30)}`)).join(', ');
  return html` <${Text} value=${text} most=${70} />`;
}
