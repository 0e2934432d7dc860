// Where the daemon wants a token: it is kept for this tab alone.
import { token } from './api.js';
import { html, useState } from './html.js';

export function Login({ said, onDone }) {
  const [value, setValue] = useState('');
  return html`<main class="login" id="main"><form onSubmit=${(event) => {
    event.preventDefault();
    token.set(value.trim());
    onDone();
  }}><h1>Sign in</h1><p>This daemon asks for a token. Make one that may read, where it runs:</p><pre tabindex="0">agentaudit token create --scope read</pre>
    <label>Token <input type="password" autocomplete="off" required value=${value} ref=${(element) => element && !value && element.focus()} onInput=${(event) => setValue(event.target.value)} /></label>
    ${said && html`<p role="alert" class="error-text">${said}</p>`}<button type="submit" class="main">Sign in</button>
    <p class="hint">It stays in this tab and is forgotten as you close it.</p></form></main>`;
}
