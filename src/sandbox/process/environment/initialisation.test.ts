/** What an environment is given before it runs anything, and what is heard of it meanwhile, against a process that this test plays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initSpec, play, ready } from '../../../../test/fakes/played-environment.ts';
import { resolvedFunction } from '../../../../test/fakes/resolved.ts';
import { bytesMaxOf, fromRuntime } from '../channel/frame.ts';
import type { Runtime } from '../runtimes/runtime.ts';

test('memory is limited before the code is loaded, CPU only after', async () => {
  const played = play();
  await ready(played);
  await played.clock.advance(2);
  assert.deepEqual(played.done, ['limit memoryMb', 'attach', 'init', 'limit cpu']);
});

test('memory that is known before the code is limited by then', async () => {
  const played = play({ memoryMb: 256 });
  played.heard.booted();
  await played.environment.booted;
  assert.deepEqual(played.limited, [{ memoryMb: 256 }]);
  const init = played.environment.init({ ...initSpec, version: resolvedFunction('tried', { memoryMb: 256 }).version });
  played.heard.ready();
  await init;
  await played.clock.advance(2);
  assert.deepEqual(played.done, ['limit memoryMb', 'attach', 'init', 'limit cpu']);
});

test('who reads code before it is called has its share of the processors by then, and is free while it loads that', async () => {
  const played = play();
  played.heard.booted();
  await played.environment.booted;
  const { version, bundlePath, variables } = initSpec;
  await played.environment.readAhead({ version, bundlePath, variables });
  assert.deepEqual(played.done, ['limit memoryMb', 'limit cpu', 'attach']);
  const init = played.environment.init(initSpec);
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
  played.heard.ready();
  assert.deepEqual(await init, { status: 'ready' });
  await played.clock.advance(2);
  assert.deepEqual(played.done.slice(3), ['init', 'limit cpu', 'limit cpu']);
  const [share, free, again] = played.limited.flatMap(({ cpu }) => cpu ?? []);
  assert.ok(share !== undefined && share < 1, `${share}`);
  assert.deepEqual([free, again], [Infinity, share]);
});

test('processors are in proportion to memory: one at 1,769 MB, and of six at most at 10,240 MB what that makes', async () => {
  for (const [memoryMb, processors] of [
    [128, 0.072],
    [1_769, 1],
    [10_240, 5.789],
  ] as const) {
    const played = play();
    played.heard.booted();
    await played.environment.booted;
    const init = played.environment.init({ ...initSpec, version: resolvedFunction('tried', { memoryMb }).version });
    played.heard.ready();
    await init;
    await played.clock.advance(2);
    assert.equal(played.limited.at(-1)?.cpu?.toFixed(3), processors.toFixed(3));
  }
});

/** Its code is being loaded for a template of such a kind. */
async function loadingFor(forTemplate: NonNullable<Runtime['makesTemplates']>) {
  const played = play({ forTemplate });
  played.heard.booted();
  await played.environment.booted;
  const init = played.environment.init({ ...initSpec, forTemplate: { imports: [] } });
  const cpuReadsBefore = played.cpuReads();
  return { ...played, init, cpuReads: () => played.cpuReads() - cpuReadsBefore };
}

test('a second piece of compiled code ends the environment, and so does an empty one, or one too many, of classes', async () => {
  const small = (pieces: number): Uint8Array[] => Array.from({ length: pieces }, () => Buffer.alloc(1));
  const large = Buffer.alloc(bytesMaxOf.get(fromRuntime.compiled) ?? 0);
  const told: readonly [Parameters<typeof loadingFor>[0], readonly Uint8Array[], how: RegExp][] = [
    ['compiled-code', [Buffer.alloc(0), Buffer.alloc(0)], /compiled code that nobody waits for/],
    ['compiled-code', [large, Buffer.alloc(1)], /compiled code that nobody waits for/],
    ['class-archive', [Buffer.alloc(0)], /an empty piece of compiled code/],
    ['class-archive', [Buffer.alloc(1), Buffer.alloc(0)], /an empty piece of compiled code/],
    ['class-archive', small(1_000), /more compiled code than is taken/],
    ['class-archive', Array.from({ length: 9 }, () => large), /more compiled code than is taken/],
  ];
  for (const [kind, pieces, how] of told) {
    const { environment, heard, init, lines, cpuReads } = await loadingFor(kind);
    for (const piece of pieces) heard.compiled(piece);
    assert.equal((await init).status, 'exit');
    await environment.ended;
    assert.match(lines.map(({ text }) => text).join('\n'), how);
    assert.equal(cpuReads(), 1, 'only the first says how long loading took');
  }
});

test('as many pieces of classes as a large archive has are taken', async () => {
  const { heard, init, lines, environment } = await loadingFor('class-archive');
  for (let piece = 0; piece < 130; piece += 1) heard.compiled(Buffer.alloc(1));
  heard.ready();
  assert.deepEqual(await init, { status: 'ready' });
  assert.deepEqual(lines, []);
  await environment.stop();
});

test('code that cannot be put in place ends the environment and says why', async () => {
  const played = play({
    attachCode: () => {
      throw new Error('no such bundle');
    },
  });
  played.heard.booted();
  await played.environment.booted;
  assert.equal((await played.environment.init(initSpec)).status, 'exit');
  assert.match(played.lines[0]?.text ?? '', /could not be set up: no such bundle/);
});
