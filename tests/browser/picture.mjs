// Takes the picture of the page that the README shows: how it begins, by day, and how it is answered, by night. Its argument
// is the file.

import { browser } from './browser.mjs';
import { linkOf } from './stack.mjs';

const [file] = process.argv.slice(2);
const SIZE = { width: 500, height: 900 };

async function half(colorScheme, show) {
  const page = await browser.newPage({ viewport: SIZE, colorScheme });
  await page.goto(linkOf('picture', 'ada'));
  await show(page);
  return (await page.screenshot()).toString('base64');
}

const halves = [
  await half('light', async () => {}),
  await half('dark', async (page) => {
    await page.locator('form').evaluate((form) => form.closest('section').scrollIntoView({ block: 'end' }));
  }),
];
const both = await browser.newPage({ viewport: { width: 2 * SIZE.width, height: SIZE.height } });
const images = halves.map((half) => `<img src="data:image/png;base64,${half}" style="float: left">`);
await both.setContent(`<body style="margin: 0">${images.join('')}</body>`);
await both.screenshot({ path: file });
await browser.close();
