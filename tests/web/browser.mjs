// Chromium, and pages that notice what must never happen: a violation of the CSP, an error in a
// script, a request to another host.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { chromium } from '../../web/node_modules/playwright-core/index.mjs';
import { top } from './daemon.mjs';

export async function launch() {
  return chromium.launch({
    executablePath: process.env.AGENTAUDIT_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

// `allowed`: statuses that an answer may have without being trouble.
export async function openPage(browser, url, { width = 1440, height = 900, scheme = 'light', allowed = [], ...more } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, acceptDownloads: true, ...more });
  const page = await context.newPage();
  page.trouble = [];
  await page.addInitScript(() => {
    globalThis.violations = [];
    addEventListener('securitypolicyviolation', (event) => globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  const host = new URL(url).host;
  page.on('pageerror', (error) => page.trouble.push(`error: ${error.stack}`));
  page.on('request', (request) => {
    const to = new URL(request.url());
    if (to.protocol.startsWith('http') && to.host !== host) page.trouble.push(`request to ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400 && !allowed.includes(response.status())) page.trouble.push(`${response.status()} ${response.url()}`);
  });
  page.setDefaultTimeout(10_000);
  await page.goto(url);
  return page;
}

export async function close(page) {
  const violations = await page.evaluate(() => globalThis.violations);
  await page.context().close();
  assert.deepEqual(violations, [], 'violations of the content security policy');
  assert.deepEqual(page.trouble, []);
}

const axe = fs.readFileSync(`${top}/web/node_modules/axe-core/axe.min.js`, 'utf8');

// What axe-core finds serious or critical, as lines.
export async function seriousFindings(page) {
  // Playwright's isolated call is not subject to the page's policy.
  const found = await page.evaluate(`(() => { ${axe}; return axe.run(document, { resultTypes: ['violations'] }); })()`);
  return found.violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary.split('\n')[1] ?? ''}`));
}

export async function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

export const rows = (page) => page.locator('.list-row');
export const rowTexts = (page) => page.locator('.list-row .summary').allInnerTexts();
