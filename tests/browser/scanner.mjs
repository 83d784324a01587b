// Programs that look for harm in mails open every link before its reader does, and follow what they find there.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { allLinks, bare, linkOf, pageUrl, processes, statusOf, tables, votesOn } from './stack.mjs';

const LATE = 'expired';
const AT_ONCE = 4;

/** What a page leads to. Every page makes its links anew, so a program that followed them for ever would find no end. */
async function opened(link) {
  const head = await bare('HEAD', link);
  assert.deepEqual([head.status, head.body], [200, ''], link);
  const { status, body } = await bare('GET', link);
  assert.equal(status, 200, link);
  const found = [...body.matchAll(/href="([^"#][^"]*)"/g)].map(([, href]) => href.replaceAll('&amp;', '&'));
  return found.filter((href) => !href.startsWith('data:')).map((href) => new URL(href, link).href);
}

/** Does something with each, some at a time. */
async function eachOf(items, work) {
  const left = [...items];
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

test('a program that opens every link, and every link behind it, changes nothing', async () => {
  const before = await tables();
  await eachOf([pageUrl, ...allLinks(LATE)], opened);
  // What lies behind a link is of the same kind for everybody who was asked.
  const behind = [];
  const ofOne = Object.keys(processes).filter((scene) => scene !== LATE).map((scene) => linkOf(scene, 'ada'));
  await eachOf(ofOne, async (link) => behind.push(...(await opened(link))));
  assert.ok(behind.length >= ofOne.length, 'no page leads to another');
  await eachOf(behind, opened);
  assert.deepEqual(await tables(), before);
  assert.equal(await statusOf('approve'), 'awaiting_approval');
  assert.deepEqual(await votesOn('approve'), []);
});
