import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { scan } from '../../src/store/records.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { FakeClock } from '../../src/util/fake-clock.ts';

const storm = fileURLToPath(new URL('./store-storm.ts', import.meta.url));

/** Lines that a process printed before it was killed, at least `linesMin` after `first` were seen. */
async function stormAndKill(folder: string, first: number, linesMin: number): Promise<string[]> {
  const child = spawn(process.execPath, [storm, folder, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  let lines = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    lines += text.split('\n').length - 1;
    if (lines >= linesMin) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  assert.equal(signal, 'SIGKILL');
  // The last line may have been cut off by the kill.
  return output.split('\n').slice(0, -1);
}

test('what a process acknowledged before kill -9 is there, whole, and what it did not is whole or absent', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-crash-'));
  t.after(() => rm(folder, { recursive: true }));
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round++) acknowledged.push(...(await stormAndKill(folder, round * 1_000_000, 300)));
  const numbersOf = (kind: string): string[] =>
    acknowledged.flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []));

  // Opening at once shows that the killed process's lock went with it.
  await using store = await openSqliteStore({ folder, clock: new FakeClock(Date.now()) });
  const records = new Set<string>();
  for await (const { key } of scan(store.records, 'record/')) records.add(key.slice('record/'.length));
  const twins = new Set<string>();
  for await (const { key } of scan(store.records, 'twin/')) twins.add(key.slice('twin/'.length));
  const drain = async (topic: string): Promise<Set<string>> => {
    const ids = new Set<string>();
    for (;;) {
      const messages = await store.log.receive(topic, { max: 1_000, leaseMs: 60_000 });
      if (messages.length === 0) return ids;
      for (const { id } of messages) ids.add(id);
    }
  };
  const outbox = await drain('outbox');
  const messages = await drain('topic');

  for (const number of numbersOf('record')) assert.ok(records.has(number), `record ${number}`);
  assert.deepEqual(twins, records, 'both records of a transaction, or neither');
  assert.deepEqual(outbox, records, 'the message of a transaction goes with its records');
  for (const number of numbersOf('message')) assert.ok(messages.has(number), `message ${number}`);
  for (const number of numbersOf('blob')) {
    assert.equal(await store.blobs.size(`blob/${number}`), 100_000 + `blob ${number},`.length, `blob ${number}`);
  }
  for await (const key of store.blobs.list(''))
    assert.ok(((await store.blobs.size(key)) ?? 0) > 100_000, `${key} is whole`);
  assert.deepEqual(await readdir(join(folder, 'blobs', 'temporary')), [], 'unfinished blobs are swept');
  assert.ok(Math.min(...['record', 'message', 'blob'].map((kind) => numbersOf(kind).length)) > 0);
});
