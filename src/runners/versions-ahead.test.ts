/** Environments in which a version's code has been read: who gets them, and when they go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox, type FakeBehaviour } from '../../test/fakes/fake-sandbox.ts';
import { resolvedFunction } from '../../test/fakes/resolved.ts';
import { leased, openRunners } from '../../test/fakes/runners.ts';
import type { FunctionSettings } from '../registry/function.ts';
import type { Resolved } from '../registry/registry.ts';
import type { CodeAhead, Environment, Template } from '../sandbox/sandbox.ts';
import { PlatformError } from '../util/errors.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { RunnersOptions } from './open-runners.ts';
import type { Lease } from './runners.ts';

const mib = 1024 * 1024;
const minuteMs = 60_000;

/** The machine slept meanwhile: the wall clock shows it, and nothing else. */
class JumpingClock extends FakeClock {
  jumpedMs = 0;

  override now(): number {
    return super.now() + this.jumpedMs;
  }
}

function open(behaviour: FakeBehaviour = {}, options: Partial<RunnersOptions> = {}) {
  const clock = new FakeClock();
  const read = new Map<Environment, CodeAhead>();
  const warnings: string[] = [];
  const sandbox = fakeSandbox({
    readAhead: (what, environment) => Promise.resolve(void read.set(environment, what)),
    memoryBytes: () => 15 * mib,
    ...behaviour,
  });
  let made = 0;
  const runners = openRunners({
    sandbox,
    clock,
    keep: { kind: 'fixed', idleMs: 0 },
    warmBytesMax: 1024 * mib,
    prebootedEach: 1,
    variablesFor: (_resolved, environment) => ({ FOR: environment, MADE: String((made += 1)) }),
    warn: (message) => warnings.push(message),
    ...options,
  });
  const lease = async (resolved: Resolved): Promise<Lease> => leased(await runners.lease(resolved));
  /** What waits, by the code that it has read. */
  const waiting = (): string[] =>
    [...read]
      .filter(([environment]) => sandbox.live.has(environment) && !used.has(environment))
      .map(([, { bundlePath }]) => bundlePath)
      .toSorted();
  const used = new Set<Environment>();
  /** Whether it found its code read. What it has it keeps, so that each call is the first of an environment. */
  const call = async (resolved: Resolved): Promise<boolean> => {
    const { environment, start } = await lease(resolved);
    used.add(environment);
    assert.ok(start === 'prebooted' || start === 'cold', start);
    return read.get(environment)?.bundlePath === resolved.bundlePath;
  };
  return { runners, clock, sandbox, warnings, read, lease, call, waiting };
}

const version = (name: string, settings: Partial<FunctionSettings> = {}): Resolved => ({
  ...resolvedFunction(name, { runtime: 'nodejs26.x', ...settings }),
  bundlePath: `/bundles/${name}`,
});
const [one, two] = [version('one'), version('two')];

test('who was called, or was just deployed, finds its code read the next time, and another is read a moment later', async () => {
  const { runners, clock, call, waiting } = open();
  await runners.expectCalls([{ resolved: two, agoMs: 1_000 }]);
  await clock.advance(1_000);
  assert.deepEqual(waiting(), ['/bundles/two']);
  assert.deepEqual([await call(one), await call(two)], [false, true]);
  await clock.advance(1_000);
  assert.deepEqual(waiting(), ['/bundles/one', '/bundles/two']);
  assert.deepEqual([await call(one), await call(one), await call(two)], [true, false, true]);
  await clock.advance(1_000);
  assert.deepEqual(waiting(), ['/bundles/one', '/bundles/two']);
});

test('eight have one, those that are asked for most, and none for ever', async () => {
  const { clock, call, waiting } = open();
  const all = Array.from({ length: 12 }, (_, n) => version(`of-${n}`));
  for (const resolved of all.toReversed()) await call(resolved);
  await clock.advance(1_000);
  assert.equal(waiting().length, 8);
  for (let round = 0; round < 4; round += 1)
    for (const resolved of all.slice(0, 4)) {
      await call(resolved);
      await clock.advance(1_000);
    }
  for (const n of [0, 1, 2, 3]) assert.ok(waiting().includes(`/bundles/of-${n}`), String(n));
  assert.equal(waiting().length, 8);
  await clock.advance(20 * minuteMs);
  assert.deepEqual(waiting(), []);
});

test('it goes with its version, with all runners, and its code is in use until then', async () => {
  const { runners, clock, sandbox, waiting } = open();
  await runners.expectCalls([one, two].map((resolved) => ({ resolved, agoMs: 0 })));
  await clock.advance(1_000);
  assert.deepEqual(runners.codeInUse(), new Set(['/bundles/one', '/bundles/two']));
  runners.retire(({ version: { name } }) => name !== 'one');
  await clock.advance(1_000);
  assert.deepEqual(waiting(), ['/bundles/two']);
  assert.deepEqual(runners.codeInUse(), new Set(['/bundles/two']));
  await runners[Symbol.asyncDispose]();
  assert.deepEqual([sandbox.live.size, clock.timers], [0, 0]);
});

test('what was replaced while its start, or the look at it, was not yet over is not read again', async () => {
  const chosen = Promise.withResolvers<object>();
  const choose = (): Promise<object> => chosen.promise;
  const { runners, clock, call, waiting } = open({}, { releases: { choose, ready: () => {}, failed: () => {} } });
  const [called, expected] = [call(one), runners.expectCalls([two].map((resolved) => ({ resolved, agoMs: 0 })))];
  runners.retire(() => false);
  chosen.resolve({});
  await Promise.all([called, expected]);
  await clock.advance(1_000);
  assert.deepEqual([waiting(), runners.codeInUse()], [[], new Set([one.bundlePath])]);
});

test('none is read for other settings of the same version', async () => {
  const { runners, clock, call } = open();
  const other: Resolved = { ...one, version: { ...one.version, settingsHash: 'another' } };
  await runners.expectCalls([{ resolved: one, agoMs: 0 }]);
  await clock.advance(1_000);
  assert.equal(await call({ ...other, bundlePath: '/bundles/other' }), false);
  assert.equal(await call(one), true);
});

test('variables are those that it was given, while they are as new ones would be', async () => {
  const given: string[] = [];
  const init: FakeBehaviour['init'] = ({ variables }) => {
    given.push(variables.MADE ?? '');
    return Promise.resolve({ status: 'ready' });
  };
  const { runners, clock, call } = open({ init });
  const dayMs = 86_400_000;
  // Five minutes before its end.
  await clock.advance(dayMs - (clock.now() % dayMs) - 5 * minuteMs);
  await runners.expectCalls([one, two].map((resolved) => ({ resolved, agoMs: 0 })));
  await clock.advance(1_000);
  assert.equal(await call(one), true);
  await clock.advance(10 * minuteMs);
  assert.equal(await call(two), true);
  assert.deepEqual(given, ['1', '4'], 'two were made for those that waited, one for who came after');
});

test('variables that are hours old by the wall clock are made anew, however little time has passed for who waits', async () => {
  const given: string[] = [];
  const init: FakeBehaviour['init'] = ({ variables }) => {
    given.push(variables.MADE ?? '');
    return Promise.resolve({ status: 'ready' });
  };
  const clock = new JumpingClock();
  const { runners, call } = open({ init }, { clock });
  await runners.expectCalls([one, two].map((resolved) => ({ resolved, agoMs: 0 })));
  await clock.advance(1_000);
  clock.jumpedMs = 59 * minuteMs;
  assert.equal(await call(one), true);
  clock.jumpedMs = 61 * minuteMs;
  assert.equal(await call(two), true);
  assert.deepEqual(given, ['1', '3']);
});

test('what is secret is not read before it is needed, and where nothing is kept ready nothing is read', async () => {
  const referring = version('referring', { references: true });
  const sealed = version('sealed', { environmentKey: { arn: 'arn', sealed: 'x' } });
  const wanted = open();
  await wanted.runners.expectCalls([referring, sealed].map((resolved) => ({ resolved, agoMs: 0 })));
  assert.deepEqual([await wanted.call(referring), await wanted.call(sealed)], [false, false]);
  await wanted.clock.advance(minuteMs);
  assert.equal(wanted.read.size, 0);

  const none = open({}, { prebootedEach: 0 });
  await none.runners.expectCalls([{ resolved: one, agoMs: 0 }]);
  await none.call(one);
  await none.clock.advance(minuteMs);
  assert.equal(none.read.size, 0);
});

test('one that ends while it waits is nobody’s, and is replaced; what cannot be read is said once, and starts as ever', async () => {
  const { runners, clock, call, read, waiting } = open();
  await runners.expectCalls([{ resolved: one, agoMs: 0 }]);
  await clock.advance(1_000);
  const [crashed] = read.keys();
  await crashed?.stop();
  assert.equal(await call(one), false);
  await clock.advance(5_000);
  assert.deepEqual(waiting(), ['/bundles/one']);
  assert.equal(await call(one), true);

  const failing = open({ readAhead: () => Promise.reject(new Error('it ended')) });
  await failing.runners.expectCalls([{ resolved: one, agoMs: 0 }]);
  await failing.clock.advance(minuteMs);
  assert.equal(await failing.call(one), false);
  assert.deepEqual(failing.warnings, ['the code of one cannot be read before it is called: it ended']);
});

test('a version whose code ends who reads it is read no more, and that is said once', async () => {
  const tried: string[] = [];
  const { runners, clock, call, warnings } = open({
    readAhead: ({ bundlePath }) => {
      tried.push(bundlePath);
      return bundlePath === one.bundlePath
        ? Promise.reject(new PlatformError('unavailable', 'it ended when it was prepared'))
        : Promise.resolve();
    },
  });
  const both = [one, two].map((resolved) => ({ resolved, agoMs: 0 }));
  for (let round = 0; round < 3; round += 1) {
    await runners.expectCalls(both);
    await clock.advance(minuteMs);
    assert.equal(await call(one), false);
  }
  await clock.advance(minuteMs);
  assert.deepEqual(tried.toSorted(), ['/bundles/one', '/bundles/two']);
  assert.deepEqual(warnings, ['the code of one cannot be read before it is called: it ended when it was prepared']);
});

test('once its code is compiled, another is read with that', async () => {
  const template: Template = { kind: 'compiled', bytes: mib, release: () => {} };
  const { runners, clock, read, call, waiting } = open({ template: () => template });
  const snapped = version('snapped', { snapStart: true });
  await runners.expectCalls([{ resolved: snapped, agoMs: 0 }]);
  await clock.advance(100);
  assert.deepEqual(
    [...read.values()].map((what) => what.template),
    [undefined],
  );
  await runners.prepare([snapped]);
  await clock.advance(minuteMs);
  assert.deepEqual(
    [...read.values()].map((what) => what.template),
    [undefined, template],
  );
  assert.deepEqual([waiting(), await call(snapped)], [['/bundles/snapped'], true]);
});

test('it goes before all else where another needs its place', async () => {
  const { runners, clock, waiting, lease } = open({}, { environmentsMax: 2 });
  await runners.expectCalls([{ resolved: one, agoMs: 0 }]);
  await clock.advance(1_000);
  assert.deepEqual(waiting(), ['/bundles/one']);
  await lease(two);
  await lease(version('three'));
  assert.deepEqual(waiting(), []);
});
