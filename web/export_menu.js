// The question in view as a file: everything that matches, not what is loaded.
import { download } from './api.js';
import { html, useEffect, useRef, useState } from './html.js';
import { Icon } from './kinds.js';
import { parameters } from './query.js';

const kinds = [
  ['JSON Lines', '/export', { format: 'jsonl' }, 'audit.jsonl'],
  ['CSV', '/export', { format: 'csv' }, 'audit.csv'],
  ['Evidence bundle', '/bundle', {}, 'audit.evidence.json'],
];

export function ExportMenu({ filters }) {
  const [said, setSaid] = useState('');
  const menu = useRef(null);
  useEffect(() => {
    const close = (event) => {
      if (menu.current?.open && !menu.current.contains(event.target)) menu.current.open = false;
    };
    addEventListener('click', close);
    return () => removeEventListener('click', close);
  }, []);
  async function save([title, path, more, name]) {
    menu.current.open = false;
    setSaid(`${title}: reading …`);
    try {
      const query = parameters(filters);
      for (const [key, value] of Object.entries(more)) query.set(key, value);
      await download(path, query, name);
      setSaid('');
    } catch (error) {
      setSaid(`${title}: ${error.message}`);
    }
  }
  return html`<details class="menu" ref=${menu} onKeyDown=${(event) => {
    if (event.key === 'Escape' && menu.current.open) {
      menu.current.open = false;
      menu.current.querySelector('summary').focus();
      event.stopPropagation();
    }
  }}><summary><${Icon} name="download" /> Export</summary>
    <div class="menu-box">${kinds.map((kind) => html`<button type="button" onClick=${() => save(kind)}>${kind[0]}</button>`)}</div>
  </details><span class="menu-said" role="status">${said}</span>`;
}
