import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { close, launch, openPage, overflow, seriousFindings } from './browser.mjs';
import { Daemon, event, Trail } from './daemon.mjs';

let browser;
let trail;
let daemon;
const conversation = '2bd58de8-2ab7-4d08-b69c-e83958d6b9f6';

before(async () => {
  trail = new Trail();
  trail.run(['key', 'init']);
  trail.replay();
  trail.record([{ category: 'audit', action: 'gap', summary: '17 events were not recorded: buffer_full', status: 'error', source: 'engine', detail: { count: 17, reason: 'buffer_full' } }]);
  [browser, daemon] = await Promise.all([launch(), Daemon.start(trail)]);
});
after(async () => {
  await browser?.close();
  await daemon?.stop();
  trail?.remove();
});

const visit = (address = '', options = {}) => openPage(browser, `${daemon.url}/${address}`, options);
const api = async (path) => (await fetch(`${daemon.url}/api/v1/audit${path}`)).json();

async function saved(page, act) {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  return { name: download.suggestedFilename(), text: fs.readFileSync(await download.path(), 'utf8') };
}

test('TheOverviewCountsTheWholeTrailByAgentToolModelAndWhatWaits', async () => {
  const page = await visit('#view=overview');
  const stats = await api('/stats');
  await page.locator('.tile-error .tile-value', { hasText: String(stats.by_status.error) }).waitFor();
  await page.getByRole('region', { name: 'Table by agent' }).getByText('claude-code').waitFor();
  const tools = page.getByRole('region', { name: 'Table by tool' });
  await tools.getByText('chargeCard').waitFor();
  assert.match(await tools.locator('tr', { hasText: 'chargeCard' }).innerText(), /100\.0 %/);
  assert.match(await tools.innerText(), /p95/);
  await page.getByRole('region', { name: 'Table by model' }).getByText('mock-model-1').waitFor();
  await page.locator('#pending .line').first().waitFor();
  await page.getByText('17 events were not recorded').waitFor();
  await page.locator('.u-over').waitFor();
  await page.locator('.tile-error').click();
  await page.waitForFunction(() => location.hash === '#status=error');
  await close(page);
});

test('ATraceNestsIntentApprovalAndEffectAndIsSteppedThroughByKeys', async () => {
  const page = await visit(`#view=trace&of=${conversation}`);
  await page.locator('.span').first().waitFor();
  assert.ok(await page.locator('.span[aria-level="2"]').count() > 0, 'nothing is nested');
  await page.keyboard.press('j');
  const first = await page.locator('.span.chosen').getAttribute('id');
  await page.keyboard.press('j');
  await page.waitForFunction((id) => document.querySelector('.span.chosen')?.id !== id, first);
  await page.keyboard.press(']');
  await page.waitForFunction(() => document.querySelector('.span.chosen.status-error, .span.chosen.status-denied'));
  await page.locator('.panel .section', { hasText: 'What led here' }).first().waitFor();
  const address = page.url();
  const shared = await openPage(browser, address);
  await shared.locator('.span.chosen').waitFor();
  await close(shared);
  await close(page);
});

test('FromADamagedFileTheWayLeadsBackToTheCallItsArgumentsAndTheTrigger', async () => {
  const page = await visit('#q=notes.txt&status=ok&category=tool_call');
  await page.locator('.list-row', { hasText: 'Edit' }).first().click();
  const panel = page.locator('.panel');
  await panel.locator('.diff-line.removed', { hasText: 'line two' }).waitFor();
  await panel.locator('.diff-line.added', { hasText: 'second line' }).waitFor();
  const led = panel.locator('.section', { hasText: 'What led here' });
  await led.getByText('trigger').waitFor();
  await led.getByText('intent').waitFor();
  await panel.getByRole('button', { name: /All that touched/ }).waitFor();
  await led.locator('.step', { hasText: 'trigger' }).click();
  await page.locator('.panel-summary', { hasText: 'tidy the project' }).waitFor();
  await close(page);
});

test('AModelCallShowsItsMessagesTokensAndTools', async () => {
  const { events } = await api('?search=ai.generateText.doGenerate&agent=support-agent&limit=1');
  const page = await visit(`#event=${events[0].id}`);
  const panel = page.locator('.panel');
  await panel.locator('.message.role-system').waitFor();
  await panel.locator('.message.role-user').first().waitFor();
  await panel.getByText('input tokens').waitFor();
  await panel.getByText(/^calls/).first().waitFor();
  await close(page);
});

test('TheReportIsOneFileThatNeedsNothingElse', async () => {
  const page = await visit(`#view=trace&of=${conversation}`);
  await page.locator('.span').first().waitFor();
  const report = await saved(page, () => page.getByRole('button', { name: 'HTML report' }).click());
  assert.match(report.name, /^report-.*\.html$/);
  assert.ok(!/<script|<link|<img|src=/i.test(report.text.replace(/&#\d+;/g, '')), 'it refers to something');
  const file = `${trail.folder}/report.html`;
  fs.writeFileSync(file, report.text);
  const context = await browser.newContext({ javaScriptEnabled: false, offline: true });
  const alone = await context.newPage();
  await alone.goto(`file://${file}`);
  assert.match(await alone.innerText('h1'), new RegExp(conversation));
  assert.ok(await alone.locator('.step').count() > 20);
  await context.close();
  await close(page);
});

test('TheQuestionInViewIsExportedWhole', async () => {
  const page = await visit('#status=error');
  await page.locator('.list-row').first().waitFor();
  const pick = (name) => async () => {
    await page.locator('.menu summary').click();
    await page.getByRole('button', { name, exact: true }).click();
  };
  const total = (await api('?status=error&limit=1&total=exact')).total;
  const lines = await saved(page, pick('JSON Lines'));
  assert.equal(lines.text.trim().split('\n').length, total);
  const table = await saved(page, pick('CSV'));
  assert.match(table.text, /^id,timestamp,category/);
  const bundle = await saved(page, pick('Evidence bundle'));
  assert.equal(JSON.parse(bundle.text).events.length, total);
  fs.writeFileSync(`${trail.folder}/bundle.json`, bundle.text);
  assert.match(trail.run(['verify', `${trail.folder}/bundle.json`, '--json']), /"verdict":"intact"/);
  await close(page);
});

test('IntegrityShowsTheVerdictItsLevelAndTheCheckpoint', async () => {
  const page = await visit('#view=integrity');
  const verdict = page.getByRole('region', { name: 'Verdict' });
  await verdict.getByText('signed', { exact: true }).waitFor();
  assert.match(await verdict.innerText(), /Intact/);
  await page.locator('.code pre', { hasText: '—' }).waitFor();
  const before = await verdict.innerText();
  await page.getByRole('button', { name: 'Verify now' }).click();
  await page.getByRole('button', { name: 'Verify now', disabled: false }).waitFor();
  assert.match(before, /Verified/);
  await close(page);
});

test('AnEventComesWithItsProof', async () => {
  const { events } = await api('?limit=1');
  const page = await visit(`#event=${events[0].id}`);
  const proof = await saved(page, () => page.getByRole('button', { name: 'Proof' }).click());
  assert.equal(JSON.parse(proof.text).events[0].event.id, events[0].id);
  await close(page);
});

for (const [name, address] of [['Live', ''], ['Overview', '#view=overview'], ['Conversations', '#view=trace'], ['Trace', `#view=trace&of=${conversation}`], ['Integrity', '#view=integrity']]) {
  test(`${name}HasNoSeriousBarrierAndFitsAPhone`, async () => {
    const { events } = await api(`?conversation_id=${conversation}&category=tool_call&limit=1`);
    const page = await visit(address, { width: 360, height: 800, scheme: 'dark' });
    await page.locator('.list-row, .tile, .conversations .line, .span, .verdict').first().waitFor();
    const wide = async () => {
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.emulateMedia({ colorScheme: 'light' });
      if (!/^$|&of=/.test(address)) return;
      await page.goto(`${daemon.url}/${address || '#'}&event=${events[0].id}`);
      await page.locator('.panel-summary').waitFor();
    };
    for (const prepare of [async () => {}, wide]) {
      await prepare();
      await page.waitForTimeout(150);
      assert.deepEqual(await seriousFindings(page), []);
      assert.ok(await overflow(page) <= 0, 'the page is wider than the screen');
    }
    await close(page);
  });
}

test('FiltersAndEventsAreReachedOnAPhone', async () => {
  const page = await visit('', { width: 360, height: 740 });
  await page.locator('.list-row').first().waitFor();
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByRole('group', { name: 'Status', exact: true }).getByRole('button', { name: /failed/ }).click();
  await page.getByRole('button', { name: 'Close the filters' }).click();
  await page.waitForFunction(() => document.querySelector('.list-row .status-error'));
  await page.locator('.list-row').first().click();
  await page.locator('.panel-summary').waitFor();
  assert.ok(await overflow(page) <= 0);
  await page.getByRole('button', { name: 'Close the event' }).click();
  await close(page);
});

test('AnEmptyTrailSaysHowToConnectAnAgent', async () => {
  const empty = new Trail();
  const own = await Daemon.start(empty);
  const page = await openPage(browser, own.url);
  await page.getByText('Nothing is recorded yet').waitFor();
  await page.getByText('agentaudit hook').first().waitFor();
  assert.deepEqual(await seriousFindings(page), []);
  await own.post([event({ summary: 'the first one' })]);
  await page.locator('.list-row', { hasText: 'the first one' }).waitFor();
  await close(page);
  await own.stop();
  empty.remove();
});

test('WhereThereAreTokensThePageAsksForOne', async () => {
  const guarded = new Trail();
  guarded.record([event({ summary: 'behind a token' })]);
  const secret = guarded.run(['token', 'create', '--scope', 'read']).match(/\S{20,}/)[0];
  const own = await Daemon.start(guarded);
  const page = await openPage(browser, own.url, { allowed: [401] });
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.deepEqual(await seriousFindings(page), []);
  await page.getByLabel('Token').fill('not-a-token');
  await page.keyboard.press('Enter');
  await page.getByText('does not know this token').waitFor();
  await page.getByLabel('Token').fill(secret);
  await page.keyboard.press('Enter');
  await page.locator('.list-row', { hasText: 'behind a token' }).waitFor();
  await page.locator('.pulse-open').waitFor();
  assert.ok(!page.url().includes(secret));
  await page.reload();
  await page.locator('.list-row', { hasText: 'behind a token' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await close(page);
  await own.stop();
  guarded.remove();
});
