import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { FakeClock } from '../util/fake-clock.ts';
import type { AccountId, EnvironmentId, RequestId, VersionId } from '../util/ids.ts';
import { openLogFiles } from './log-files.ts';
import { logFileBytesMax } from './log-folder.ts';
import type { LogLine } from './telemetry.ts';

const account = '000000000000' as AccountId;
const startMs = Date.UTC(2026, 10, 21, 12);

async function openFolder(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-logs-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const clock = new FakeClock(startMs);
  const errors: string[] = [];
  const logs = openLogFiles({ folder, clock, onError: (message) => errors.push(message) });
  return { folder, clock, errors, logs };
}

function line(text: string, over: Partial<LogLine> & { request?: string } = {}): LogLine {
  const { request, ...rest } = over;
  return {
    kind: 'log',
    timeMs: startMs,
    account,
    functionName: 'hello',
    version: '1' as VersionId,
    environmentId: 'environment' as EnvironmentId,
    requestId: request as RequestId | undefined,
    origin: 'function',
    text,
    ...rest,
  };
}

const textsOf = (lines: readonly LogLine[]): string[] => lines.map(({ text }) => text);

test('lines come back as they were taken, whatever is in them', async (t) => {
  const { logs } = await openFolder(t);
  const lines = [
    line('plain', { request: 'r1' }),
    line('"quoted" \\ \n two lines \u{1F98B} \u2028 \0', { request: 'r1', origin: 'platform' }),
    line('during init', { version: '$LATEST' as VersionId }),
    line(''),
  ];
  for (const each of lines) logs.take(each);
  assert.deepEqual(await logs.read({ account, functionName: 'hello', limit: 10 }), lines);
  assert.deepEqual(await logs.read({ account, functionName: 'other', limit: 10 }), []);
});

test('a file for each function and day, written together a moment later', async (t) => {
  const { folder, clock, logs } = await openFolder(t);
  logs.take(line('one'));
  logs.take(line('two'));
  logs.take(line('elsewhere', { functionName: 'resize', timeMs: startMs + 86_400_000 }));
  await clock.advance(49);
  assert.deepEqual(await readdir(folder), []);
  await clock.advance(1);
  await logs.flush();
  assert.equal((await readFile(join(folder, account, 'hello', '2026-11-21.ndjson'), 'utf8')).split('\n').length, 3);
  assert.deepEqual(await readdir(join(folder, account, 'resize')), ['2026-11-22.ndjson']);
});

test('a read finds by time, by request and by limit, over functions, files and days', async (t) => {
  const { logs } = await openFolder(t);
  for (let hour = 0; hour < 72; hour++) {
    logs.take(line(`a${hour}`, { timeMs: startMs + hour * 3_600_000, functionName: 'a', request: `r${hour % 10}` }));
    logs.take(line(`b${hour}`, { timeMs: startMs + hour * 3_600_000 + 1, functionName: 'b' }));
  }
  const at = (hour: number): number => startMs + hour * 3_600_000;
  const read = async (query: Partial<Parameters<typeof logs.read>[0]>): Promise<string[]> =>
    textsOf(await logs.read({ account, functionName: 'a', limit: 1_000, ...query }));
  assert.equal((await read({})).length, 72);
  assert.deepEqual(await read({ limit: 2 }), ['a70', 'a71']);
  assert.deepEqual(await read({ sinceMs: at(30), untilMs: at(32) }), ['a30', 'a31', 'a32']);
  assert.deepEqual(await read({ requestId: 'r3', limit: 3 }), ['a43', 'a53', 'a63']);
  assert.deepEqual(await read({ requestId: '3', limit: 3 }), ['a43', 'a53', 'a63'], 'by the end of its id');
  assert.deepEqual(await read({ functionName: undefined, limit: 3 }), ['b70', 'a71', 'b71']);
  assert.deepEqual(await read({ functionName: undefined, sinceMs: at(70) }), ['a70', 'b70', 'a71', 'b71']);
  assert.deepEqual(await read({ account: '111111111111' as AccountId, functionName: undefined }), []);
});

test('reading backwards meets every line, long ones and cut-off ones too', async (t) => {
  const { folder, logs } = await openFolder(t);
  const texts = Array.from({ length: 400 }, (_, index) => `${index} ${'ü'.repeat((index * 997) % 3_000)}`);
  texts.push('x'.repeat(300_000));
  for (const text of texts) logs.take(line(text));
  assert.deepEqual(textsOf(await logs.read({ account, functionName: 'hello', limit: 1_000 })), texts);

  const path = join(folder, account, 'hello', '2026-11-21.ndjson');
  const { length } = await readFile(path);
  await truncate(path, length - 10);
  const again = openLogFiles({ folder, clock: new FakeClock(startMs) });
  again.take(line('after a crash'));
  const found = await again.read({ account, functionName: 'hello', limit: 1_000 });
  assert.deepEqual(textsOf(found), [...texts.slice(0, -1), 'after a crash']);
});

test('lines of several environments are in the order of their time', async (t) => {
  const { logs } = await openFolder(t);
  logs.take(line('second', { timeMs: startMs + 5 }));
  logs.take(line('first', { timeMs: startMs + 4 }));
  logs.take(line('third', { timeMs: startMs + 5 }));
  assert.deepEqual(textsOf(await logs.read({ account, functionName: 'hello', limit: 10 })), [
    'first',
    'second',
    'third',
  ]);
});

test('more than memory holds is dropped, and the log says how much', async (t) => {
  const { logs } = await openFolder(t);
  const text = 'x'.repeat(1024 * 1024);
  for (let count = 0; count < 100; count++) logs.take(line(text));
  const found = await logs.read({ account, functionName: 'hello', limit: 1_000 });
  const kept = found.filter((each) => each.origin === 'function').length;
  assert.ok(kept > 0 && kept < 100);
  const note = found.find((each) => each.origin === 'platform');
  assert.match(note?.text ?? '', new RegExp(`^${100 - kept} lines were dropped`));
});

test('a full file goes on in the next, and what is too old goes', async (t) => {
  const { folder, clock, logs } = await openFolder(t);
  const hello = join(folder, account, 'hello');
  await mkdir(hello, { recursive: true });
  await writeFile(join(hello, '2026-11-06.ndjson'), '{"timeMs":1}\n');
  await writeFile(join(hello, '2026-11-08.ndjson'), '{"timeMs":1}\n');
  await writeFile(join(hello, '2026-11-21.ndjson'), '\n');
  await truncate(join(hello, '2026-11-21.ndjson'), logFileBytesMax);
  await appendFile(join(hello, '2026-11-21.ndjson'), '\n');
  logs.take(line('next'));
  await logs.flush();
  assert.deepEqual(await readdir(hello), ['2026-11-08.ndjson', '2026-11-21.1.ndjson', '2026-11-21.ndjson']);
  assert.deepEqual(textsOf(await logs.read({ account, functionName: 'hello', sinceMs: startMs, limit: 5 })), ['next']);
  logs.take(line('after it'));
  await logs.flush();
  assert.equal((await readFile(join(hello, '2026-11-21.1.ndjson'), 'utf8')).trim().split('\n').length, 2);

  // Nobody writes any more: the look that comes every few hours finds it.
  await clock.advance(20 * 86_400_000);
  const { promise, resolve } = Promise.withResolvers<void>();
  const poll = (): void => void readdir(hello).then((names) => (names.length === 0 ? resolve() : setImmediate(poll)));
  poll();
  await promise;
});

test('a disk that refuses is said, and the next lines are written', async (t) => {
  const { folder, errors, logs } = await openFolder(t);
  await writeFile(join(folder, account), 'a file where a folder should be');
  logs.take(line('lost'));
  await logs.flush();
  logs.take(line('lost too'));
  await logs.flush();
  // The look at old files, which comes when it comes, is refused as well.
  assert.equal(errors.filter((error) => /cannot be written and is lost: /.test(error)).length, 1);
  await rm(join(folder, account));
  logs.take(line('kept'));
  assert.deepEqual(textsOf(await logs.read({ account, functionName: 'hello', limit: 5 })), ['kept']);
});

test('a name that is no file name stays inside the folder', async (t) => {
  const { folder, logs } = await openFolder(t);
  logs.take(line('up', { functionName: '..' }));
  logs.take(line('sideways', { functionName: 'a/../b' }));
  assert.deepEqual(textsOf(await logs.read({ account, functionName: undefined, limit: 5 })).toSorted(), [
    'sideways',
    'up',
  ]);
  assert.deepEqual(await readdir(join(folder, account)), ['%2E%2E', 'a%2F%2E%2E%2Fb']);
});
