// Follows the trail: server-sent events, read by fetch because a token goes in a header.
import { aborted, ask, firstRestMs, longerRest } from './api.js';

const lookMs = 5000;

// Calls `onEvent(event)` for each, `onState('open' | 'lost', error)` as the connection comes and
// goes. Begins after the event `last`, comes back by itself after the last one that was seen.
// Returns what ends it.
export function follow(query, { last = '', onEvent, onState }) {
  const controller = new AbortController();
  const { signal } = controller;
  let restMs = firstRestMs;

  async function once() {
    const headers = last ? { 'Last-Event-ID': last } : {};
    const response = await ask('/stream', { query, signal, headers });
    onState('open');
    restMs = firstRestMs;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += value;
      const messages = rest.split('\n\n');
      rest = messages.pop();
      for (const message of messages) take(message);
    }
  }

  // What cannot be followed, as a fleet without trails, is asked for its newest events.
  async function look() {
    const page = new URLSearchParams(query);
    for (const [name, value] of Object.entries({ limit: 500, brief: true, total: 'none' })) page.set(name, value);
    for (;;) {
      const response = await ask('', { query: page, signal });
      const { events } = await response.json();
      onState('open');
      restMs = firstRestMs;
      for (const event of events) if (event.id > Number(last)) onEvent(event);
      last = response.headers.get('Last-Event-ID') ?? last;
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
  }

  function take(message) {
    let data = '';
    for (const line of message.split('\n')) {
      if (line.startsWith('id: ')) last = line.slice(4);
      if (line.startsWith('data: ')) data += line.slice(6);
    }
    if (data) onEvent(JSON.parse(data));
  }

  (async () => {
    while (!signal.aborted) {
      try {
        await once().catch((error) => (error.status === 501 ? look() : Promise.reject(error)));
        if (!signal.aborted) onState('lost');
      } catch (error) {
        if (aborted(error) || signal.aborted) return;
        onState('lost', error);
        if (error.status === 401 || error.status === 403) return;
      }
      await new Promise((resolve) => setTimeout(resolve, restMs));
      restMs = longerRest(restMs);
    }
  })();
  return () => controller.abort();
}
