// What people see, on every page there is, by day and by night, on a desk and in a hand.

import assert from 'node:assert/strict';

import { fitsOnPhones, onPage, open, usableByEverybody } from './browser.mjs';
import { hostileName, linkOf, pageUrl, processes, waitingOf } from './stack.mjs';

async function everywhere(page, link, status = 200) {
  const answer = await open(page, link, status);
  await usableByEverybody(page);
  await fitsOnPhones(page);
  return answer;
}

onPage('what is asked can be read by everybody, and says what will happen', async (page) => {
  const answer = await everywhere(page, linkOf('read', 'ada'));
  const { resource_id: id, process_id: process } = processes.read;
  const said = await page.innerText('main');
  for (const part of [id, 'only-read', process, 'no request for a year', 'medium risk', 'data goes with it', 'cleanup-campaign']) {
    assert.ok(said.includes(part), `${part} is not on the page: ${said}`);
  }
  for (const step of ['Stops instance', 'Makes an image', 'Terminates instance']) assert.ok(said.includes(step), `${step}: ${said}`);
  assert.equal(await page.locator('h1').count(), 1);
  assert.ok((await page.locator('time[datetime]').count()) > 0, 'the deadline is a time that programs can read too');
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
  const headers = answer.headers();
  assert.match(headers['content-security-policy'], /default-src 'none'/);
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['x-content-type-options'], 'nosniff');
});

onPage('it is light by day and dark by night', async (page) => {
  await open(page, linkOf('read', 'ada'));
  const brightness = async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    return colour.match(/\d+/g).slice(0, 3).map(Number).reduce((sum, part) => sum + part, 0);
  };
  assert.ok((await brightness('light')) > 600, 'it is not light');
  assert.ok((await brightness('dark')) < 165, 'it is not dark');
});

onPage('what the rule approved can be read by everybody, and objected to', async (page) => {
  await everywhere(page, linkOf('object', 'ada'));
  assert.ok(await page.getByRole('button', { name: /object/i }).isVisible());
  assert.equal(await page.getByRole('button', { name: /approve/i }).count(), 0, 'what is approved needs no approval');
});

onPage('what is of high risk can be read by everybody, and decided by no link', async (page) => {
  await everywhere(page, linkOf('high-risk', 'ada'));
  const said = await page.innerText('main');
  assert.match(said, /high risk/);
  assert.match(said, /a link does not decide/);
  assert.equal(await page.locator('form').count(), 0);
});

onPage('what waits for somebody can be read by everybody, and leads to what it names', async (page) => {
  await everywhere(page, waitingOf('read', 'lin'));
  const said = await page.innerText('main');
  assert.ok(said.includes(processes.read.resource_id) && said.includes(processes.approve.resource_id), said);
  assert.ok(!said.includes(processes.expired.resource_id), 'what is over waits for nobody');
});

onPage('the timeline can be read by everybody, with its audit trail', async (page) => {
  await open(page, linkOf('read', 'ada'));
  await page.getByRole('link', { name: 'Timeline' }).click();
  await everywhere(page, page.url());
  const said = await page.innerText('main');
  assert.match(said, /The audit trail is whole/);
  assert.match(said, /Awaiting approval/);
});

onPage('who comes without a link is told nothing, readably', async (page) => {
  await everywhere(page, pageUrl);
  assert.equal(await page.locator('form').count(), 0);
});

onPage('a name that is markup is shown as a name', async (page) => {
  await everywhere(page, linkOf('hostile', 'ada'));
  assert.equal(await page.locator('img, script, iframe').count(), 0);
  assert.doesNotMatch(await page.title(), /^owned/);
  const said = await page.innerText('main');
  assert.ok(said.includes('<img src=x onerror='), said);
  assert.ok(hostileName.includes('\u202e') && !said.includes('\u202e'), 'nothing turns the text around');
});
