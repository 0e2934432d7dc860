// What an edit took away and put in, line by line.
import { html, useMemo, useState } from './html.js';
import { count } from './time.js';
import { Text } from './visible.js';

const linesMost = 2000;

// [{ sign: ' ' | '-' | '+', text }], by the longest common subsequence; what is too long for
// that is shown as all old lines, then all new ones.
export function lineDiff(before, after) {
  const a = before === '' ? [] : before.split('\n');
  const b = after === '' ? [] : after.split('\n');
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) ++start;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) ++end;
  const old = a.slice(start, a.length - end);
  const young = b.slice(start, b.length - end);
  const same = (text) => ({ sign: ' ', text });
  return [...a.slice(0, start).map(same), ...middle(old, young), ...a.slice(a.length - end).map(same)];
}

function middle(a, b) {
  const gone = (text) => ({ sign: '-', text });
  const come = (text) => ({ sign: '+', text });
  if (a.length * b.length > 1_000_000) return [...a.map(gone), ...b.map(come)];
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; --i) {
    for (let j = b.length - 1; j >= 0; --j) {
      common[i * width + j] = a[i] === b[j] ? common[(i + 1) * width + j + 1] + 1
        : Math.max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  const out = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push({ sign: ' ', text: a[i++] });
      ++j;
    } else if (i < a.length && (j === b.length || common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      out.push(gone(a[i++]));
    } else {
      out.push(come(b[j++]));
    }
  }
  return out;
}

// The edits that the arguments of a tool call describe: [{ path, lines }].
export function editsOf(args, result) {
  if (args === null || typeof args !== 'object') return [];
  const text = (...names) => names.map((name) => args[name]).find((value) => typeof value === 'string');
  const path = text('file_path', 'filePath', 'path', 'notebook_path') ?? '';
  const patched = result?.structuredPatch;
  if (Array.isArray(patched) && patched.length) {
    const lines = patched.flatMap((hunk) => (Array.isArray(hunk?.lines) ? hunk.lines : []));
    return [{ path, lines: lines.map((line) => ({ sign: String(line).slice(0, 1), text: String(line).slice(1) })) }];
  }
  const pair = (of) => [of.old_string ?? of.oldString ?? of.old_str, of.new_string ?? of.newString ?? of.new_str];
  const all = Array.isArray(args.edits) ? args.edits : [args];
  const edits = all.map(pair).filter(([old, young]) => typeof old === 'string' && typeof young === 'string');
  if (edits.length) return edits.map(([old, young]) => ({ path, lines: lineDiff(old, young) }));
  const patch = text('patch', 'diff', 'input', 'command');
  if (patch !== undefined && /^(\*\*\* Begin Patch|diff --git|--- |@@ )/m.test(patch)) {
    const lines = patch.split('\n').map((line) => (/^[-+ ]/.test(line) && !/^(---|\+\+\+) /.test(line)
      ? { sign: line[0], text: line.slice(1) } : { sign: '@', text: line }));
    return [{ path, lines }];
  }
  return [];
}

export function Diff({ edit }) {
  const [all, setAll] = useState(false);
  const most = all ? linesMost : 60;
  const counts = useMemo(() => ({ gone: edit.lines.filter((line) => line.sign === '-').length, come: edit.lines.filter((line) => line.sign === '+').length }), [edit]);
  const names = { '-': 'removed', '+': 'added' };
  return html`<figure class="diff"><figcaption><span class="mono"><${Text} value=${edit.path} /></span>
      <span class="added">+${counts.come}</span> <span class="removed">−${counts.gone}</span></figcaption>
    <div class="diff-lines" tabindex="0" role="group" aria-label="Changed lines">${edit.lines.slice(0, most).map((line) => html`<div class=${`diff-line ${names[line.sign] ?? ''}`}>
      <span class="sign" aria-hidden="true">${line.sign}</span>${names[line.sign] && html`<span class="sr">${names[line.sign]}: </span>`}<code><${Text} value=${line.text} block most=${4000} /></code></div>`)}</div>
    ${edit.lines.length > most && html`<button type="button" class="more" onClick=${() => setAll(true)}>${count(edit.lines.length - most)} more lines</button>`}
  </figure>`;
}
