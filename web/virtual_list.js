// A list of rows of one height, of which only those in sight are in the page. What comes in
// above the reader does not move what she reads.
import { html, useEffect, useLayoutEffect, useRef, useState } from './html.js';

const beyond = 12; // rows kept above and below, so that scrolling shows no gaps

// `question`: whatever the items are the answer to; that to another one is read from its top.
export function VirtualList({ items, question, keyOf, rowHeight, row, label, active, onActive, onOpen, onTop, onNearEnd }) {
  const box = useRef(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const anchor = useRef({ key: null, offset: 0 });
  const answered = useRef(question);

  function measure() {
    const element = box.current;
    if (!element) return;
    const top = element.scrollTop;
    setView((old) => (old.top === top && old.height === element.clientHeight ? old : { top, height: element.clientHeight }));
    const index = Math.floor(top / rowHeight);
    anchor.current = { key: items[index] ? keyOf(items[index]) : null, offset: top - index * rowHeight };
    onTop?.(top < rowHeight);
    if (items.length && top + element.clientHeight > items.length * rowHeight - 20 * rowHeight) onNearEnd?.();
  }

  const latest = useRef(measure);
  latest.current = measure;
  useEffect(() => {
    const observer = new ResizeObserver(() => latest.current());
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = box.current;
    const { key, offset } = anchor.current;
    if (answered.current !== question) {
      answered.current = question;
      element.scrollTop = 0;
    } else if (element.scrollTop >= rowHeight && key !== null) {
      const index = items.findIndex((item) => keyOf(item) === key);
      if (index >= 0) {
        const top = index * rowHeight + offset;
        if (Math.abs(top - element.scrollTop) > 1) element.scrollTop = top;
      }
    }
    measure();
  }, [items, rowHeight, question]);
  useLayoutEffect(() => {
    const index = items.findIndex((item) => keyOf(item) === active);
    if (index < 0) return;
    const element = box.current;
    const top = index * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + rowHeight - element.clientHeight;
    }
  }, [active]);

  function onKeyDown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = items.findIndex((item) => keyOf(item) === active);
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 1);
    const to = {
      ArrowDown: index + 1, ArrowUp: index - 1, PageDown: index + page, PageUp: index - page,
      Home: 0, End: items.length - 1,
    }[event.key];
    if (to !== undefined && items.length) {
      onActive(items[Math.min(items.length - 1, Math.max(0, to))]);
    } else if (event.key === 'Enter' && index >= 0) {
      onOpen(items[index]);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  const from = Math.max(0, Math.floor(view.top / rowHeight) - beyond);
  const to = Math.min(items.length, Math.ceil((view.top + view.height) / rowHeight) + beyond);
  const activeInSight = items.slice(from, to).some((item) => keyOf(item) === active);
  return html`<div class="list" ref=${box} onScroll=${measure} onKeyDown=${onKeyDown} tabindex="0" role="listbox"
      aria-label=${label} aria-activedescendant=${activeInSight ? `row-${active}` : undefined}>
    <div class="list-space" role="presentation" style=${{ height: `${items.length * rowHeight}px` }}>
      ${items.slice(from, to).map((item, i) => {
        const key = keyOf(item);
        return html`<div key=${key} id=${`row-${key}`} role="option" class="list-row"
            aria-selected=${key === active} aria-posinset=${from + i + 1} aria-setsize=${items.length}
            style=${{ transform: `translateY(${(from + i) * rowHeight}px)`, height: `${rowHeight}px` }}
            onClick=${() => onOpen(item)}>${row(item)}</div>`;
      })}
    </div>
  </div>`;
}
