// What needs no browser: the question in view, the tree of a trace, the scale of time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromAddress, noFilters, parameters, toAddress, toggled, traceWith, typed } from '../../web/query.js';
import { ago, clock, duration, later } from '../../web/time.js';
import { timeScale } from '../../web/time_scale.js';
import { buildTree } from '../../web/trace_tree.js';

const at = (ms) => new Date(Date.UTC(2026, 10, 24, 8) + ms).toISOString();
const made = (id, ms, change = {}) => ({ id, timestamp: at(ms), category: 'tool_call', status: 'ok', duration_ms: 0, ...change });

test('AnAddressGivesBackTheViewThatItWasMadeOf', () => {
  const filters = {
    ...noFilters, status: ['error', 'denied'], agent: ['my bot', 'a&b=c#d', '日本\u202e'], exclude_source: ['eval'],
    conversation: 'c?1', trace: 'ab', text: 'rm -rf "%"', range: '6h', hide: true,
  };
  const state = { ...fromAddress(''), view: 'trace', filters, grouped: true, event: 42, traceOf: 'x/y', traceBy: 'trace' };
  assert.deepEqual(fromAddress(toAddress(state)), state);
});

test('AnOddAddressIsThePlainView', () => {
  for (const hash of ['', '#', '#view=nothing', '#event=-1', '#event=1e99', '#range=constructor', '#view=__proto__']) {
    assert.deepEqual(fromAddress(hash), fromAddress(''), hash);
  }
});

test('TokensAreTakenOutOfWhatIsTyped', () => {
  const next = typed('agent:"my bot" rm status:failed,denied -source:eval category:tool conversation:c1 -rf', noFilters);
  assert.deepEqual([next.agent, next.status, next.exclude_source, next.category, next.conversation, next.text],
    [['my bot'], ['error', 'denied'], ['eval'], ['tool_call'], 'c1', 'rm -rf']);
  assert.equal(typed('http://host:80 note:this', noFilters).text, 'http://host:80 note:this');
  assert.deepEqual(typed('agent:', noFilters).agent, []);
});

test('CountsAreAskedForWithoutTextAndWithoutTheFacetsOwnChoice', () => {
  const filters = { ...noFilters, status: ['error'], agent: ['ada'], text: 'x', trace: 't', hide: true };
  const query = parameters(filters, { but: 'status', counts: true });
  assert.equal(query.has('status') || query.has('search') || query.has('trace_id'), false);
  assert.deepEqual(query.getAll('agent'), ['ada']);
  assert.ok(query.getAll('exclude_source').includes('dry-run'));
  assert.deepEqual(toggled(toggled(filters, 'status', 'ok'), 'status', 'error').status, ['ok']);
});

test('AnEventLeadsToItsConversationOrElseItsTrace', () => {
  assert.equal(traceWith({ id: 1, conversation_id: 'c', trace_id: 't' }).traceOf, 'c');
  assert.deepEqual([traceWith({ id: 1, conversation_id: '', trace_id: 't' }).traceBy, traceWith({ id: 1, conversation_id: '', trace_id: 't' }).traceOf], ['trace', 't']);
});

test('IntentAndEffectAreOneStepAndTheApprovalHangsBeneathIt', () => {
  const tree = buildTree([
    made(4, 900, { span_id: 'call' , parent_span_id: 'ask' }),
    made(1, 0, { span_id: 'call', status: 'pending', parent_span_id: 'ask' }),
    made(2, 100, { category: 'approval', span_id: 'ask', status: 'pending' }),
    made(3, 500, { category: 'approval', span_id: 'ask' }),
  ]);
  assert.deepEqual(tree.rows.map((node) => [node.subject.category, node.depth, node.took]), [['tool_call', 0, 900], ['approval', 1, 400]]);
});

test('CirclesAndSelvesAsParentsAreRoots', () => {
  const tree = buildTree([
    made(1, 0, { span_id: 'a', parent_span_id: 'b' }), made(2, 1, { span_id: 'b', parent_span_id: 'a' }),
    made(3, 2, { span_id: 'c', parent_span_id: 'c' }), made(4, 3, { parent_span_id: 'gone' }),
  ]);
  assert.equal(tree.rows.length, 4);
});

test('LongIdlenessIsDrawnShortAndTimeStillGoesForward', () => {
  const hour = 3_600_000;
  const nodes = [{ start: 0, took: 100 }, { start: 50, took: 100 }, { start: 30 * hour, took: 100 }];
  const scale = timeScale(nodes);
  assert.equal(scale.breaks.length, 1);
  assert.ok(scale.at(150) > 40 && scale.at(150) < 65, String(scale.at(150)));
  assert.equal(scale.at(30 * hour + 100), 100);
  let before = -1;
  for (const ms of [0, 10, 150, hour, 29 * hour, 30 * hour, 30 * hour + 50]) {
    assert.ok(scale.at(ms) >= before);
    before = scale.at(ms);
  }
  assert.equal(timeScale([]).at(5), 0);
});

test('TimesAreComparedAndShownAsTheyStand', () => {
  assert.ok(later('2026-11-24T08:00:00.5Z', '2026-11-24T08:00:00Z'));
  assert.ok(!later('2026-11-24T08:00:00.45Z', '2026-11-24T08:00:00.5Z'));
  assert.equal(clock('2026-11-24T08:00:00.123456789Z'), '08:00:00.123');
  assert.equal(clock('2026-11-24T08:00:00Z'), '08:00:00.000');
  assert.deepEqual([duration(0), duration(999), duration(1500), duration(61_000), duration(null)], ['0 ms', '999 ms', '1.50 s', '1 min 01 s', '']);
  assert.equal(ago('2026-11-24T08:00:00Z', Date.UTC(2026, 10, 24, 9, 5)), '1 h ago');
});
