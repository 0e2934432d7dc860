// What every view draws with: Preact and htm, and text of events as text.
import { Fragment, h, render } from './preact.js';
import htm from './htm.js';

export { Fragment, h, render };
export { useEffect, useLayoutEffect, useMemo, useRef, useState } from './hooks.js';
export const html = htm.bind(h);

export function classes(...names) {
  return names.filter(Boolean).join(' ');
}
