// Of a fleet the page shows one trail at a time; those in trouble stand first.
import { askJson, onlyTrail } from './api.js';
import { classes, html, useEffect, useState } from './html.js';
import { createStore, useStore } from './store.js';
import { compact, count } from './time.js';

const againMs = 30_000;
const mostShown = 200;

export const fleet = createStore({ met: false, trails: [], chosen: '' });

// Asks which trails there are. `wanted`: the one that the address names.
export async function meetFleet(wanted) {
  let trails = [];
  try {
    ({ trails } = await askJson('/trails'));
  } catch {
    // Whatever is asked next meets the same trouble, and says so.
  }
  choose(trails.length ? wanted || trails[0].trail : '');
  fleet.set({ met: true, trails });
}

export function choose(trail) {
  onlyTrail(trail);
  fleet.set({ chosen: trail });
}

// Keeps the states of the trails true.
export function useFleet() {
  const state = useStore(fleet);
  useEffect(() => {
    if (!state.trails.length) return undefined;
    const timer = setInterval(async () => {
      try {
        fleet.set({ trails: (await askJson('/trails')).trails });
      } catch {
        // The views say what is wrong.
      }
    }, againMs);
    return () => clearInterval(timer);
  }, [state.trails.length > 0]);
  return state;
}

const said = {
  forked: 'An id, or a checkpoint, is there in two versions',
  gaps: 'Ids never arrived',
  silent: 'Recorded nothing for an hour',
  ok: 'Whole, and recording',
};

export function TrailFacet({ onChoose }) {
  const { trails, chosen } = useStore(fleet);
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
export function TrailName() {
  const { trails, chosen } = useFleet();
  if (!trails.length) return null;
  const state = trails.find(({ trail }) => trail === chosen)?.state ?? 'ok';
  return html`<span class="trail-name" title=${`Trail ${chosen}: ${said[state]}`}>
    <span class=${`trail-state ${state}`}>${state}</span> ${chosen.slice(0, 12)}</span>`;
}
