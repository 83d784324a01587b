// Everything about the approval page that takes a browser, on a stack with a process for every case. The driver in local/
// starts the stack and runs this file with `make test`; alone: cargo run -q -p sunset-local -- test --browser

import { after } from 'node:test';

import { browser } from './browser.mjs';

// The order counts: what only looks comes before what answers.
await import('./scanner.mjs');
await import('./reading.mjs');
await import('./answering.mjs');
await import('./keyboard.mjs');
await import('./no_script.mjs');
await import('./again.mjs');
await import('./refused.mjs');

after(() => browser.close());
