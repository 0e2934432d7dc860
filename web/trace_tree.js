// The events of one trace or conversation as a tree of what caused what, the same that
// `agentaudit trace` prints: events that share a span are one node, its intent and its effect.
import { later } from './time.js';

const earlier = (a, b) => (a.timestamp === b.timestamp ? a.id - b.id : later(a.timestamp, b.timestamp) ? 1 : -1);
const isApproval = (node) => node.subject.category === 'approval';

export function buildTree(events) {
  const ordered = [...events].sort(earlier);
  const nodes = [];
  const bySpan = new Map();
  for (const event of ordered) {
    let node = event.span_id ? bySpan.get(event.span_id) : undefined;
    if (!node) {
      node = { intent: null, effect: null, events: [], parent: null, children: [], index: nodes.length };
      nodes.push(node);
      if (event.span_id) bySpan.set(event.span_id, node);
    }
    node.events.push(event);
    if (event.status !== 'pending') node.effect = event;
    else if (!node.intent && !node.effect) node.intent = event;
  }
  for (const node of nodes) describe(node);
  const parentSpan = (node) => node.intent?.parent_span_id || node.effect?.parent_span_id || '';
  for (const node of nodes) {
    const parent = bySpan.get(parentSpan(node));
    if (parent && parent !== node) node.parent = parent;
  }
  hangApprovals(nodes);
  cutCircles(nodes);
  const roots = [];
  for (const node of nodes) (node.parent?.children ?? roots).push(node);
  for (const list of [roots, ...nodes.map((node) => node.children)]) list.sort((a, b) => a.start - b.start || a.index - b.index);
  return { nodes, roots, rows: inOrder(roots) };
}

function describe(node) {
  const verdictAlone = node.effect && node.intent && node.effect.category === 'approval' && node.intent.category !== 'approval';
  node.subject = !node.effect || verdictAlone ? node.intent ?? node.events[0] : node.effect;
  node.first = node.intent ?? node.effect ?? node.events[0];
  node.start = Date.parse(node.first.timestamp);
  node.took = null;
  if (node.effect) {
    if (node.effect.duration_ms) node.took = node.effect.duration_ms;
    else if (node.intent) node.took = Math.max(0, Date.parse(node.effect.timestamp) - node.start);
  }
  node.status = verdictAlone ? node.effect.status : node.subject.status;
  node.key = node.subject.id;
}

// An approval hangs beneath the call that it was asked for, also where the call names it as its
// parent: of several the latest that began before it, or else the first.
function hangApprovals(nodes) {
  for (const approval of nodes.filter(isApproval)) {
    const children = nodes.filter((node) => node.parent === approval);
    const calls = children.filter((node) => !isApproval(node));
    if (!calls.length) continue;
    const call = calls.filter((node) => node.start <= approval.start).at(-1) ?? calls[0];
    for (const child of children) child.parent = approval.parent;
    approval.parent = call;
  }
}

function cutCircles(nodes) {
  const done = new Set();
  for (const start of nodes) {
    const path = new Set();
    let at = start;
    while (at && !done.has(at) && !path.has(at)) {
      path.add(at);
      at = at.parent;
    }
    if (at && path.has(at)) at.parent = null;
    for (const node of path) done.add(node);
  }
}

function inOrder(roots) {
  const rows = [];
  const stack = [...roots].reverse().map((node) => [node, 0]);
  while (stack.length) {
    const [node, depth] = stack.pop();
    node.depth = depth;
    rows.push(node);
    for (const child of [...node.children].reverse()) stack.push([child, depth + 1]);
  }
  return rows;
}
