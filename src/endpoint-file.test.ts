import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { announceStart } from './endpoint-file.ts';

const address = { apiPort: 1, httpPort: 2, listen: '127.0.0.1', mode: 'serve' } as const;

/** A data folder, and another process. */
function prepare(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'mayfly-endpoint-'));
  const other = spawn('/bin/sleep', ['600']);
  t.after(() => {
    other.kill();
    rmSync(folder, { recursive: true });
  });
  const [starting, endpoint] = [join(folder, 'starting.json'), join(folder, 'endpoint.json')];
  return { folder, starting, endpoint, other, says: (file: string): unknown => JSON.parse(readFileSync(file, 'utf8')) };
}

const own = { pid: process.pid };

test('a start is announced until both ports are open, and a stop takes that back', async (t) => {
  const { folder, starting, endpoint, says } = prepare(t);
  const announced = await announceStart(folder);
  assert.deepEqual(says(starting), own);
  await announced.held();
  await announced.ready({ ...address, ...own });
  assert.deepEqual([existsSync(starting), says(endpoint)], [false, { ...address, ...own }]);
  await announced[Symbol.asyncDispose]();
  assert.equal(existsSync(endpoint), false);
});

test('one that starts or runs in the folder already keeps its word', async (t) => {
  const { folder, starting, endpoint, other, says } = prepare(t);
  writeFileSync(starting, JSON.stringify({ pid: other.pid }));
  const second = await announceStart(folder);
  assert.deepEqual(says(starting), { pid: other.pid });
  await second[Symbol.asyncDispose]();
  assert.deepEqual(says(starting), { pid: other.pid });
  rmSync(starting);
  writeFileSync(endpoint, JSON.stringify({ ...address, pid: other.pid }));
  const third = await announceStart(folder);
  assert.equal(existsSync(starting), false);
  await third[Symbol.asyncDispose]();
  assert.deepEqual(says(endpoint), { ...address, pid: other.pid });
});

test('the word of one that is gone is replaced', async (t) => {
  const { folder, starting, other, says } = prepare(t);
  other.kill('SIGKILL');
  await once(other, 'exit');
  writeFileSync(starting, JSON.stringify({ pid: other.pid }));
  await using _announced = await announceStart(folder);
  assert.deepEqual(says(starting), own);
});

test('of two that start at once, the one that is given the folder says so, and the other takes nothing back', async (t) => {
  const { folder, starting, other, says } = prepare(t);
  const loser = await announceStart(folder);
  writeFileSync(starting, JSON.stringify({ pid: other.pid }));
  const winner = await announceStart(folder);
  await winner.held();
  assert.deepEqual(says(starting), own);
  writeFileSync(starting, JSON.stringify({ pid: other.pid }));
  await loser[Symbol.asyncDispose]();
  assert.deepEqual(says(starting), { pid: other.pid });
  await winner[Symbol.asyncDispose]();
});
