// Without a mouse.

import assert from 'node:assert/strict';

import { onPage, open } from './browser.mjs';
import { isRecorded } from './form.mjs';
import { endOfId, linkOf, votesOn } from './stack.mjs';

/** What has the focus: its id or its text, and whether one sees that it has. */
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    return { name: element.id || element.innerText.trim(), value: element.value ?? '', outlined };
  });
}

async function tabTo(page, wanted) {
  for (let times = 0; times < 60; times += 1) {
    await page.keyboard.press('Tab');
    const found = await focused(page);
    assert.ok(found.outlined, `nobody sees that ${found.name} has the focus`);
    if (found.name === wanted || found.value === wanted) return;
  }
  assert.fail(`the keyboard does not reach ${wanted}`);
}

onPage('the keyboard alone answers, and Enter in a field sends nothing', async (page) => {
  await open(page, linkOf('keyboard', 'ada'));
  await tabTo(page, 'Skip to your answer');
  await page.keyboard.press('Enter');
  await tabTo(page, 'confirm');
  await page.keyboard.type(endOfId('keyboard'));
  await page.keyboard.press('Enter');
  assert.deepEqual(await votesOn('keyboard'), []);
  assert.equal((await focused(page)).name, 'confirm', 'the page is as it was');
  await tabTo(page, 'reason');
  await page.keyboard.type('nobody uses it');
  await tabTo(page, 'approve');
  await page.keyboard.press('Enter');
  await isRecorded(page);
  assert.deepEqual(await votesOn('keyboard'), ['ada: approve']);
});
