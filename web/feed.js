// The events in view: pages read by cursor, and what the stream tells, newest first, each once.
import { aborted, ask, firstRestMs, longerRest } from './api.js';
import { parameters } from './query.js';
import { follow } from './stream.js';
import { later } from './time.js';
import { cut } from './visible.js';

const firstPageEvents = 200;
const pageEvents = 500;
const waitingMost = 2000;
// Who follows has no use for more; a stream that never ends must not fill the memory.
const followedMost = 20_000;
const flushMs = 60;

// What a row needs; the rest is read when a person looks at the event.
function rowOf(event) {
  return {
    id: event.id, timestamp: event.timestamp, category: event.category, action: event.action,
    agent: event.agent, summary: cut(event.summary, 400), status: event.status,
    duration_ms: event.duration_ms, source: event.source, conversation_id: event.conversation_id,
    target: event.target ?? '', trace_id: event.trace_id ?? '',
  };
}

const before = (a, b) => (a.timestamp === b.timestamp ? a.id > b.id : later(a.timestamp, b.timestamp));

export function createFeed(onChange) {
  let rows = [];
  let answers = 0; // to first pages: the rows are of that one
  let shown = rows; // those of the question before, until the new one is answered
  let ids = new Set();
  let arrived = []; // by the stream, not yet sorted in
  let waiting = [];
  let cursor = '';
  let total = { count: 0, exact: true };
  let state = 'loading'; // loading, ready, failed
  let connection = 'opening'; // opening, open, lost, none
  let error = null;
  let loadingMore = false;
  let paused = false;
  let controller = new AbortController();
  let endStream = () => {};
  let filters;
  let scheduled = 0;
  let retrying = 0;

  const snapshot = () => ({ answers, rows: state === 'loading' ? shown : rows, waiting: waiting.length, total, state, connection, error, more: cursor !== '', loadingMore });
  const changed = () => {
    if (scheduled) return;
    scheduled = setTimeout(() => {
      scheduled = 0;
      sortIn();
      onChange(snapshot());
    }, arrived.length ? flushMs : 0);
  };

  function insert(events) {
    const fresh = events.filter((event) => !ids.has(event.id)).sort((a, b) => (before(a, b) ? -1 : 1));
    if (!fresh.length) return;
    for (const event of fresh) ids.add(event.id);
    if (!rows.length || before(fresh[fresh.length - 1], rows[0])) {
      rows = [...fresh, ...rows];
      return;
    }
    const oldest = rows[rows.length - 1];
    // Beyond the loaded pages the cursor will bring it.
    const inView = cursor ? fresh.filter((event) => before(event, oldest)) : fresh;
    for (const event of fresh) if (!inView.includes(event)) ids.delete(event.id);
    rows = [...rows, ...inView].sort((a, b) => (before(a, b) ? -1 : 1));
  }

  // Events that came while the reader looked at others wait for her.
  function sortIn() {
    const fresh = arrived;
    arrived = [];
    if (!paused) insert(fresh);
    else waiting = [...waiting, ...fresh].slice(0, waitingMost);
    if (!paused && fresh.length && rows.length > followedMost) start(filters);
  }

  async function page(after) {
    const query = parameters(filters);
    query.set('limit', String(after ? pageEvents : firstPageEvents));
    query.set('brief', 'true');
    if (after) query.set('cursor', after);
    if (after) query.set('total', 'none');
    return ask('', { query, signal: controller.signal });
  }

  // The page, and then what was committed after it was read.
  async function first(restMs = firstRestMs) {
    const { signal } = controller;
    try {
      const response = await page('');
      const answer = await response.json();
      if (signal.aborted) return;
      answers += 1;
      rows = answer.events.map(rowOf);
      ids = new Set(rows.map((row) => row.id));
      cursor = answer.next_cursor ?? '';
      total = { count: answer.total, exact: answer.total_exact };
      state = 'ready';
      error = null;
      connection = 'opening';
      listen(response.headers.get('Last-Event-ID') ?? '', signal);
    } catch (trouble) {
      if (aborted(trouble) || signal.aborted) return;
      state = 'failed';
      error = trouble;
      connection = trouble.status ? 'none' : 'lost';
      // A daemon that is gone may come back.
      if (!trouble.status) retrying = setTimeout(first, restMs, longerRest(restMs));
    }
    changed();
  }

  function listen(last, signal) {
    endStream = follow(parameters(filters), {
      last,
      onState(now) {
        if (signal.aborted) return;
        connection = now;
        changed();
      },
      onEvent(event) {
        if (signal.aborted || ids.has(event.id)) return;
        total = { ...total, count: total.count + 1 };
        arrived.push(rowOf(event));
        changed();
      },
    });
  }

  function start(next) {
    stop();
    controller = new AbortController();
    filters = next;
    shown = state === 'failed' ? [] : state === 'loading' ? shown : rows;
    rows = [];
    ids = new Set();
    arrived = [];
    waiting = [];
    cursor = '';
    state = 'loading';
    connection = 'opening';
    error = null;
    loadingMore = false;
    first();
  }

  function stop() {
    controller.abort();
    endStream();
    clearTimeout(retrying);
  }

  return {
    start,
    stop,
    retry() {
      start(filters);
      changed();
    },
    snapshot,
    pause(now) {
      paused = now;
    },
    release() {
      if (waiting.length >= waitingMost) {
        start(filters);
      } else {
        insert(waiting);
        waiting = [];
      }
      changed();
    },
    async more() {
      if (!cursor || loadingMore) return;
      const { signal } = controller;
      loadingMore = true;
      changed();
      try {
        const answer = await (await page(cursor)).json();
        if (signal.aborted) return;
        const fresh = answer.events.filter((event) => !ids.has(event.id)).map(rowOf);
        for (const row of fresh) ids.add(row.id);
        rows = rows.concat(fresh);
        cursor = answer.next_cursor ?? '';
        error = null;
      } catch (trouble) {
        if (aborted(trouble) || signal.aborted) return;
        error = trouble;
      } finally {
        if (!signal.aborted) loadingMore = false;
      }
      changed();
    },
  };
}
