// Questions to the daemon that served this page. Errors say what to do.
const tokenKey = 'agentaudit.token';
const base = 'api/v1/audit';

export class Trouble extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export const token = {
  get: () => sessionStorage.getItem(tokenKey) ?? '',
  set: (value) => (value ? sessionStorage.setItem(tokenKey, value) : sessionStorage.removeItem(tokenKey)),
};

// Before a daemon that is away is asked again, each time.
export const firstRestMs = 500;
export const longerRest = (restMs) => Math.min(restMs * 2, 15_000);

// Of a fleet, the one trail that is asked about.
let trail = '';
export const onlyTrail = (id) => {
  trail = id;
};
const everyTrail = '/trails';

let askForToken = () => {};
export const onTokenWanted = (listener) => {
  askForToken = listener;
};

export async function ask(path, { query, signal, headers = {}, absolute = false } = {}) {
  const asked = new URLSearchParams(query ?? '');
  if (trail && path !== everyTrail) asked.set('trail', trail);
  const text = asked.size ? `?${asked}` : '';
  const secret = token.get();
  let response;
  try {
    response = await fetch(`${absolute ? '' : base}${path}${text}`, {
      signal,
      headers: { ...headers, ...(secret ? { Authorization: `Bearer ${secret}` } : {}) },
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Trouble(0, 'The daemon does not answer. Is `agentaudit serve` still running? This page tries again by itself.');
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  const said = problem.detail ?? problem.title ?? `status ${response.status}`;
  if (response.status === 401) askForToken(secret ? 'The daemon does not know this token any more.' : '');
  throw new Trouble(response.status, explained(response.status, said));
}

function explained(status, said) {
  if (status === 401) return 'A token with the scope `read` is needed: agentaudit token create --scope read.';
  if (status === 403) return `${said}. Sign in with a token that has the scope: agentaudit token create --scope read.`;
  if (status === 503) return `${said}. Narrow the time range, or try again in a moment.`;
  return said;
}

export async function askJson(path, options) {
  return (await ask(path, options)).json();
}

export const aborted = (error) => error?.name === 'AbortError';

// Saves what the daemon answers. The token goes in a header, so a plain link does not do.
export async function download(path, query, name) {
  const response = await ask(path, { query });
  save(await response.blob(), name);
}

export function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
