import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { close, launch, openPage } from './browser.mjs';
import { Daemon, event, Trail } from './daemon.mjs';

let browser;
let trail;
let daemon;

const script = '<script>globalThis.owned=1</script><img src=x onerror="globalThis.owned=1">';
const hostile = [
  event({ summary: script, agent: script, target: script, source: script, conversation_id: script, action: script, detail: { arguments: { [script]: script }, result: script, error: script, messages: [{ role: script, content: script }] } }),
  event({ summary: 'pay \u202eevil\u202c now\u200b', agent: 'a\u2066b', detail: { arguments: { text: '\u202egnp.exe' } } }),
  event({ summary: '{{constructor}} ${alert(1)} javascript:alert(1)', status: 'odd"status', category: 'odd<category>', detail: '{"type":"script","props":{"dangerouslySetInnerHTML":{"__html":"<b>x</b>"}},"__v":1,"constructor":null}' }),
  event({ summary: 'x'.repeat(900_000), agent: 'long' }),
  event({ summary: 'deep', agent: 'deep', detail: `${'{"a":'.repeat(400)}1${'}'.repeat(400)}` }),
  event({ summary: 'a million letters', agent: 'wide', detail: { result: 'y'.repeat(950_000) } }),
  event({ summary: '__proto__', agent: '__proto__', target: 'constructor', status: 'toString', category: 'hasOwnProperty', conversation_id: '__proto__' }),
];

before(async () => {
  trail = new Trail();
  trail.record(hostile);
  // A byte that is no UTF-8.
  trail.run(['record'], Buffer.concat([Buffer.from('{"category":"llm","agent":"bytes","summary":"bad '), Buffer.from([0xff]), Buffer.from('"}\n')]));
  [browser, daemon] = await Promise.all([launch(), Daemon.start(trail)]);
});
after(async () => {
  await browser?.close();
  await daemon?.stop();
  trail?.remove();
});

const visit = (address = '') => openPage(browser, `${daemon.url}/${address}`);
const owned = (page) => page.evaluate(() => globalThis.owned);

test('ScriptsInEventsAreShownAsText', async () => {
  const page = await visit('#event=1');
  await page.locator('.panel-summary').waitFor();
  assert.equal(await page.locator('.panel-summary').innerText(), script);
  await page.locator('.panel .message').first().waitFor();
  for (const view of ['overview', 'trace', `trace&of=${encodeURIComponent(script)}`, 'integrity', 'live&group=conversation']) {
    await page.goto(`${daemon.url}/#view=${view}`);
    await page.waitForTimeout(400);
  }
  assert.equal(await owned(page), undefined);
  assert.equal(await page.locator('img').count(), 0);
  await close(page);
});

test('AReportOfHostileEventsRunsNothing', async () => {
  const page = await visit(`#view=trace&of=${encodeURIComponent(script)}`);
  await page.locator('.span').first().waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'HTML report' }).click()]);
  const file = `${trail.folder}/report.html`;
  fs.copyFileSync(await download.path(), file);
  const alone = await page.context().newPage();
  await alone.goto(`file://${file}`);
  assert.equal(await alone.locator('script, img').count(), 0);
  assert.equal(await owned(alone), undefined);
  assert.ok((await alone.innerText('body')).includes(script));
  await alone.close();
  await close(page);
});

test('WhatCannotBeSeenIsWrittenOut', async () => {
  const page = await visit('#agent=a%E2%81%A6b');
  const row = page.locator('.list-row').first();
  await row.waitFor();
  assert.match(await row.innerText(), /pay \\u202eevil\\u202c now\\u200b/);
  assert.match(await row.innerText(), /a\\u2066b/);
  assert.ok(await row.locator('.escape').count() >= 4);
  assert.ok(!/[\u202a-\u202e\u2066-\u2069\u200b]/.test(await page.innerText('body')));
  await row.click();
  await page.locator('.panel .tree', { hasText: '\\u202egnp.exe' }).first().waitFor();
  await page.goto(`${daemon.url}/#agent=bytes`);
  await page.locator('.list-row', { hasText: 'bad \\xff' }).waitFor();
  await close(page);
});

test('AMillionLettersDoNotStopThePage', async () => {
  const page = await visit('#agent=wide');
  await page.locator('.list-row').first().click();
  const fold = page.getByRole('button', { name: /more characters/ }).first();
  await fold.waitFor();
  assert.ok((await page.locator('.panel').innerText()).length < 20_000);
  const start = Date.now();
  await fold.click();
  await page.waitForFunction(() => document.querySelector('.panel').textContent.length > 150_000);
  assert.ok(Date.now() - start < 4000);
  await page.goto(`${daemon.url}/#agent=long`);
  await page.locator('.list-row', { hasText: 'xxx' }).first().click();
  await page.locator('.panel-summary').waitFor();
  await close(page);
});

test('DeepAndOddEventsAreShownLikeAnyOther', async () => {
  const page = await visit('#agent=deep');
  await page.locator('.list-row').first().click();
  await page.locator('.panel .json-toggle').first().waitFor();
  await page.goto(`${daemon.url}/#agent=__proto__`);
  await page.locator('.list-row', { hasText: '__proto__' }).first().click();
  await page.locator('.panel-summary', { hasText: '__proto__' }).waitFor();
  await page.goto(`${daemon.url}/#q=constructor&event=3`);
  await page.locator('.panel-summary', { hasText: '{{constructor}}' }).waitFor();
  assert.equal(await page.locator('.panel b', { hasText: /^x$/ }).count(), 0);
  await close(page);
});
