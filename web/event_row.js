// One event as a line: when, how it ended, what it was, who did it.
import { classes, html } from './html.js';
import { categoryClass, Icon, statusClass, wordOf } from './kinds.js';
import { both, clock, day, duration } from './time.js';
import { Text } from './visible.js';

export function Status({ name }) {
  return html`<span class=${classes('status', statusClass(name))}><${Icon} name=${name} /><span class="word"><${Text} value=${wordOf(name) || 'none'} most=${16} /></span></span>`;
}

export function Category({ name }) {
  return html`<span class=${classes('category', categoryClass(name))}><${Icon} name=${name} /><span class="word"><${Text} value=${wordOf(name)} most=${16} /></span></span>`;
}

export function When({ timestamp, withDay = false }) {
  return html`<time class="when" datetime=${timestamp} title=${both(timestamp)}>${withDay ? html`<span class="day">${withDay === 'short' ? day(timestamp).slice(5) : day(timestamp)} </span>` : ''}${clock(timestamp)}</time>`;
}

const today = () => new Date().toISOString().slice(0, 10);

export function EventRow({ event, nested = false }) {
  return html`<div class=${classes('event', nested && 'nested', statusClass(event.status))}>
    <${When} timestamp=${event.timestamp} withDay=${day(event.timestamp) !== today() && 'short'} />
    <${Status} name=${event.status} />
    <${Category} name=${event.category} />
    <span class="agent"><${Text} value=${event.agent || '—'} most=${60} /></span>
    <span class="summary"><${Text} value=${event.summary || event.action} most=${300} /></span>
    <span class="took">${event.duration_ms ? duration(event.duration_ms) : ''}</span>
  </div>`;
}
