// Whether the trail is what was recorded, and how far that is proved.
import { ask, download, Trouble } from './api.js';
import { Failure, useAnswer } from './answer.js';
import { CopyButton } from './copy.js';
import { ExportMenu } from './export_menu.js';
import { html, useEffect, useMemo, useState } from './html.js';
import { Icon } from './kinds.js';
import { Chips } from './facets.js';
import { ago, both, count, duration } from './time.js';
import { TimeRange } from './time_range.js';
import { Text } from './visible.js';

const verdicts = {
  intact: ['ok', 'Intact', 'Nothing is changed, and nothing is known to be missing.'],
  incomplete: ['pending', 'Intact, but incomplete', 'Nothing is changed. Something is known to be missing, or never ended: “Completeness” says what.'],
  tampered: ['error', 'Tampered with', 'What is stored is not what was recorded. Keep a copy of the trail before anything else, and compare it with an anchored checkpoint.'],
  rolled_back: ['error', 'Rolled back', 'The trail is older than a checkpoint that was signed for it.'],
};
const levels = {
  unsigned: 'Whoever can write the file could have computed its tree anew. Make a key: agentaudit key init.',
  signed: 'Checkpoints are signed. Whoever has the key could still sign another tree: copy checkpoints elsewhere with agentaudit anchor.',
  anchored: 'A signed checkpoint is kept where whoever writes the trail cannot rewrite it.',
};

export function IntegrityView({ state, set }) {
  const [fresh, setFresh] = useState(0);
  const [query] = useMemo(() => [new URLSearchParams(fresh ? { fresh: 'true' } : {})], [fresh]);
  const { data, error, again } = useAnswer(useMemo(() => ['/verify', query], [query]));
  useEffect(() => {
    if (!data?.running) return undefined;
    const timer = setTimeout(() => (fresh ? setFresh(0) : again()), 700);
    return () => clearTimeout(timer);
  }, [data]);
  const verdict = data?.verification;
  const checkpoint = useCheckpoint(verdict);
  const { filters } = state;
  return html`<div class="page integrity">
    <div class="bar"><h1>Integrity</h1><span class="grow"></span>
      <button type="button" class="main" disabled=${data?.running} onClick=${() => setFresh(fresh + 1)}>${data?.running ? 'Verifying …' : 'Verify now'}</button></div>
    ${error && html`<${Failure} error=${error} onRetry=${again} />`}
    ${data?.running && html`<div class="hint" role="status">Verifying: every event is compared with its leaf, ${count(data.done)} of ${count(data.total)}. ${verdict ? 'Below is the verdict before.' : ''}
      <progress aria-label="Events compared" max=${data.total || 1} value=${data.done}></progress></div>`}
    ${data?.error && html`<${Failure} error=${new Trouble(503, data.error)} />`}
    ${verdict && html`<${Verdict} verdict=${verdict} finished=${data.finished} took=${data.took_ms} />`}
    ${verdict && html`<div class="columns">
      <${Findings} title="Integrity" found=${verdict.integrity} good="Every event is what its leaf says." onSelect=${(id) => set({ view: 'live', event: id })} />
      <${Findings} title="Completeness" found=${verdict.completeness} good="No event is known to be missing." onSelect=${(id) => set({ view: 'live', event: id })} /></div>`}
    <section class="card"><h2>Last checkpoint</h2>${checkpoint.text ? html`<div class="code"><pre tabindex="0">${checkpoint.text}</pre><${CopyButton} text=${checkpoint.text} label="Copy" /></div>`
      : html`<p class="hint">${checkpoint.said || 'Reading …'}</p>`}</section>
    <section class="card"><h2>Evidence</h2><p>A bundle holds the events of a question, and what proves that they are in the trail. <code>agentaudit verify FILE</code> checks it without the trail.</p>
      <div class="bar"><${TimeRange} filters=${filters} onChange=${(next) => set({ filters: next })} /><${ExportMenu} filters=${filters} /></div><${Chips} filters=${filters} onChange=${(next) => set({ filters: next })} />
      ${state.event > 0 && html`<p><button type="button" onClick=${() => download(`/${state.event}/proof`, null, `event-${state.event}.evidence.json`)}><${Icon} name="download" /> Proof of event ${state.event}</button></p>`}</section>
  </div>`;
}

const unsigned = 'No checkpoint is signed yet. agentaudit key init makes the key; from then on the daemon signs.';

function useCheckpoint(verdict) {
  const [state, setState] = useState({ text: '', said: '' });
  const signed = verdict && (verdict.level !== 'unsigned' || verdict.sealed > 0);
  useEffect(() => {
    if (!verdict) return;
    if (!signed) setState({ text: '', said: unsigned });
    else ask('checkpoint', { absolute: true }).then(async (response) => setState({ text: await response.text(), said: '' }),
      (error) => setState({ text: '', said: error.status === 404 ? unsigned : error.message }));
  }, [Boolean(verdict), signed]);
  return state;
}

function Verdict({ verdict, finished, took }) {
  const [kind, title, words] = verdicts[verdict.verdict] ?? ['pending', verdict.verdict, ''];
  const fact = (name, value) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<section class=${`card verdict verdict-${kind}`} aria-label="Verdict"><h2><${Icon} name=${kind} /> ${title}</h2><p>${words}</p>
    <dl class="figures">${fact('level', html`<b>${verdict.level}</b>`)}${fact('events compared', count(verdict.events))}${fact('leaves', count(verdict.leaves))}${fact('pruned', count(verdict.pruned))}${fact('redacted', count(verdict.redacted))}${fact('absent', count(verdict.absent))}${fact('waiting', count(verdict.waiting))}</dl>
    <p class="dim">${levels[verdict.level] ?? ''}</p>
    <p class="dim mono small wrap">trail ${verdict.trail_id} · root ${verdict.root}</p>
    ${finished && html`<p class="dim" title=${both(finished)}>Verified ${ago(finished)}, in ${duration(took)}.</p>`}</section>`;
}

function Findings({ title, found, good, onSelect }) {
  return html`<section class="card"><h2>${title}</h2>${!found?.total ? html`<p class="good"><${Icon} name="ok" /> ${good}</p>`
    : html`<p><b>${count(found.total)}</b> found${found.total > found.findings.length ? `, the first ${found.findings.length}` : ''}:</p><ul class="lines">${found.findings.map((one) => html`<li>
      ${one.id > 0 ? html`<button type="button" class="line" onClick=${() => onSelect(one.id)}><span class="mono">#${one.id}</span> <${Text} value=${one.what} /></button>` : html`<span class="line"><${Text} value=${one.what} /></span>`}</li>`)}</ul>`}</section>`;
}
