import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endReasons, type StartReason } from '../telemetry/start-reason.ts';
import { explainStart, type ExplainedStart } from './explain-start.ts';

const quick = { queueUs: 100, placeUs: 10, provisionUs: 900, initUs: 1_000, handlerUs: 500, replyUs: 20 };
const explain = (reason: StartReason | undefined, over: Partial<ExplainedStart> = {}) =>
  explainStart({
    start: 'cold',
    reason,
    functionName: 'hello',
    version: '3',
    timeMs: 1_000_000,
    phases: quick,
    ...over,
  });

test('each reason is a sentence of its own', () => {
  const ended = endReasons
    .filter((kind) => kind !== 'deploy' && kind !== 'shutdown')
    .map((kind): StartReason => ({ kind, endedMs: 400_000 }));
  const reasons: StartReason[] = [
    { kind: 'first' },
    { kind: 'deploy' },
    { kind: 'scale_out', busy: 3, starting: 0 },
    { kind: 'limit', waitedMs: 120 },
    { kind: 'restart' },
    { kind: 'paused', failures: 4, untilMs: 1_000 },
    { kind: 'provisioned' },
    { kind: 'predicted', detail: 'every 10 min' },
    ...ended,
  ];
  const sentences = reasons.map((reason) => explain(reason).why);
  assert.equal(new Set(sentences).size, reasons.length);
  for (const sentence of sentences) assert.match(sentence, /^[A-Z].*\.$/);
  assert.equal(
    explain({ kind: 'idle', endedMs: 400_000, detail: 'kept for 5 min' }).why,
    "The last environment of 'hello' had ended 10 min before: nobody had called it for as long as one is kept (kept for 5 min).",
  );
});

test('how many others there were, and what they did', () => {
  const why = (busy: number, starting: number) => explain({ kind: 'scale_out', busy, starting }).why;
  assert.equal(why(1, 0), 'Its only environment was busy: one more was started.');
  assert.equal(why(3, 2), 'All 3 environments were busy, and 2 were starting: one more was started.');
  assert.equal(why(0, 1), 'Another environment was still starting: one more was started.');
});

test('there is none for a start that was quick all the same', () => {
  assert.equal(explain({ kind: 'first' }).advice, undefined);
  assert.match(explain({ kind: 'first' }, { phases: { ...quick, queueUs: 30_000 } }).advice ?? '', /provisioned: 1/);
});

test('advice is about what took most of the time, where that was long', () => {
  const first: StartReason = { kind: 'age', endedMs: 0 };
  assert.equal(explain(first).advice, undefined);
  const slowCode = { ...quick, initUs: 800_000 };
  assert.match(explain(first, { phases: slowCode }).advice ?? '', /own code being loaded \(800 ms\)/);
  assert.match(explain(first, { phases: slowCode, packageBytes: 40e6 }).advice ?? '', /package has 40 MB/);
  assert.match(
    explain(first, { phases: slowCode, noTemplate: 'the runtime makes none' }).advice ?? '',
    /no template, which would spare it that: the runtime makes none\.$/,
  );
  const slowBoot = { ...quick, provisionUs: 90_000 };
  assert.match(
    explain(first, { phases: slowBoot }).advice ?? '',
    /--prebooted keeps more of them, where mayfly doctor says/,
  );
  assert.equal(explain(first, { phases: slowBoot, start: 'template' }).advice, undefined);
});

test('a warm start, and one from before reasons were kept', () => {
  assert.equal(explain(undefined, { start: 'warm' }).why, 'An environment was free.');
  assert.match(explain(undefined, { start: 'warm', phases: { ...quick, queueUs: 70_000 } }).why, /waited 70 ms/);
  assert.match(explain(undefined).why, /not known/);
});
