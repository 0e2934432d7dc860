// What a view asks the daemon: asked anew as the question changes, the old one aborted.
import { aborted, askJson } from './api.js';
import { html, useEffect, useRef, useState } from './html.js';
import { Icon } from './kinds.js';

const holdMostMs = 250;

// `question`: [path, URLSearchParams] or null for nothing. What was known stays in view until
// the new answer is there. While `hold` is set, another question goes first.
export function useAnswer(question, { everyMs = 0, hold = false } = {}) {
  const [answer, setAnswer] = useState({ data: null, error: null, loading: true });
  const [turn, setTurn] = useState(0);
  const key = question ? `${question[0]}?${question[1] ?? ''}` : '';
  const before = useRef('');
  const held = useRef(null); // asks what waits
  useEffect(() => {
    if (!question) {
      setAnswer({ data: null, error: null, loading: false });
      return undefined;
    }
    const controller = new AbortController();
    const same = before.current === key;
    before.current = key;
    let timer = 0;
    // A question that takes long is asked less often.
    const again = (tookMs) => {
      if (everyMs) timer = setTimeout(run, Math.max(document.hidden ? everyMs * 10 : everyMs, tookMs * 20));
    };
    async function run() {
      clearTimeout(timer);
      held.current = null;
      const start = performance.now();
      try {
        const data = await askJson(question[0], { query: question[1], signal: controller.signal });
        if (!controller.signal.aborted) setAnswer({ data, error: null, loading: false });
      } catch (error) {
        if (aborted(error) || controller.signal.aborted) return;
        setAnswer((old) => ({ ...old, error, loading: false }));
      }
      if (!controller.signal.aborted) again(performance.now() - start);
    }
    if (!same) setAnswer((old) => ({ ...old, loading: true }));
    held.current = run;
    timer = setTimeout(run, hold ? holdMostMs : 0);
    return () => {
      held.current = null;
      controller.abort();
      clearTimeout(timer);
    };
  }, [key, turn, everyMs]);
  useEffect(() => {
    if (!hold) held.current?.();
  }, [hold]);
  return { ...answer, again: () => setTurn((n) => n + 1) };
}

export function Failure({ error, onRetry }) {
  return html`<div class="failure" role="alert">
    <${Icon} name="error" />
    <div><strong>${error.status ? `The daemon answered ${error.status}` : 'No answer'}</strong>
      <p>${error.message}</p>
      ${onRetry && html`<button type="button" onClick=${onRetry}>Try again</button>`}</div>
  </div>`;
}
