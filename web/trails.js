// Of a fleet the page shows one trail at a time; those in trouble stand first.
import { onlyTrail } from './api.js';
import { useAnswer } from './answer.js';
import { classes, html, useEffect, useState } from './html.js';
import { compact, count } from './time.js';

const everyMs = 30_000;
const mostShown = 200;
const question = ['/trails', null];

// The trails, and which of them is shown: `wanted`, or the first, which is `onChoose`n then.
// `met`: it is known whether there are any. `ask`: whether questions are answered at all.
export function useFleet(wanted, onChoose, ask) {
  const { data, error } = useAnswer(ask ? question : null, { everyMs });
  const trails = data?.trails ?? [];
  const chosen = trails.length ? wanted || trails[0].trail : '';
  useEffect(() => {
    if (chosen && chosen !== wanted) onChoose(chosen);
  }, [chosen, wanted]);
  // Before any view asks. Where this has no answer, what they ask says why.
  onlyTrail(chosen);
  return { met: data !== null || error !== null, trails, chosen };
}

const said = {
  forked: 'An id, or a checkpoint, is there in two versions',
  gaps: 'Ids never arrived',
  silent: 'Recorded nothing for an hour',
  ok: 'Whole, and recording',
};

export function TrailFacet({ fleet: { trails, chosen }, onChoose }) {
  const [find, setFind] = useState('');
  if (!trails.length) return null;
  const matching = trails.filter(({ trail, state }) => !find || trail.includes(find) || state === find);
  return html`<fieldset class="facet"><legend>Trail</legend>
    ${trails.length > 10 && html`<input class="find" type="search" placeholder="Find an id or a state" aria-label="Find a trail"
      value=${find} onInput=${(event) => setFind(event.target.value.trim())} />`}
    <ul>${matching.slice(0, mostShown).map(({ trail, state, events, missing }) => html`<li key=${trail}>
      <button type="button" class=${classes('value', trail === chosen && 'chosen')} aria-pressed=${trail === chosen}
          onClick=${() => onChoose(trail)} title=${`${trail}: ${said[state]}${missing ? ` (${count(missing)})` : ''}`}>
        <span class=${`trail-state ${state}`}>${state}</span>
        <span class="name">${trail.slice(0, 12)}</span>
        <span class="number" title=${count(events)}>${compact(events)}</span>
      </button></li>`)}</ul>
    ${matching.length > mostShown && html`<p class="hint">${count(matching.length - mostShown)} more; find one by its id</p>`}
    ${matching.length === 0 && html`<p class="hint">none</p>`}
  </fieldset>`;
}

// Which trail it is, where the facet is not in view.
export function TrailName({ fleet: { trails, chosen } }) {
  if (!trails.length) return null;
  const state = trails.find(({ trail }) => trail === chosen)?.state ?? 'ok';
  return html`<span class="trail-name" title=${`Trail ${chosen}: ${said[state]}`}>
    <span class=${`trail-state ${state}`}>${state}</span> ${chosen.slice(0, 12)}</span>`;
}
