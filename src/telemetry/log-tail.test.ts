import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, array, property, string } from 'fast-check';
import type { AccountId, EnvironmentId, RequestId, VersionId } from '../util/ids.ts';
import { LogTails } from './log-tail.ts';
import type { LogLine } from './telemetry.ts';

const line = (requestId: string, text: string): LogLine => ({
  kind: 'log',
  timeMs: 0,
  account: '000000000000' as AccountId,
  functionName: 'f',
  version: '1' as VersionId,
  environmentId: 'e' as EnvironmentId,
  requestId: requestId as RequestId,
  origin: 'function',
  text,
});

test('the tail is the end of all lines of its request, and of no other', () => {
  check(
    property(array(string({ maxLength: 2_000, unit: 'grapheme' }), { maxLength: 40 }), (texts) => {
      const tails = new LogTails();
      const tail = tails.follow('mine' as RequestId);
      for (const text of texts) {
        tails.take(line('other', 'not mine'));
        tails.take(line('mine', text));
      }
      const all = Buffer.from(texts.map((text) => `${text}\n`).join(''));
      assert.deepEqual(Buffer.from(tail.bytes()), all.subarray(-4_096));
    }),
    { numRuns: 50 },
  );
});

test('nothing is kept of those that are not followed, or no longer', () => {
  const tails = new LogTails();
  tails.take(line('mine', 'before'));
  const tail = tails.follow('mine' as RequestId);
  tails.take(line('mine', 'during'));
  tail.stop();
  tails.take(line('mine', 'after'));
  assert.equal(Buffer.from(tail.bytes()).toString(), 'during\n');
});
