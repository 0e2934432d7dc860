// Views that a person gave a name, kept in this browser; an address shares them with others.
import { html, useState } from './html.js';
import { Icon } from './kinds.js';
import { fromAddress, toAddress } from './query.js';
import { keep, kept } from './store.js';

const given = [
  { name: 'Failed or denied', address: '#status=error&status=denied' },
  { name: 'Approvals', address: '#category=approval' },
  { name: 'Last hour', address: '#range=1h' },
];

export function Saved({ state, set }) {
  const [saved, setSaved] = useState(kept('views', []));
  const [name, setName] = useState(null);
  const here = toAddress({ ...state, event: 0 });
  const change = (next) => {
    setSaved(next);
    keep('views', next);
  };
  const link = ({ name: title, address }, own) => html`<li key=${title + address}><a href=${address} aria-current=${here === address ? 'true' : undefined} onClick=${(event) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    set(fromAddress(address));
  }}>${title}</a>${own && html`<button type="button" class="without" aria-label=${`Forget the view ${title}`} onClick=${() => change(saved.filter((one) => one.name !== title))}><${Icon} name="close" /></button>`}</li>`;
  return html`<fieldset class="facet saved"><legend>Views</legend>
    <ul>${given.map((one) => link(one, false))}${saved.map((one) => link(one, true))}</ul>
    ${name === null ? html`<button type="button" class="more" onClick=${() => setName('')}><${Icon} name="star" /> Save this view</button>`
      : html`<form class="save" onSubmit=${(event) => {
        event.preventDefault();
        if (name.trim()) change([...saved.filter((one) => one.name !== name.trim()), { name: name.trim(), address: here }]);
        setName(null);
      }}><input aria-label="Name of the view" placeholder="Name" value=${name} ref=${(element) => element?.focus()} onInput=${(event) => setName(event.target.value)} maxlength="60" /><button type="submit">Save</button></form>`}
  </fieldset>`;
}
