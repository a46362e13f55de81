/** Environments that wait with a version's template loaded: who gets them, and when they go. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fakeSandbox, type FakeBehaviour } from '../../test/fakes/fake-sandbox.ts';
import { resolvedFunction } from '../../test/fakes/resolved.ts';
import { leased, openRunners } from '../../test/fakes/runners.ts';
import type { Resolved } from '../registry/registry.ts';
import type { Ahead, Environment, Template } from '../sandbox/sandbox.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { RunnersOptions } from './open-runners.ts';
import type { Lease } from './runners.ts';

const mib = 1024 * 1024;

function open(behaviour: FakeBehaviour = {}, options: Partial<RunnersOptions> = {}) {
  const clock = new FakeClock();
  const warnings: string[] = [];
  const templates: Template[] = [];
  const sandbox = fakeSandbox({
    template() {
      const template = { kind: 'image', bytes: mib, release: () => {} } as const;
      templates.push(template);
      return template;
    },
    ...behaviour,
  });
  const runners = openRunners({
    sandbox,
    clock,
    keep: { kind: 'fixed', idleMs: 0 },
    warmBytesMax: 1024 * mib,
    prebootedEach: 1,
    warn: (message) => warnings.push(message),
    ...options,
  });
  const lease = async (resolved: Resolved): Promise<Lease> => leased(await runners.lease(resolved));
  return { runners, clock, sandbox, warnings, templates, lease };
}

const version = (name: string): Resolved => ({
  ...resolvedFunction(name, { runtime: 'python', snapStart: true }),
  bundlePath: `/bundles/${name}`,
});
const [one, two] = [version('one'), version('two')];

/** Which of them have had something loaded. */
function loading(): { loaded: Map<Environment, Ahead>; loadAhead: NonNullable<FakeBehaviour['loadAhead']> } {
  const loaded = new Map<Environment, Ahead>();
  return { loaded, loadAhead: (what, environment) => Promise.resolve(void loaded.set(environment, what)) };
}

test('a version that has a template finds its own loaded, and another is loaded a moment later', async () => {
  const { loaded, loadAhead } = loading();
  const { runners, clock, lease, templates } = open({ loadAhead });
  await runners.prepare([one, two]);
  await clock.advance(5_000);
  assert.deepEqual(
    [...loaded.values()].map(({ template }) => template),
    templates,
  );
  for (const [of, resolved] of [one, two, one].entries()) {
    const { environment, start } = await lease(resolved);
    assert.equal(start, 'template');
    const own = loaded.get(environment);
    assert.equal(own?.bundlePath, resolved.bundlePath);
    assert.equal(own?.template, templates[of % 2], 'never what was loaded for another version');
    await clock.advance(1_000);
    assert.equal(loaded.size, 3 + of);
  }
});

test('who comes while there is none loads the template himself, and so does everybody where it cannot be ahead', async () => {
  const { loaded, loadAhead } = loading();
  const { runners, clock, lease } = open({ loadAhead });
  await runners.prepare([one]);
  await clock.advance(5_000);
  const [first, second] = await Promise.all([lease(one), lease(one)]);
  assert.deepEqual([first.start, second.start], ['template', 'template']);
  assert.deepEqual([loaded.has(first.environment), loaded.has(second.environment)], [true, false]);

  let fails = true;
  const failing = open({ loadAhead: () => (fails ? Promise.reject(new Error('no room')) : Promise.resolve()) });
  await failing.runners.prepare([one]);
  await failing.clock.advance(60_000);
  assert.equal((await failing.lease(one)).start, 'template');
  assert.deepEqual(failing.warnings, ['the template of one cannot be loaded before it is called: no room']);
  fails = false;
  await failing.clock.advance(600_000);
  assert.deepEqual(failing.warnings.slice(1), ['the template of one is loaded again before it is called']);
});

test('while calls find none, none is loaded for later', async () => {
  const { loaded, loadAhead } = loading();
  const { runners, clock, lease } = open({ loadAhead });
  await runners.prepare([one]);
  await clock.advance(5_000);
  assert.equal(loaded.size, 1);
  await lease(one);
  for (let call = 0; call < 4; call += 1) {
    await lease(one);
    await clock.advance(100);
  }
  assert.equal(loaded.size, 1);
  await clock.advance(400);
  assert.equal(loaded.size, 2);
});

test('calls that find none, minute after minute, leave no more timers than one does, and the end leaves none', async () => {
  const { runners, clock, lease } = open();
  const single: Resolved = {
    ...resolvedFunction('single', { runtime: 'python', snapStart: true, reuse: 'none' }),
    bundlePath: '/bundles/single',
  };
  await runners.prepare([single]);
  await clock.advance(5_000);
  const call = async (): Promise<void> => {
    const { release } = await lease(single);
    await clock.advance(50);
    release(1);
  };
  const timers: number[] = [];
  for (let second = 0; second < 60; second += 1) {
    for (let round = 0; round < 10; round += 1) await Promise.all([call(), call()]);
    timers.push(clock.timers);
  }
  assert.ok(Math.max(...timers.slice(10)) <= Math.max(...timers.slice(0, 10)), timers.join(' '));
  await lease(single);
  await runners[Symbol.asyncDispose]();
  assert.equal(clock.timers, 0);
});

test('one that ends while it waits is nobody’s, and is replaced', async () => {
  const { loaded, loadAhead } = loading();
  const { runners, clock, lease } = open({ loadAhead });
  await runners.prepare([one]);
  await clock.advance(5_000);
  const [crashed] = loaded.keys();
  await crashed?.stop();
  assert.ok(!loaded.has((await lease(one)).environment));
  await clock.advance(5_000);
  const next = await lease(one);
  assert.notEqual(next.environment, crashed);
  assert.ok(loaded.has(next.environment));
});

test('it goes with its version, and its code is in use until then', async () => {
  const { loaded, loadAhead } = loading();
  const { runners, clock, sandbox } = open({ loadAhead });
  await runners.prepare([one, two]);
  await clock.advance(5_000);
  assert.deepEqual(runners.codeInUse(), new Set([one.bundlePath, two.bundlePath]));
  await runners.prepare([two]);
  await clock.advance(5_000);
  const left = [...loaded].filter(([environment]) => sandbox.live.has(environment));
  assert.deepEqual(
    left.map(([, { bundlePath }]) => bundlePath),
    [two.bundlePath],
  );
  assert.ok(!runners.codeInUse().has(one.bundlePath));
  await runners[Symbol.asyncDispose]();
  assert.equal(sandbox.live.size, 0);
});

test('it goes before all else that is kept where memory is short, or another needs its place', async () => {
  const { loaded, loadAhead } = loading();
  let availableBytes = 1_024 * mib;
  const machineMemory = (): { totalBytes: number; availableBytes: number } => ({
    totalBytes: 1_024 * mib,
    availableBytes,
  });
  const options: Partial<RunnersOptions> = { machineMemory, keep: { kind: 'fixed', idleMs: 600_000 } };
  const short = open({ loadAhead }, options);
  await short.runners.prepare([one]);
  await short.clock.advance(5_000);
  const kept = await short.lease(resolvedFunction('kept'));
  kept.release(1);
  await short.clock.advance(2_000);
  const isLive = (environment: Environment): boolean => short.sandbox.live.has(environment);
  assert.equal([...loaded.keys()].filter(isLive).length, 1);
  // Some 30 MB too little.
  availableBytes = 98 * mib;
  await short.clock.advance(6_000);
  assert.deepEqual([[...loaded.keys()].filter(isLive).length, isLive(kept.environment)], [0, true]);
  availableBytes = 1_024 * mib;
  await short.clock.advance(6_000);
  assert.equal([...loaded.keys()].filter(isLive).length, 1, 'there is room again');

  const full = open({ loadAhead }, { ...options, environmentsMax: 3 });
  await full.runners.prepare([one]);
  await full.clock.advance(5_000);
  const other = await full.lease(resolvedFunction('other'));
  other.release(1);
  await full.lease(resolvedFunction('another'));
  assert.ok(full.sandbox.live.has(other.environment), 'what is warm is worth more');
});

test('a version with external extensions, which starts from no template, has none made', async (context) => {
  const layersPath = mkdtempSync(join(tmpdir(), 'mayfly-loaded-ahead-'));
  context.after(() => rmSync(layersPath, { recursive: true }));
  const { loaded, loadAhead } = loading();
  const { runners, clock, templates } = open({ loadAhead });
  const extended: Resolved = { ...one, layersPath };
  await runners.prepare([extended]);
  await clock.advance(5_000);
  assert.deepEqual([templates.length, loaded.size], [1, 1], 'its layers have no extensions');
  await runners.prepare([]);
  mkdirSync(join(layersPath, 'extensions'));
  writeFileSync(join(layersPath, 'extensions', 'one'), '');
  await runners.prepare([extended]);
  await clock.advance(5_000);
  assert.deepEqual([templates.length, loaded.size], [1, 1]);
});

test('it needs no more room in the memory for what is warm than it may hold', async () => {
  const { loaded, loadAhead } = loading();
  const little = { loadAhead, memoryBytes: () => 4 * mib };
  const { runners, clock } = open(little, { warmBytesMax: 44 * mib });
  await runners.prepare([one]);
  await clock.advance(5_000);
  assert.equal(loaded.size, 1);
});

test('where nothing is kept ready, nothing is loaded ahead', async () => {
  const { loaded, loadAhead } = loading();
  const { runners, clock, lease } = open({ loadAhead }, { prebootedEach: 0 });
  await runners.prepare([one]);
  await clock.advance(60_000);
  assert.equal((await lease(one)).start, 'template');
  await clock.advance(60_000);
  assert.equal(loaded.size, 0);
});
