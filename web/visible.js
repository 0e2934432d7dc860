// Text of events, so that nothing in it hides or reorders: what is invisible is written out,
// as the terminal does it.
import { html } from './html.js';

// Lone surrogates U+DC80 … U+DCFF stand for bytes that are no UTF-8: docs/json.md.
const hidden = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Cf}\p{Cs}]/gu;
const hiddenInBlock = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\p{Cf}\p{Cs}]/gu;
const short = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };

export function escaped(character) {
  if (short[character]) return short[character];
  const code = character.codePointAt(0);
  const hex = (n, digits) => n.toString(16).padStart(digits, '0');
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code - 0xdc00, 2)}`;
  if (code < 0xa0) return `\\x${hex(code, 2)}`;
  return code > 0xffff ? `\\u{${hex(code, 5)}}` : `\\u${hex(code, 4)}`;
}

export function plain(value) {
  return String(value ?? '').replace(hidden, escaped);
}

// The first `most` units of a text, without half a character at its end.
export function cut(text, most) {
  return text.slice(0, /[\ud800-\udbff]/.test(text[most - 1] ?? '') ? most - 1 : most);
}

function parts(text, pattern) {
  const out = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > from) out.push(text.slice(from, match.index));
    out.push(html`<span class="escape" title="a character that cannot be seen">${escaped(match[0])}</span>`);
    from = match.index + match[0].length;
  }
  if (from === 0) return text;
  if (from < text.length) out.push(text.slice(from));
  return out;
}

// `block` keeps line ends and tabs; `most` cuts what nobody can read in one line anyway.
export function Text({ value, block = false, most = 0 }) {
  let text = String(value ?? '');
  const isCut = most > 0 && text.length > most;
  if (isCut) text = cut(text, most);
  return html`<bdi>${parts(text, block ? hiddenInBlock : hidden)}${isCut ? '…' : ''}</bdi>`;
}
