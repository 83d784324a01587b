// People answer.

import assert from 'node:assert/strict';

import { fitsOnPhones, onPage, open, usableByEverybody } from './browser.mjs';
import { answer, endField, isRecorded, reasonField } from './form.mjs';
import { endOfId, linkOf, processes, statusOf, untilStatus, votesOn, waitingOf } from './stack.mjs';

onPage('two people approve, each by their own link, and the process goes on', async (page) => {
  await open(page, linkOf('approve', 'ada'));
  await answer(page, 'approve', /^Approve/, 'replaced in spring');
  await isRecorded(page);
  await usableByEverybody(page);
  await fitsOnPhones(page);
  assert.deepEqual(await votesOn('approve'), ['ada: approve']);
  assert.equal(await statusOf('approve'), 'awaiting_approval', 'one is not enough');

  await open(page, linkOf('approve', 'lin'));
  assert.ok((await page.innerText('main')).includes('replaced in spring'), 'who answered before, and why');
  await answer(page, 'approve', /^Approve/);
  await isRecorded(page);
  assert.deepEqual(await votesOn('approve'), ['ada: approve', 'lin: approve']);
  await untilStatus('approve', 'soaking');
});

onPage('a no needs its reason, and keeps what was typed before', async (page) => {
  await open(page, linkOf('reject', 'ada'));
  await answer(page, 'reject', /^Reject/);
  const summary = page.getByRole('alert');
  await summary.waitFor();
  assert.match(await summary.innerText(), /reason/);
  assert.match(await page.title(), /^Error/);
  await usableByEverybody(page);
  await fitsOnPhones(page);
  assert.equal(await endField(page).inputValue(), endOfId('reject'));
  await summary.getByRole('link').click();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'reason', 'it leads to what is to be changed');
  assert.deepEqual(await votesOn('reject'), []);

  await answer(page, 'reject', /^Reject/, 'the month-end run reads it');
  await isRecorded(page);
  await untilStatus('reject', 'rejected');
  assert.deepEqual(await votesOn('reject'), ['ada: reject']);
});

onPage('who types the end of another id has answered nothing', async (page) => {
  await open(page, linkOf('used', 'lin'));
  await endField(page).fill('000000');
  await reasonField(page).fill('I am in a hurry');
  await page.getByRole('button', { name: /^Approve/ }).click();
  await page.getByRole('alert').waitFor();
  await usableByEverybody(page);
  assert.equal(await reasonField(page).inputValue(), 'I am in a hurry');
  assert.deepEqual(await votesOn('used'), []);
});

onPage('one objection stops what the rule approved', async (page) => {
  await open(page, linkOf('object', 'grace'));
  await answer(page, 'object', /object/i, 'the auditors use it');
  await isRecorded(page);
  await untilStatus('object', 'cancelled');
  await page.reload();
  assert.ok((await page.innerText('main')).includes('the auditors use it'));
});

onPage('what I answered waits for me no more', async (page) => {
  const listed = async () => {
    await open(page, waitingOf('used', 'ada'));
    return (await page.innerText('main')).includes(processes.used.resource_id);
  };
  assert.ok(await listed());
  await open(page, linkOf('used', 'ada'));
  await answer(page, 'used', /^Approve/);
  await isRecorded(page);
  assert.ok(!(await listed()));
});
