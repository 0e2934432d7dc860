// Copying, with a word that it was done.
import { html, useEffect, useState } from './html.js';
import { Icon } from './kinds.js';

export async function copy(text) {
  if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'sr';
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
  return undefined;
}

export function CopyButton({ text, label, icon = 'copy' }) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setSaid(''), 1500);
    return () => clearTimeout(timer);
  }, [said]);
  return html`<button type="button" onClick=${async () => {
    try {
      await copy(typeof text === 'function' ? text() : text);
      setSaid('copied');
    } catch {
      setSaid('not copied');
    }
  }}><${Icon} name=${icon} /> <span aria-live="polite">${said || label}</span></button>`;
}
