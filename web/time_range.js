// Which time is in view: presets, or the stretch that was marked on a chart.
import { html } from './html.js';
import { Icon } from './kinds.js';
import { presets } from './query.js';
import { both, clock, day } from './time.js';

export function TimeRange({ filters, onChange }) {
  const marked = filters.since || filters.until;
  const label = (time) => (time ? `${day(time)} ${clock(time).slice(0, 8)}` : '…');
  return html`<div class="range" role="group" aria-label="Time range">
    <label class="field"><span class="sr">Time range</span>
      <select value=${filters.range || (marked ? 'marked' : '')} onChange=${(event) => {
        const value = event.target.value;
        if (value !== 'marked') onChange({ ...filters, range: value, since: '', until: '' });
      }}>
        <option value="">All time</option>
        ${Object.keys(presets).map((name) => html`<option value=${name}>Last ${name}</option>`)}
        ${marked && html`<option value="marked">Marked on the chart</option>`}
      </select></label>
    ${marked && html`<span class="chip" title=${both(filters.since || filters.until)}>${label(filters.since)} – ${label(filters.until)} UTC
      <button type="button" aria-label="Show all time" onClick=${() => onChange({ ...filters, since: '', until: '' })}><${Icon} name="close" /></button></span>`}
  </div>`;
}
