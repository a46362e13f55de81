import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogView } from '../../control/views.ts';
import { functionStyle, logLine } from './log-line.ts';

const paint = (style: unknown, text: string): string => (text === '' ? '' : `<${String(style)}:${text}>`);
const requestId = '0622617e-27dd-49ee-b2c9-c668a3558876';
const show = (text: string, more: Partial<LogView> = {}): string =>
  logLine(
    {
      timeMs: 0,
      requestId,
      origin: 'function',
      text,
      version: '1',
      environmentId: 'e',
      functionName: 'hello',
      ...more,
    },
    { paint, showFunction: false },
  ).replace(/^<dim:\S+> <dim:a3558876> /, '');

test("Node's prefix is left out where it repeats the line's own", () => {
  const prefix = `2026-11-21T13:03:14.982Z\t${requestId}`;
  assert.equal(show(`${prefix}\tINFO\tgreeting\tAda`), 'greeting\tAda');
  assert.equal(show(`${prefix}\tWARN\tslow`), '<yellow:WARN slow>');
  assert.equal(show(`${prefix}\tERROR\tbroken`), '<red:ERROR broken>');
  assert.equal(show(`${prefix}\tDEBUG\tx`), '<dim:DEBUG> x');
  assert.equal(show('2026-11-21T13:03:14.982Z\tother\tINFO\tx'), '2026-11-21T13:03:14.982Z\tother\tINFO\tx');
});

test('a thrown error is its stack', () => {
  const error = JSON.stringify({
    errorType: 'TypeError',
    errorMessage: 'no',
    stack: ['TypeError: no', '    at f (/var/task/a.ts:4:31)'],
  });
  assert.equal(
    show(`2026-11-21T13:03:14.982Z\t${requestId}\tERROR\tInvoke Error\t${error}`),
    '<red:TypeError: no\n    at f (/var/task/a.ts:4:31)>',
  );
  assert.equal(
    show(`2026-11-21T13:03:14.982Z\t${requestId}\tERROR\tInvoke Error\t{"half`),
    '<red:ERROR Invoke Error\t{"half>',
  );
});

test("Python's errors are red, its warnings yellow, everything else as it is", () => {
  assert.equal(show('[ERROR] KeyError: x'), '<red:[ERROR] KeyError: x>');
  assert.equal(show('Traceback (most recent call last):'), '<red:Traceback (most recent call last):>');
  assert.equal(show('[WARNING] old'), '<yellow:[WARNING] old>');
  assert.equal(show('an Error: in the middle'), 'an Error: in the middle');
});

test("the platform's lines are short and dim", () => {
  const report = `REPORT RequestId: ${requestId}\tDuration: 4.63 ms\tBilled Duration: 5 ms\t`;
  assert.equal(show(report, { origin: 'platform' }), '<dim:REPORT  Duration: 4.63 ms  Billed Duration: 5 ms>');
});

test('a function has one colour', () => {
  assert.equal(functionStyle('hello'), functionStyle('hello'));
  assert.ok(new Set(['hello', 'resize', 'catalog', 'nightly', 'jobs', 'mail'].map(functionStyle)).size > 1);
});

test('lines in JSON are read', () => {
  const of = (record: object): string => show(JSON.stringify({ timestamp: 't', requestId, ...record }));
  assert.equal(of({ level: 'INFO', message: 'greeting' }), 'greeting');
  assert.equal(of({ level: 'INFO', message: { order: 7 } }), '{"order":7}');
  assert.equal(
    of({ level: 'WARN', message: 'slow', logger: 'root', tries: 3 }),
    '<yellow:WARN slow <dim:{"tries":3}>>',
  );
  const error = { errorType: 'TypeError', errorMessage: 'no', stackTrace: ['TypeError: no', '    at f (a.js:1:2)'] };
  assert.equal(of({ level: 'ERROR', message: error }), '<red:ERROR\nTypeError: no\n    at f (a.js:1:2)>');
  const frames = { ...error, stackTrace: ['  File "a.py", line 1\n'] };
  assert.equal(of({ log_level: 'ERROR', ...frames }), '<red:ERROR\nTypeError: no\n  File "a.py", line 1>');
  assert.equal(show('{"own":"object"}'), '{"own":"object"}');
  assert.equal(show('{ not JSON'), '{ not JSON');
  const report = { requestId, status: 'success', metrics: { durationMs: 1.5 } };
  const platform = { origin: 'platform' } as const;
  assert.equal(
    show(JSON.stringify({ time: 't', type: 'platform.report', record: report }), platform),
    '<dim:platform.report  status success  durationMs 1.5>',
  );
  assert.equal(show('hello', { origin: 'extension' }), '<dim:extension> hello');
});
