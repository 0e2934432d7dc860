import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { close, launch, openPage, rows, rowTexts } from './browser.mjs';
import { Daemon, event, Trail } from './daemon.mjs';

let browser;
let trail;
let daemon;

before(async () => {
  trail = new Trail();
  trail.replay();
  [browser, daemon] = await Promise.all([launch(), Daemon.start(trail)]);
});
after(async () => {
  await browser?.close();
  await daemon?.stop();
  trail?.remove();
});

const visit = (address = '', options = {}) => openPage(browser, `${daemon.url}/${address}`, options);
const waitForRows = (page) => rows(page).first().waitFor();
const waitForFirst = (page, text) => page.locator('.list-row', { hasText: text }).first().waitFor();

test('TheNewestEventStandsFirstWithItsStatusInWords', async () => {
  const [id] = await daemon.post([event({ summary: 'deploy: refused', status: 'denied', timestamp: new Date(Date.now() + 60_000).toISOString() })]);
  const page = await visit();
  await waitForFirst(page, 'deploy: refused');
  const first = rows(page).first();
  assert.match(await first.innerText(), /denied/);
  assert.match(await first.innerText(), /tool/);
  assert.equal(await first.locator('.status svg').count(), 1);
  assert.ok(id > 100);
  await close(page);
});

test('AnEventAppearsAsItIsCommittedWithoutAReload', async () => {
  const page = await visit();
  await waitForRows(page);
  await page.locator('.pulse-open').waitFor();
  await daemon.post([event({ summary: 'fresh: from the stream', timestamp: new Date(Date.now() + 120_000).toISOString() })]);
  await waitForFirst(page, 'fresh: from the stream');
  assert.equal((await rowTexts(page))[0], 'fresh: from the stream');
  await close(page);
});

test('WhoScrollsIsNotDisturbedAndIsToldHowManyAreNew', async () => {
  const page = await visit();
  await waitForRows(page);
  await page.locator('.pulse-open').waitFor();
  await page.locator('.list').hover();
  await page.mouse.wheel(0, 900);
  await page.waitForFunction(() => document.querySelector('.list').scrollTop > 500);
  await page.waitForTimeout(200);
  const place = () => page.evaluate(() => {
    const list = document.querySelector('.list').getBoundingClientRect();
    const row = document.elementFromPoint(list.x + 300, list.y + 200).closest('.list-row');
    return [row.id, Math.round(row.getBoundingClientRect().y)];
  });
  const at = await place();
  const later = new Date(Date.now() + 180_000).toISOString();
  await daemon.post(Array.from({ length: 12 }, (_, i) => event({ summary: `waiting ${i}`, timestamp: later })));
  await page.getByRole('button', { name: '12 new' }).waitFor();
  assert.deepEqual(await place(), at);
  await page.getByRole('button', { name: '12 new' }).click();
  await waitForFirst(page, 'waiting 11');
  assert.equal((await rowTexts(page))[0], 'waiting 11');
  assert.equal(await page.evaluate(() => document.querySelector('.list').scrollTop), 0);
  await close(page);
});

test('TheStreamGoesOnWithoutAHoleAfterTheDaemonCameBack', async () => {
  const other = new Trail();
  other.record([event({ summary: 'before' })]);
  let own = await Daemon.start(other);
  const port = Number(new URL(own.url).port);
  const page = await openPage(browser, own.url, { allowed: [503] });
  await page.locator('.pulse-open').waitFor();
  await own.post([event({ summary: 'seen by the stream' })]);
  await waitForFirst(page, 'seen by the stream');
  await own.stop();
  await page.locator('.pulse-lost').waitFor();
  other.record([event({ summary: 'while it was away' })]);
  own = await Daemon.start(other, port);
  await waitForFirst(page, 'while it was away');
  assert.equal(await page.locator('.list-row', { hasText: 'while it was away' }).count(), 1);
  await page.context().close();
  await own.stop();
  other.remove();
});

test('WhereTheDaemonIsGoneThePageSaysSoAndComesBackByItself', async () => {
  const other = new Trail();
  other.record([event({ summary: 'still here' })]);
  const own = await Daemon.start(other);
  const port = Number(new URL(own.url).port);
  const page = await openPage(browser, own.url, { allowed: [503] });
  await waitForFirst(page, 'still here');
  await own.stop();
  await page.locator('.facet .value', { hasText: 'ok' }).first().click();
  await page.getByRole('alert').getByText('Is `agentaudit serve` still running?').waitFor();
  const again = await Daemon.start(other, port);
  await waitForFirst(page, 'still here');
  await page.context().close();
  await again.stop();
  other.remove();
});

test('StatusesAndCategoriesAreChosenSeveralAtOnceAndStandInTheAddress', async () => {
  const page = await visit();
  await waitForRows(page);
  const facet = (name) => page.getByRole('group', { name, exact: true });
  await facet('Status').getByRole('button', { name: /failed/ }).click();
  await facet('Status').getByRole('button', { name: /denied/ }).click();
  await facet('Category').getByRole('button', { name: /tool/ }).click();
  await page.waitForFunction(() => document.querySelectorAll('.list-row').length > 0 && !document.querySelector('.list-row .status-ok'));
  const hash = new URL(page.url()).hash;
  assert.deepEqual(new URLSearchParams(hash.slice(1)).getAll('status'), ['error', 'denied']);
  const shared = await visit(hash);
  await waitForRows(shared);
  assert.deepEqual(await rowTexts(shared), await rowTexts(page));
  // The counts say what choosing another value would show.
  const shown = Number((await facet('Status').getByRole('button', { name: /ok/ }).locator('.number').innerText()).replace(',', ''));
  const counted = await (await fetch(`${daemon.url}/api/v1/audit/stats?category=tool_call`)).json();
  assert.equal(shown, counted.by_status.ok);
  await page.getByRole('button', { name: 'Clear all' }).click();
  await page.waitForFunction(() => location.hash === '' || location.hash === '#');
  await close(shared);
  await close(page);
});

test('ANewQuestionBeginsAtItsNewestEvent', async () => {
  const page = await visit();
  await waitForRows(page);
  const scrolled = () => page.evaluate(() => document.querySelector('.list').scrollTop);
  await page.locator('.list').hover();
  await page.mouse.wheel(0, 900);
  await page.waitForFunction(() => document.querySelector('.list').scrollTop > 500);
  await page.getByRole('group', { name: 'Status', exact: true }).getByRole('button', { name: /ok/ }).click();
  await page.waitForFunction(() => document.querySelector('.list-row') && ![...document.querySelectorAll('.list-row .status')].some((one) => !one.classList.contains('status-ok')));
  assert.equal(await scrolled(), 0);
  assert.equal(await rows(page).first().getAttribute('aria-posinset'), '1');
  await daemon.post([event({ summary: 'seen at once', timestamp: new Date(Date.now() + 300_000).toISOString() })]);
  await waitForFirst(page, 'seen at once');
  await close(page);
});

test('AQuestionIsOnePageAndThenTheCountsAndTheStream', async () => {
  const page = await visit();
  await waitForRows(page);
  await page.locator('.facet .value').first().waitFor();
  await page.waitForTimeout(500);
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname.replace('/api/v1/audit', '')));
  const streamed = page.waitForRequest(/\/stream\?/);
  await page.getByRole('group', { name: 'Status', exact: true }).getByRole('button', { name: /failed/ }).click();
  await page.waitForFunction(() => document.querySelectorAll('.list-row').length > 0 && !document.querySelector('.list-row .status-ok'));
  const newest = (await fetch(`${daemon.url}/api/v1/audit?limit=1`)).headers.get('Last-Event-ID');
  assert.equal((await streamed).headers()['last-event-id'], newest);
  await page.waitForTimeout(500);
  const questions = asked.filter((path) => !path.startsWith('/assets'));
  assert.equal(questions[0], '');
  assert.equal(questions.filter((path) => path === '').length, 1);
  assert.deepEqual([...new Set(questions)].sort(), ['', '/groups', '/histogram', '/stats', '/stream']);
  await close(page);
});

test('TokensInTheSearchBecomeFiltersAndTheRestIsLookedFor', async () => {
  const page = await visit();
  await waitForRows(page);
  await page.keyboard.press('/');
  await page.keyboard.type('agent:support-agent status:failed insufficient');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => /insufficient/.test(location.hash));
  const query = new URLSearchParams(new URL(page.url()).hash.slice(1));
  assert.deepEqual([query.get('agent'), query.get('status'), query.get('q')], ['support-agent', 'error', 'insufficient']);
  await page.waitForFunction(() => document.querySelector('.list-row') && [...document.querySelectorAll('.list-row')].every((row) => row.textContent.includes('support-agent') && row.querySelector('.status-error')));
  assert.ok((await rowTexts(page)).some((text) => text.includes('insufficient')));
  assert.equal(await page.inputValue('#search'), 'insufficient');
  await page.getByRole('button', { name: 'Remove agent support-agent' }).click();
  await page.waitForFunction(() => !/agent=/.test(location.hash));
  await close(page);
});

test('WhatIsTypedSlowlyIsNotOvertakenByItsOwnAnswer', async () => {
  const page = await visit();
  await waitForRows(page);
  for (const delay of [150, 160, 170]) {
    await page.locator('#search').fill('');
    await page.keyboard.type('insufficient', { delay });
    assert.equal(await page.inputValue('#search'), 'insufficient');
  }
  await page.waitForFunction(() => /q=insufficient/.test(location.hash));
  await close(page);
});

test('EvalAndDryRunSourcesAreHiddenOnRequest', async () => {
  await daemon.post([event({ summary: 'only rehearsed', source: 'eval', timestamp: new Date(Date.now() + 240_000).toISOString() })]);
  const page = await visit();
  await waitForFirst(page, 'only rehearsed');
  await page.getByLabel('Hide eval and dry-run sources').check();
  await page.waitForFunction(() => document.querySelector('.list-row') && ![...document.querySelectorAll('.list-row')].some((row) => row.textContent.includes('only rehearsed')));
  await close(page);
});

test('AStretchOfTimeIsMarkedOnTheChart', async () => {
  const page = await visit('#conversation=conv-vercel-1');
  await page.locator('.u-over').waitFor();
  await page.fill('#search', 'e');
  await page.waitForFunction(() => /q=e/.test(location.hash));
  const box = await page.locator('.u-over').boundingBox();
  await page.mouse.move(box.x + box.width * 0.2, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 10, { steps: 5 });
  await page.mouse.up();
  await page.waitForFunction(() => /q=e&since=.*until=/.test(location.hash));
  await page.getByRole('button', { name: 'Show all time' }).click();
  await page.waitForFunction(() => !/since=/.test(location.hash));
  await page.getByLabel('Time range').last().selectOption('1h');
  await page.waitForFunction(() => /range=1h/.test(location.hash));
  await close(page);
});

test('EventsStandBeneathTheirConversationAndUnfold', async () => {
  const page = await visit('#group=conversation');
  await page.locator('.group-row').first().waitFor();
  const groups = await page.locator('.group-row').count();
  await page.locator('.group-row', { hasText: 'c1' }).first().click();
  await page.locator('.event.nested').first().waitFor();
  assert.ok(groups >= 3);
  await close(page);
});

test('AViewIsSavedAndFoundAgain', async () => {
  const page = await visit('#status=error');
  await page.getByRole('button', { name: 'Save this view' }).click();
  await page.getByLabel('Name of the view').fill('Broken');
  await page.keyboard.press('Enter');
  await page.goto(`${daemon.url}/`);
  await page.reload();
  await page.getByRole('link', { name: 'Broken' }).click();
  await page.waitForFunction(() => location.hash === '#status=error');
  await close(page);
});

test('TheKeyboardReachesEverything', async () => {
  const page = await visit();
  await waitForRows(page);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.locator('.panel-summary').waitFor();
  const second = (await rowTexts(page))[1];
  assert.equal(await page.locator('.panel-summary').innerText(), second);
  await page.keyboard.press(']');
  await page.waitForFunction(() => /failed|denied/.test(document.querySelector('.panel-kinds')?.textContent ?? ''));
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('.panel'));
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog'));
  for (const [key, title] of [['o', 'Overview'], ['t', 'Trace'], ['i', 'Integrity'], ['l', 'Live']]) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await page.waitForFunction((name) => document.title.startsWith(name), title);
  }
  await page.locator('.list').focus();
  await page.keyboard.press('End');
  await page.waitForFunction(() => document.querySelector('.list').scrollTop > 100);
  await page.keyboard.press('d');
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await close(page);
});

test('TheWayBackGoesFromTheEventToTheList', async () => {
  const page = await visit();
  await waitForRows(page);
  await rows(page).first().click();
  await page.locator('.panel-summary').waitFor();
  await page.goBack();
  await page.waitForFunction(() => !document.querySelector('.panel'));
  await close(page);
});
