// The keys, and what they do.
import { html, useEffect, useRef } from './html.js';

const keys = [
  ['Everywhere', [['?', 'this list'], ['/', 'search'], ['g then l, o, t, i', 'Live, Overview, Trace, Integrity'], ['d', 'light or dark'], ['Esc', 'close what is open']]],
  ['Live', [['j, k', 'next, previous event'], ['[ and ]', 'previous, next that failed or was denied'], ['Enter', 'open it'], ['t', 'its trace'], ['f', 'follow or pause']]],
  ['Trace', [['j, k', 'next, previous step'], ['[ and ]', 'previous, next that failed or was denied'], ['Enter', 'fold or unfold']]],
];

export function Dialog({ title, onClose, children }) {
  const dialog = useRef(null);
  useEffect(() => {
    dialog.current.showModal();
  }, []);
  return html`<dialog ref=${dialog} aria-label=${title} onClose=${onClose} onClick=${(event) => event.target === dialog.current && dialog.current.close()}>${children}</dialog>`;
}

export function Help({ onClose }) {
  return html`<${Dialog} title="Keyboard shortcuts" onClose=${onClose}><div class="help"><h2>Keyboard</h2>
    ${keys.map(([title, list]) => html`<h3>${title}</h3><dl>${list.map(([key, what]) => html`<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`)}</dl>`)}
    <h3>Search</h3><p><code>agent:</code> <code>tool:</code> <code>model:</code> <code>status:</code> <code>category:</code> <code>source:</code> <code>-source:</code> <code>conversation:</code> <code>trace:</code>, a name with blanks in quotes; all other words are looked for in summary, target and detail.</p>
    <p class="dim">Made with Preact, htm and uPlot: <a href="assets/licences.txt">their licences</a>.</p>
    <form method="dialog"><button class="main">Close</button></form></div><//>`;
}
