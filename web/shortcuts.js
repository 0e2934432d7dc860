// Keys. Those of the whole page are told to `actions`, the others to the view, as an event
// `shortcut`.
const goTo = { l: 'live', o: 'overview', t: 'trace', i: 'integrity' };
const goMs = 1200;

export function listenForKeys(actions) {
  let gone = 0;
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { target, key } = event;
    if (document.querySelector('dialog[open]')) return;
    const writes = target.matches('input:not([type=checkbox]), textarea, select, [contenteditable]');
    if (key === 'Escape') {
      if (writes) target.blur();
      else actions.close();
      return;
    }
    if (writes) return;
    const going = event.timeStamp - gone < goMs;
    gone = 0;
    if (going && goTo[key]) actions.view(goTo[key]);
    else if (key === 'g') gone = event.timeStamp;
    else if (key === '/') actions.search();
    else if (key === '?') actions.help();
    else if (key === 'd') actions.theme();
    else if (['j', 'k', 't', 'f', '[', ']'].includes(key)) tell(key);
    else if (key === 'Enter' && !target.closest('button, a, summary')) tell(key);
    else if (/^Arrow/.test(key) && target.closest('[role=tree]')) tell(key);
    else return;
    event.preventDefault();
  });
}

function tell(key) {
  dispatchEvent(new CustomEvent('shortcut', { detail: key }));
}
