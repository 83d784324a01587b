// The form of the page, as people find its parts: by what is written there.

import assert from 'node:assert/strict';

import { endOfId } from './stack.mjs';

export const endField = (page) => page.getByLabel(/characters of the resource.s id/);
export const reasonField = (page) => page.getByLabel('Your reason');

/** Fills in the form and sends it. */
export async function answer(page, scene, button, reason = '') {
  await endField(page).fill(endOfId(scene));
  await reasonField(page).fill(reason);
  await page.getByRole('button', { name: button }).click();
}

/** The page says that the answer counts, and whose it was. */
export async function isRecorded(page) {
  await page.getByText('Your answer is recorded.').waitFor();
  assert.match(page.url(), /[?&]done=1/);
}
