// Links that do not work, and what is written down of whoever tries them.

import assert from 'node:assert/strict';

import { fitsOnPhones, onPage, open, usableByEverybody } from './browser.mjs';
import { attempts, bare, linkOf, pageUrl, statusOf, votesOn } from './stack.mjs';

/** The link with another letter in one of the parts of its token. */
function altered(link, part) {
  const [page, token] = link.split('?l=');
  const parts = token.split('.');
  parts[part] = (parts[part][0] === 'A' ? 'B' : 'A') + parts[part].slice(1);
  return `${page}?l=${parts.join('.')}`;
}

onPage('a used, a forged and a mutilated link are answered alike', async (page) => {
  const before = await attempts();
  const said = [];
  for (const link of [linkOf('used', 'ada'), altered(linkOf('read', 'ada'), 3), altered(linkOf('read', 'ada'), 2), `${pageUrl}?l=x`]) {
    await open(page, link, 404);
    said.push(await page.innerText('body'));
  }
  assert.equal(new Set(said).size, 1, said.join('\n---\n'));
  await usableByEverybody(page);
  await fitsOnPhones(page);
  const written = (await attempts()).slice(before.length);
  assert.equal(written.length, 4);
  const token = linkOf('read', 'ada').split('?l=')[1];
  assert.ok(!JSON.stringify(written).includes(token.split('.')[2]), 'no link is written down');
});

onPage('a link after its time says so, and answers nothing', async (page) => {
  await open(page, linkOf('expired', 'ada'), 410);
  assert.match(await page.innerText('main'), /This link worked until/);
  assert.equal(await page.locator('form').count(), 0);
  await usableByEverybody(page);
  await fitsOnPhones(page);
  assert.equal(await statusOf('expired'), 'expired');
  assert.deepEqual(await votesOn('expired'), []);
});

onPage('a link about what others have decided shows it, and has no form', async (page) => {
  await open(page, linkOf('reject', 'lin'));
  assert.equal(await page.locator('form').count(), 0);
  await usableByEverybody(page);
});

onPage('a form that another site sends is refused', async (page) => {
  const link = linkOf('read', 'ada');
  const form = new URLSearchParams({ form_token: 'x', confirm: 'x', answer: 'approve' }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://example.com', 'sec-fetch-site': 'cross-site' };
  await open(page, link);
  const answered = await bare('POST', link, headers, form);
  assert.equal(answered.status, 403, answered.body);
  assert.deepEqual(await votesOn('read'), []);
});
