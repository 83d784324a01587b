// The browser, and what every test looks at whatever else it is about: that a page fetches nothing from anywhere else, that it
// breaks no rule of its own, and that everybody can use it.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { pageUrl } from './stack.mjs';

const require = createRequire(`${process.env.SUNSET_TOOLS}/package.json`);
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const PATIENCE = 15_000;
const DESK = { width: 1280, height: 900 };
const PHONES = [320, 390];

const executablePath = process.env.PATH.split(':').map((folder) => `${folder}/chromium`).find(existsSync);
assert.ok(executablePath, 'chromium is not installed: `make tools`');
export const browser = await chromium.launch({ executablePath });

/** A test with a page of a browser of its own, which knows nothing of the others. */
export function onPage(name, body, options = {}) {
  test(name, async () => {
    const context = await browser.newContext({ viewport: DESK, ...options });
    context.setDefaultTimeout(PATIENCE);
    const wrong = [];
    context.on('request', (request) => {
      if (!request.url().startsWith(pageUrl) && !request.url().startsWith('data:')) wrong.push(`fetched ${request.url()}`);
    });
    context.on('console', (message) => {
      // That an answer is no 200 is what tests are about; everything else is a mistake of the page.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) wrong.push(message.text());
    });
    context.on('dialog', (dialog) => {
      wrong.push(`a dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    try {
      await body(await context.newPage(), context);
    } finally {
      await context.close();
    }
    assert.deepEqual(wrong, []);
  });
}

/** Opens a link; the answer must have this status. */
export async function open(page, link, status = 200) {
  const answer = await page.goto(link);
  assert.equal(answer.status(), status, await page.innerText('body'));
  return answer;
}

/** The page is as it must be for eyes that are tired, for hands without a mouse, and for those who have it read to them. */
export async function usableByEverybody(page) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(`${axe}; undefined`);
    const { violations } = await page.evaluate('axe.run(document)');
    const found = violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.html) }));
    assert.deepEqual(found, [], `${page.url()}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: null });
}

/** On a phone nothing has to be pushed sideways to be read. */
export async function fitsOnPhones(page) {
  for (const width of PHONES) {
    await page.setViewportSize({ width, height: 800 });
    const sideways = await page.evaluate(() => {
      const all = [document.documentElement, ...document.body.querySelectorAll('*')];
      const scrolls = (element) => element === document.documentElement || !['visible', 'clip'].includes(getComputedStyle(element).overflowX);
      return all.filter((element) => scrolls(element) && element.scrollWidth > element.clientWidth + 1).map((element) => element.outerHTML.slice(0, 200));
    });
    assert.deepEqual(sideways, [], `${width} pixels wide`);
  }
  await page.setViewportSize(DESK);
}
