// The parts of an event's detail, each as it reads best.
import { Diff, editsOf } from './diff.js';
import { html } from './html.js';
import { Fold, JsonTree } from './json_tree.js';
import { count } from './time.js';
import { Text } from './visible.js';

function Value({ value, onFind }) {
  if (typeof value === 'string') return html`<${Fold} text=${value} />`;
  if (Array.isArray(value?.content) && value.content.every((part) => typeof part?.text === 'string') && Object.keys(value).length <= 2) {
    return value.content.map((part) => html`<${Fold} text=${part.text} />`);
  }
  return html`<div class="tree"><${JsonTree} value=${value} open=${2} onFind=${onFind} /></div>`;
}

export function Messages({ messages, onFind }) {
  return html`<ol class="messages">${messages.map((message) => html`<li class=${`message role-${/^(system|user|assistant|tool)$/.test(message.role) ? message.role : 'other'}`}>
    <div class="role"><${Text} value=${message.role} most=${30} /></div>
    ${message.parts.map((part) => {
      if (part.kind === 'text') return html`<${Fold} text=${part.text} kind="prose" />`;
      if (part.kind === 'thinking') return html`<div class="thinking"><${Fold} text=${part.text} kind="prose" /></div>`;
      if (part.kind === 'call') return html`<div class="call"><div class="label">calls <code><${Text} value=${part.name} /></code></div><${Value} value=${part.value} onFind=${onFind} /></div>`;
      if (part.kind === 'answer') return html`<div class="call"><div class="label">answer of <code><${Text} value=${part.name} /></code></div><${Value} value=${part.value} onFind=${onFind} /></div>`;
      return html`<${Value} value=${part.value} onFind=${onFind} />`;
    })}
  </li>`)}</ol>`;
}

export function Section({ title, children, open = true, note }) {
  return html`<details class="section" open=${open}><summary><h3>${title}</h3>${note && html`<span class="dim">${note}</span>`}</summary>${children}</details>`;
}

export function EventDetail({ meaning, onFind }) {
  const { args, result, error, messages = [], prompt, usage, object, raw } = meaning;
  const edits = editsOf(args, result);
  const used = [['input', usage.input], ['output', usage.output], ['cached', usage.cached]].filter(([, n]) => n !== undefined);
  return html`
    ${error !== undefined && error !== null && html`<${Section} title="Error"><div class="error-text"><${Value} value=${error} onFind=${onFind} /></div><//>`}
    ${(used.length > 0 || usage.cost !== undefined) && html`<p class="usage">${used.map(([name, n]) => html`<span><b>${count(n)}</b> ${name} tokens</span>`)}
      ${usage.cost !== undefined && html`<span><b>$${usage.cost.toFixed(4)}</b></span>`}</p>`}
    ${edits.length > 0 && html`<${Section} title="Edit">${edits.map((edit) => html`<${Diff} edit=${edit} />`)}<//>`}
    ${args !== undefined && !messages.length && html`<${Section} title="Arguments" open=${edits.length === 0}><${Value} value=${args} onFind=${onFind} /><//>`}
    ${typeof prompt === 'string' && html`<${Section} title="Text"><${Fold} text=${prompt} kind="prose" /><//>`}
    ${messages.length > 0 && html`<${Section} title="Messages" note=${count(messages.length)}><${Messages} messages=${messages} onFind=${onFind} /><//>`}
    ${result !== undefined && html`<${Section} title="Result" open=${edits.length === 0}><${Value} value=${result} onFind=${onFind} /><//>`}
    ${object ? html`<${Section} title="All that was recorded" open=${args === undefined && result === undefined && !messages.length && error === undefined && typeof prompt !== 'string'}>
        <div class="tree"><${JsonTree} value=${object} open=${1} onFind=${onFind} /></div><//>`
      : raw && html`<${Section} title="Detail"><${Fold} text=${raw} /><//>`}`;
}
