/** docs/reference/limits.md says what the constants say. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeBytesMax } from '../src/aws/lambda/code-usage.ts';
import { policyBytesMax } from '../src/aws/lambda/policy-statement.ts';
import { requestLimit } from '../src/aws/lambda/request-limits.ts';
import { waitingRequestsMax } from '../src/gateway/environment-turns.ts';
import { durationText } from '../src/manifest/shape/duration.ts';
import { responseBytesMax } from '../src/sandbox/process/channel/frame.ts';
import { limitProfileNames, limitProfiles } from '../src/util/limit-profiles.ts';
import { limits } from '../src/util/limits.ts';

const root = join(import.meta.dirname, '..');
const rows = readFileSync(join(root, 'docs/reference/limits.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const row = (name: string): string[] => rows.find(([, first]) => first === name)?.slice(2) ?? [];
const grouped = (value: number): string => value.toLocaleString('en-US');

const figures: Readonly<Record<string, string>> = {
  'memory, least': `${grouped(limits.memoryMbMin)} MB`,
  'memory, most': `${grouped(limits.memoryMbMax)} MB`,
  processors: `1 at ${grouped(limits.memoryMbPerCpu)} MB`,
  'time-out': `${limits.timeoutMsMax / 1_000} s`,
  'environment variables': `${grouped(limits.environmentBytesMax)} bytes`,
  '`/tmp`, least': `${grouped(limits.ephemeralMbMin)} MB`,
  '`/tmp`, most': `${grouped(limits.ephemeralMbMax)} MB`,
  'layers of a function': String(limits.layersMax),
  'request with a zip in it': `${grouped(requestLimit('CreateFunction')?.bytesMax ?? 0)} bytes`,
  'code, unzipped': `${grouped(limits.bundleBytesMax)} bytes`,
  'files of a bundle': grouped(limits.bundleFilesMax),
  'code of an account': `${codeBytesMax / 1024 ** 3} GB`,
  'resource policy': `${grouped(policyBytesMax)} bytes`,
  'event of a synchronous call': `${grouped(limits.syncPayloadBytesMax)} bytes`,
  'answer to it': `${grouped(responseBytesMax)} bytes`,
  'event for later': `${grouped(limits.asyncPayloadBytesMax)} bytes`,
  'streamed answer': `${grouped(limits.streamedPayloadBytesMax)} bytes`,
  'environments at once of an account': grouped(limits.accountConcurrencyMax),
  'requests to the platform of one environment that wait': grouped(waitingRequestsMax),
  'invocations at once in one environment': grouped(limits.concurrencyPerEnvironmentMax),
  'attempts of an asynchronous event': String(limits.attemptsMax),
  'a function in the chain of its own causes': String(limits.recursionHopsMax),
};

test('each figure is that of the code', () => {
  for (const [name, figure] of Object.entries(figures)) assert.equal(row(name)[0], figure, name);
});

test('each limit names the tests that hold it, and they are there', () => {
  const all = rows.filter((cells) => cells.length === 7 && cells[1] !== 'limit' && !cells[1]?.startsWith('---'));
  assert.ok(all.length >= Object.keys(figures).length);
  for (const cells of all) {
    const tests = [...(cells[5] ?? '').matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
    assert.ok(tests.length > 0, cells.join(' '));
    for (const path of tests) assert.ok(existsSync(join(root, path)), path);
  }
});

test('the limits of other providers are all there, with their figures', () => {
  for (const name of limitProfileNames) {
    const { timeoutMsMax, memoryMbMax, source } = limitProfiles[name];
    const [longest, most, documented = ''] = row(`\`${name}\``);
    assert.deepEqual([longest, most], [durationText(timeoutMsMax), `${memoryMbMax} MB`], name);
    assert.ok(documented.includes(source), name);
  }
});
