// What led to an event, and what came of it: from the events of its conversation or trace.
import { meaningOf } from './meaning.js';
import { buildTree } from './trace_tree.js';

const isTrigger = (event) => ['schedule', 'channel'].includes(event.category) ||
  (event.category === 'session' && /prompt|start|message_received|user/i.test(event.action));
const resultsMost = 12;

// The file or address that a call is about.
export function thingOf(event) {
  const { args } = meaningOf(event);
  if (args === null || typeof args !== 'object') return '';
  const names = ['file_path', 'filePath', 'path', 'notebook_path', 'url', 'uri'];
  return names.map((name) => args[name]).find((value) => typeof value === 'string' && value.length > 3) ?? '';
}

// {before: [{role, event}], after: [{role, event}], thing}, both in time order.
export function lineage(event, events, tree = buildTree(events)) {
  const node = tree.nodes.find((one) => one.events.some((member) => member.id === event.id));
  if (!node) return { before: [], after: [], thing: '' };
  const before = new Map();
  const after = new Map();
  const add = (map, role, found) => {
    if (found && found.id !== event.id && !before.has(found.id) && !after.has(found.id)) map.set(found.id, { role, event: found });
  };
  const earlierNodes = tree.nodes.filter((one) => one !== node && (one.start < node.start || (one.start === node.start && one.index < node.index)));
  const laterNodes = tree.nodes.filter((one) => one !== node && !earlierNodes.includes(one));
  const ancestors = [];
  for (let at = node.parent; at; at = at.parent) ancestors.unshift(at);

  const triggers = earlierNodes.filter((one) => isTrigger(one.first));
  add(before, 'trigger', (triggers.findLast((one) => /prompt|schedule|channel/.test(one.first.action + one.first.category)) ?? triggers.at(-1))?.first);
  for (const one of ancestors) add(before, 'within', one.subject);
  if (!triggers.length && !ancestors.length) add(before, 'began with', earlierNodes[0]?.first);
  const rounds = earlierNodes.filter((one) => one.subject.category === 'llm');
  add(before, 'LLM round', (rounds.findLast((one) => one.subject.agent === event.agent) ?? rounds.at(-1))?.subject);
  if (event.id !== node.intent?.id) add(before, 'intent', node.intent);
  const approvals = [...node.children.filter((one) => one.subject.category === 'approval'),
    ...(node.parent?.subject.category === 'approval' ? [node.parent] : [])];
  for (const one of approvals) for (const member of one.events) add(before, 'approval', member);
  for (const member of node.events) if (member.category === 'approval') add(before, 'approval', member);

  if (event.id !== node.effect?.id && node.effect?.id !== event.id) add(after, 'effect', node.effect);
  for (const child of node.children) add(after, 'caused', child.subject);
  const thing = thingOf(event);
  if (thing) {
    for (const one of laterNodes.filter((other) => (other.subject.detail ?? '').includes(thing)).slice(0, resultsMost)) add(after, 'same thing', one.subject);
  }
  add(after, 'next LLM round', laterNodes.find((one) => one.subject.category === 'llm' && one.subject.agent === event.agent)?.subject);
  add(after, 'next failure', laterNodes.find((one) => ['error', 'denied'].includes(one.status))?.subject);
  add(after, 'next', laterNodes.find((one) => !node.children.includes(one))?.subject);
  const inTime = (map) => [...map.values()].sort((a, b) => (a.event.timestamp < b.event.timestamp ? -1 : a.event.timestamp > b.event.timestamp ? 1 : a.event.id - b.event.id));
  return { before: inTime(before), after: inTime(after), thing };
}
