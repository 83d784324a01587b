// Without JavaScript, which the page never needs.

import assert from 'node:assert/strict';

import { onPage, open } from './browser.mjs';
import { answer, isRecorded } from './form.mjs';
import { linkOf, untilStatus, votesOn } from './stack.mjs';

onPage(
  'without JavaScript everything is said, refused and answered as with it',
  async (page) => {
    await open(page, linkOf('no-script', 'ada'));
    assert.equal(await page.locator('script').count(), 0);
    await answer(page, 'no-script', /^Reject/);
    await page.getByRole('alert').waitFor();
    await answer(page, 'no-script', /^Reject/, 'it is still read by a script');
    await isRecorded(page);
    assert.deepEqual(await votesOn('no-script'), ['ada: reject']);
    await untilStatus('no-script', 'rejected');
  },
  { javaScriptEnabled: false },
);
