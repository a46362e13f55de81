import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { rehearse } from './rehearsal.ts';
import { systemClock } from './util/clock.ts';
import { randomIds } from './util/ids.ts';

async function ownFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'mayfly-rehearsal-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const common = { clock: systemClock, ids: randomIds };

test('every call of a rehearsal is answered, and nothing of it stays', { timeout: 280_000 }, async () => {
  await using folder = await ownFolder();
  const signal = new AbortController().signal;
  const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name.includes('Wrap')).length;
  const before = sockets();
  const ports = new Set<string>();
  const found = new Set<string>();
  const hasTime = (): boolean => {
    for (const name of process.getActiveResourcesInfo()) if (name.startsWith('TCP')) ports.add(name);
    for (const name of readdirSync(join(folder.path, 'rehearsal'))) found.add(name);
    return true;
  };
  assert.equal(await rehearse({ ...common, folder: folder.path, hasTime, signal }), 64);
  // Nothing that others on the machine could call.
  assert.deepEqual([...found].toSorted(), ['door', 'socket']);
  assert.deepEqual([...ports], []);
  assert.deepEqual(await readdir(folder.path), []);
  while (sockets() > before) await new Promise((resolve) => setImmediate(resolve));
});

test('it waits while there is no time for it, and ends when it is told to', async () => {
  await using folder = await ownFolder();
  const ending = new AbortController();
  let looks = 0;
  const hasTime = (): boolean => {
    looks += 1;
    if (looks === 20) ending.abort();
    return looks <= 3;
  };
  const answered = await rehearse({ ...common, folder: folder.path, hasTime, signal: ending.signal });
  assert.equal(looks, 20);
  assert.ok(answered >= 1 && answered <= 3, `${answered} calls`);
  assert.deepEqual(await readdir(folder.path), []);
});

test('where its socket would have too long a path, nothing is rehearsed', async () => {
  const signal = new AbortController().signal;
  assert.equal(await rehearse({ ...common, folder: `/${'x'.repeat(100)}`, hasTime: () => true, signal }), 0);
});
