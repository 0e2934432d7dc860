// A part of the page that is loaded when it is first shown.
import { html, useEffect, useState } from './html.js';

const loaded = new Map();

// `load`: () => import('./view.js'), always the same function; `name`: what it exports.
export function Lazy({ load, name, ...rest }) {
  const [View, setView] = useState(() => loaded.get(name));
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (View) return;
    load().then((module) => {
      loaded.set(name, module[name]);
      setView(() => module[name]);
    }, () => setFailed(true));
  }, []);
  if (failed) return html`<p class="hint" role="alert">The daemon does not answer. Is it still running? Reload the page once it is.</p>`;
  return View ? html`<${View} ...${rest} />` : html`<p class="hint" role="status">Loading …</p>`;
}
