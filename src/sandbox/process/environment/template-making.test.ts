import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../util/fake-clock.ts';
import type { IsolatedProcess } from '../process.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { Tracer } from '../templates/tracer.ts';
import { CompiledTemplate } from './compiled-template.ts';
import { TemplateMaking } from './template-making.ts';

function begin(kind: Runtime['makesTemplates']) {
  const stopped: string[] = [];
  const making = new TemplateMaking({
    kind,
    process: { cpuMs: () => 0 } as Partial<IsolatedProcess> as IsolatedProcess,
    variables: {},
    clock: new FakeClock(),
    tracer: new Tracer(),
    archives: undefined,
  });
  return { making, stopped, take: (bytesMax: number) => making.take(bytesMax, async () => void stopped.push('stop')) };
}

test('compiled code is a template, of at most so many bytes, and none where none was told', async () => {
  const { making, take } = begin('compiled-code');
  assert.deepEqual(await take(10), { refused: 'has not told what it has compiled' });
  assert.equal(making.compiled(Buffer.from('code')), undefined);
  assert.equal(making.compiled(Buffer.from('more')), 'compiled code that nobody waits for');
  const made = await take(4);
  assert.ok(made instanceof CompiledTemplate);
  assert.deepEqual(Buffer.from(made.code).toString(), 'code');
  assert.match(JSON.stringify(await take(3)), /has compiled 4 bytes: at most 3 are kept/);
});

test('classes come in pieces of something, and are kept once the process is gone', async () => {
  const { making, stopped, take } = begin('class-archive');
  assert.equal(making.compiled(Buffer.alloc(1)), undefined);
  assert.equal(making.compiled(Buffer.alloc(1)), undefined);
  assert.equal(making.compiled(Buffer.alloc(0)), 'an empty piece of compiled code');
  assert.deepEqual([await take(10), stopped], [{ refused: 'has nowhere to keep it' }, ['stop']]);
});

test('a runtime that makes no templates makes none', async () => {
  assert.deepEqual(await begin(undefined).take(10), { refused: 'is of a runtime that makes none' });
});
