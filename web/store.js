// The one state of the page. Views read it and hand back patches; the address follows it.
import { useEffect, useState } from './html.js';

export function createStore(initial) {
  let state = initial;
  const listeners = new Set();
  return {
    get: () => state,
    set(patch) {
      const next = { ...state, ...(typeof patch === 'function' ? patch(state) : patch) };
      if (Object.keys(next).every((key) => Object.is(next[key], state[key]))) return;
      state = next;
      for (const listener of [...listeners]) listener(state);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore(store) {
  const [state, setState] = useState(store.get());
  useEffect(() => {
    setState(store.get());
    return store.subscribe(setState);
  }, [store]);
  return state;
}

// What the browser keeps: it may refuse to, and the page goes on.
export function kept(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(`agentaudit.${key}`)) ?? fallback;
  } catch {
    return fallback;
  }
}

export function keep(key, value) {
  try {
    localStorage.setItem(`agentaudit.${key}`, JSON.stringify(value));
  } catch {
    // Private windows and full storage: the setting lasts as long as the page.
  }
}
