// Reloading, going back, and sending the same form twice.

import assert from 'node:assert/strict';

import { onPage, open } from './browser.mjs';
import { answer, endField, isRecorded } from './form.mjs';
import { endOfId, linkOf, votesOn } from './stack.mjs';

onPage('reloading or going back after an answer sends nothing again', async (page) => {
  const link = linkOf('again', 'ada');
  await open(page, link);
  await answer(page, 'again', /^Approve/, 'once');
  await isRecorded(page);
  for (let times = 0; times < 2; times += 1) {
    await page.reload();
    await isRecorded(page);
  }
  assert.deepEqual(await votesOn('again'), ['ada: approve']);

  await page.goBack();
  assert.equal(await page.locator('form').count(), 0, 'the page behind shows no form that was answered');
  assert.match(await page.innerText('main'), /This link does not work/);
  await page.goForward();
  await isRecorded(page);
  assert.deepEqual(await votesOn('again'), ['ada: approve']);
});

onPage('a form that was open twice answers once', async (page, context) => {
  const link = linkOf('again', 'lin');
  const other = await context.newPage();
  await open(page, link);
  await open(other, link);
  await answer(page, 'again', /^Reject/, 'the first answer');
  await isRecorded(page);
  await endField(other).fill(endOfId('again'));
  await other.getByRole('button', { name: /^Approve/ }).click();
  await other.getByRole('heading', { name: 'This link does not work' }).waitFor();
  assert.deepEqual(await votesOn('again'), ['ada: approve', 'lin: reject']);
});
