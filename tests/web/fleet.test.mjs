// The page on a fleet. Each of its trails has a daemon here, and the page sees them as one that
// knows both; tests/server/fleet_api_test.cpp has the daemon that does.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, overflow, rows, rowTexts, seriousFindings } from './browser.mjs';
import { Daemon, event, Trail } from './daemon.mjs';

const whole = 'a'.repeat(32);
const gaps = 'b'.repeat(32);
let browser;
let trails;
let daemons;

const told = (trail, state, missing) => ({ trail, state, events: 3, missing, last_id: 3 + missing, first: '', last: '', last_recorded: '', checkpoint_size: 0, forked: false, silent: false });

before(async () => {
  trails = { [whole]: new Trail(), [gaps]: new Trail() };
  for (const [name, trail] of Object.entries(trails)) {
    trail.record([1, 2, 3].map((n) => event({ summary: `event ${n} of ${name[0]}`, agent: `agent-${name[0]}` })));
  }
  browser = await launch();
  daemons = {};
  for (const [name, trail] of Object.entries(trails)) daemons[name] = await Daemon.start(trail);
});
after(async () => {
  await browser?.close();
  for (const daemon of Object.values(daemons ?? {})) await daemon.stop();
  for (const trail of Object.values(trails ?? {})) trail.remove();
});

async function visit(address = '') {
  const asked = [];
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.route('**/api/v1/audit**', async (route) => {
    const url = new URL(route.request().url());
    if (url.pathname.endsWith('/trails')) {
      return route.fulfill({ json: { fleet: true, trails: [told(gaps, 'gaps', 2), told(whole, 'ok', 0)] } });
    }
    const trail = url.searchParams.get('trail');
    asked.push([url.pathname, trail]);
    if (url.pathname.endsWith('/stream')) return route.fulfill({ status: 501, json: { detail: 'not followed' } });
    url.searchParams.delete('trail');
    const response = await fetch(`${daemons[trail].url}${url.pathname}${url.search}`);
    return route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() });
  });
  await page.goto(`${daemons[whole].url}/${address}`);
  await rows(page).first().waitFor();
  return { page, asked };
}

test('TheTrailInTroubleIsShownFirst', async () => {
  const { page, asked } = await visit();
  assert.match((await rowTexts(page))[0], /of b$/);
  assert.match(await page.locator('.facet', { hasText: 'Trail' }).locator('.value').first().innerText(), /gaps/);
  assert.ok(asked.every(([, trail]) => trail === gaps), JSON.stringify(asked));
  assert.deepEqual(await seriousFindings(page), []);
  assert.equal(await overflow(page), 0);
  await page.context().close();
});

test('AnotherTrailIsChosenAndKeptInTheAddress', async () => {
  const { page, asked } = await visit();
  await page.locator('.facet .value', { hasText: 'aaaa' }).click();
  await page.locator('.list-row', { hasText: 'of a' }).first().waitFor();
  assert.match(page.url(), new RegExp(`trail=${whole}`));
  assert.equal((await rowTexts(page)).filter((text) => / of b$/.test(text)).length, 0);
  assert.equal(asked.at(-1)[1], whole);
  await page.reload();
  await page.locator('.list-row', { hasText: 'of a' }).first().waitFor();
  await page.locator('.list-row', { hasText: 'of a' }).first().click();
  await page.locator('text=agent-a').first().waitFor();
  await page.context().close();
});

test('WhatArrivesIsSeenThoughNothingFollows', async () => {
  const { page } = await visit(`#trail=${whole}`);
  await page.locator('.pulse-open').waitFor();
  await daemons[whole].post([event({ summary: 'late of a', timestamp: new Date(Date.now() + 60_000).toISOString() })]);
  await page.locator('.list-row', { hasText: 'late of a' }).waitFor();
  await page.context().close();
});
