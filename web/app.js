// The page: its head, the view in question, keys, and the address.
import { onTokenWanted, token } from './api.js';
import { html, render, useEffect, useState } from './html.js';
import { Icon } from './kinds.js';
import { Lazy } from './lazy.js';
import { LiveView } from './live_view.js';
import { fromAddress, toAddress } from './query.js';
import { SearchBox } from './search_box.js';
import { listenForKeys } from './shortcuts.js';
import { createStore, keep, kept, useStore } from './store.js';
import { useAnswer } from './answer.js';
import { TrailName, useFleet } from './trails.js';

const later = (name, load) => (props) => html`<${Lazy} name=${name} load=${load} ...${props} />`;
const views = {
  live: ['Live', LiveView],
  overview: ['Overview', later('OverviewView', () => import('./overview_view.js'))],
  trace: ['Trace', later('TraceView', () => import('./trace_view.js'))],
  integrity: ['Integrity', later('IntegrityView', () => import('./integrity_view.js'))],
};
const Help = later('Help', () => import('./help.js'));
const Login = later('Login', () => import('./login.js'));
const store = createStore({ ...fromAddress(location.hash), theme: kept('theme', ''), help: false, signIn: null });

// Steps that a person would go back over become entries of the history; the rest replaces.
function set(patch) {
  const before = store.get();
  store.set(patch);
  const now = store.get();
  const address = toAddress(now);
  if (address === toAddress(before)) return;
  const step = now.view !== before.view || now.traceOf !== before.traceOf || (now.event !== before.event && !before.event);
  history[step ? 'pushState' : 'replaceState'](null, '', address);
}

addEventListener('popstate', () => store.set(fromAddress(location.hash)));
onTokenWanted((said) => store.set({ signIn: said }));

function applyTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}
applyTheme(store.get().theme);

function turnTheme() {
  const dark = store.get().theme ? store.get().theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  const theme = dark ? 'light' : 'dark';
  keep('theme', theme);
  applyTheme(theme);
  store.set({ theme });
}

listenForKeys({
  view: (view) => set({ view, event: 0, ...(view === 'trace' ? {} : { traceOf: '' }) }),
  search: () => document.getElementById('search')?.focus(),
  help: () => store.set({ help: !store.get().help }),
  theme: turnTheme,
  close: () => {
    if (document.querySelector('.with-drawer')) document.querySelector('.drawer-bar button').click();
    else set({ event: 0 });
  },
});

// Another trail has other events, and nothing of the first is meant.
function setTrail(trail) {
  set({ trail, event: 0, traceOf: '' });
}

function App() {
  const state = useStore(store);
  const fleet = useFleet(state.trail, (trail) => set({ trail }), state.signIn === null);
  const [, setSystemTheme] = useState(0);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const listen = () => setSystemTheme((n) => n + 1);
    query.addEventListener('change', listen);
    return () => query.removeEventListener('change', listen);
  }, []);
  useEffect(() => {
    document.title = `${views[state.view][0]} · agentaudit`;
  }, [state.view]);
  if (state.signIn !== null) return html`<${Login} said=${state.signIn} onDone=${() => store.set({ signIn: null })} />`;
  if (!fleet.met) return null;
  const View = views[state.view][1];
  const theme = state.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  return html`<a class="skip" href="#main" onClick=${(event) => {
    event.preventDefault();
    document.getElementById('main').focus();
  }}>To the content</a>
    <header class="top"><a class="brand" href="#" aria-label="agentaudit, to the start" onClick=${(event) => {
      event.preventDefault();
      set({ ...fromAddress(''), trail: state.trail });
    }}><${Icon} name="audit" /><span>agentaudit</span></a>
      <nav class="views" aria-label="Views">${Object.entries(views).map(([name, [title]]) => html`<a href=${toAddress({ ...state, view: name, event: 0 })} aria-current=${name === state.view ? 'page' : undefined} onClick=${(event) => {
        if (event.metaKey || event.ctrlKey) return;
        event.preventDefault();
        set({ view: name, event: 0, ...(name === 'trace' ? { traceOf: '' } : {}) });
      }}>${title}</a>`)}</nav>
      <${TrailName} fleet=${fleet} />
      <${Search} key=${fleet.chosen} state=${state} />
      <button type="button" class="quiet" aria-label="Light or dark" title="Light or dark (d)" onClick=${turnTheme}><${Icon} name="theme" /></button>
      <button type="button" class="quiet" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" onClick=${() => store.set({ help: true })}>?</button>
      ${token.get() && html`<button type="button" class="quiet" onClick=${() => {
        token.set('');
        location.reload();
      }}>Sign out</button>`}
    </header>
    <main id="main" tabindex="-1" class=${`view-${state.view}`}><h1 class="sr">${views[state.view][0]}</h1><${View} key=${state.view + fleet.chosen} state=${state} set=${set} fleet=${fleet} setTrail=${setTrail} theme=${theme} /></main>
    ${state.help && html`<${Help} onClose=${() => store.set({ help: false })} />`}`;
}

const everything = ['/stats', new URLSearchParams()];

function Search({ state }) {
  const { data } = useAnswer(everything);
  return html`<${SearchBox} filters=${state.filters} facts=${data} onChange=${(filters) => set({ filters, ...(state.view === 'live' || state.view === 'overview' ? {} : { view: 'live' }) })} />`;
}

render(html`<${App} />`, document.getElementById('app'));
