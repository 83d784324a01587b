// The stack that the driver started, and what DynamoDB holds of its processes.

import { readFileSync } from 'node:fs';
import { request } from 'node:http';

const told = JSON.parse(readFileSync(process.env.SUNSET_STACK, 'utf8'));

export const pageUrl = told.page_url;
/** A name that is markup, and that turns what follows it around. */
export const hostileName = told.hostile;
/** The processes by the names of their scenes: their ids, and every person's links to the question and to what waits. */
export const processes = told.processes;

/** A person's own link to what a process asks. */
export const linkOf = (scene, person) => linksOf(scene, person)[0];
/** A person's own link to everything that waits for them. */
export const waitingOf = (scene, person) => linksOf(scene, person)[1];

function linksOf(scene, person) {
  const links = processes[scene]?.links[person];
  if (!links) throw new Error(`nobody told ${person} of ${scene}`);
  return links;
}

/** Every link of every notice but those of some scenes. */
export function allLinks(...but) {
  const others = Object.entries(processes).filter(([scene]) => !but.includes(scene));
  return others.flatMap(([, process]) => Object.values(process.links).flat());
}

/** What is typed to show which resource an answer is about. */
export const endOfId = (scene) => processes[scene].resource_id.slice(-6);

/** A request that no browser makes: with these headers, and the host's. */
export function bare(method, link, headers = {}, body = '') {
  const url = new URL(link);
  // Only browsers know every name below localhost.
  const where = { host: '127.0.0.1', port: url.port, path: url.pathname + url.search, method, headers: { ...headers, host: url.host } };
  return new Promise((resolve, reject) => {
    const asked = request(where, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts).toString() }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

async function dynamodb(operation, body) {
  const answer = await fetch(told.aws_url, {
    method: 'POST',
    headers: {
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${operation}: HTTP ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

async function all(operation, body) {
  const items = [];
  let from;
  do {
    const page = await dynamodb(operation, { ...body, ConsistentRead: true, ...(from && { ExclusiveStartKey: from }) });
    items.push(...page.Items);
    from = page.LastEvaluatedKey;
  } while (from);
  return items;
}

/** Every item of the ledger and of the audit trail, each as a line, in order. */
export async function tables() {
  const scans = [told.table, told.audit_table].map((table) => all('Scan', { TableName: table }));
  const items = (await Promise.all(scans)).flat();
  return items.map((item) => JSON.stringify(Object.fromEntries(Object.entries(item).sort()))).sort();
}

/** What the ledger holds of a process under keys that begin so. */
function itemsOf(scene, beginning) {
  return all('Query', {
    TableName: told.table,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
    ExpressionAttributeValues: { ':pk': { S: `PROC#${processes[scene].process_id}` }, ':sk': { S: beginning } },
  });
}

export async function statusOf(scene) {
  const [record] = await itemsOf(scene, 'META');
  return record.status.S;
}

/** Who answered, and what: `ada: approve`. */
export async function votesOn(scene) {
  const votes = await itemsOf(scene, 'VOTE#');
  return votes.map((vote) => `${vote.person.S}: ${vote.answer.S}`).sort();
}

/** What the page refused today: kinds, in order. */
export async function attempts() {
  const partition = `approve-page#${new Date().toISOString().slice(0, 10)}`;
  const items = await all('Query', {
    TableName: told.audit_table,
    KeyConditionExpression: 'process_id = :id',
    ExpressionAttributeValues: { ':id': { S: partition } },
  });
  return items;
}

/** Waits until a process stands elsewhere than it did. */
export async function until(what, holds, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await holds();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export const untilStatus = (scene, status) =>
  until(`${scene} is ${status}`, async () => [status].flat().includes(await statusOf(scene)));
