import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox, type FakeBehaviour } from '../../test/fakes/fake-sandbox.ts';
import { resolvedFunction } from '../../test/fakes/resolved.ts';
import { leased, openRunners } from '../../test/fakes/runners.ts';
import type { Environment, InitOutcome } from '../sandbox/sandbox.ts';
import { TemplateNotLoaded } from '../sandbox/template-not-loaded.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { functionArn, type AccountId } from '../util/ids.ts';
import type { RunnersOptions } from './open-runners.ts';
import { bootKind } from './version-key.ts';
import type { Lease } from './runners.ts';

function open(behaviour: FakeBehaviour = {}, options: Partial<RunnersOptions> = {}) {
  const clock = new FakeClock();
  const sandbox = fakeSandbox(behaviour);
  const warnings: string[] = [];
  const runners = openRunners({
    sandbox,
    clock,
    warn: (message) => warnings.push(message),
    ...options,
  });
  return { runners, clock, sandbox, warnings };
}

const hello = resolvedFunction('hello');

test('a released environment serves the next caller warm', async () => {
  const { runners, sandbox } = open();
  assert.equal(runners.tryLease(hello), undefined);
  const first = leased(await runners.lease(hello));
  assert.equal(first.start, 'cold');
  first.release(1);
  const second = runners.tryLease(hello);
  assert.equal(second?.start, 'warm');
  assert.equal(runners.counts(hello.version.arn).busy, 1);
  // The same name, of another account.
  assert.equal(runners.counts(functionArn('us-east-1', '111111111111' as AccountId, 'hello')).busy, 0);
  assert.equal(second?.environment, first.environment);
  assert.equal(sandbox.started.length, 1);
});

test('an environment that ended while it was held is not given to the next caller', async () => {
  const { runners } = open();
  const first = leased(await runners.lease(hello));
  const waiting = runners.lease(hello);
  await first.environment.stop();
  await first.environment.ended;
  first.release(1);
  assert.equal(runners.counts(hello.version.arn).idle, 0);
  const second = leased(await waiting);
  assert.notEqual(second.environment, first.environment);
  assert.equal(second.start, 'cold');
});

test('two callers at once never share an environment', async () => {
  const { runners } = open();
  const leases = (await Promise.all([runners.lease(hello), runners.lease(hello), runners.lease(hello)])).map(leased);
  assert.equal(new Set(leases.map((lease) => lease.environment)).size, 3);
});

test('who waits takes the environment that is free first', async () => {
  let boots = 0;
  const { runners, clock } = open({ start: () => (boots++ === 0 ? Promise.resolve() : new Promise(() => {})) });
  const first = leased(await runners.lease(hello));
  const waiting = runners.lease(hello);
  await clock.advance(5);
  first.release(5);
  const second = leased(await waiting);
  assert.equal(second.start, 'warm');
  assert.equal(second.environment, first.environment);
});

test('an idle environment is ended after the idle time, and not before', async () => {
  const { runners, clock, sandbox } = open();
  leased(await runners.lease(hello)).release(1);
  await clock.advance(59_000);
  assert.equal(sandbox.live.size, 1);
  await clock.advance(1_500);
  assert.equal(sandbox.live.size, 0);
  assert.deepEqual(runners.counts(), { busy: 0, idle: 0, starting: 0, prebooted: 0 });
});

test('with no room left, the longest idle environment of another function gives way', async () => {
  const { runners, sandbox } = open({}, { environmentsMax: 2 });
  const other = resolvedFunction('other');
  leased(await runners.lease(hello)).release(1);
  leased(await runners.lease(other)).release(1);
  const third = leased(await runners.lease(resolvedFunction('third')));
  assert.equal(sandbox.live.size, 2);
  assert.equal(third.start, 'cold');
  assert.equal(runners.tryLease(hello), undefined, 'hello was idle longest');
});

test('with no room and nobody idle, a caller waits, bounded, and is told to come back', async () => {
  const { runners, clock } = open({}, { environmentsMax: 1 });
  leased(await runners.lease(hello));
  const waiting = runners.lease(hello);
  await clock.advance(31_000);
  assert.equal((await waiting).status, 'full');
});

test('whoever waits for a slow start waits for what comes of it; who is behind is told to come back', async () => {
  const initialised = Promise.withResolvers<void>();
  const slow = () => initialised.promise.then((): InitOutcome => ({ status: 'ready' }));
  const { runners, clock } = open({ init: slow }, { environmentsMax: 1 });
  const first = runners.lease(hello);
  const second = runners.lease(hello);
  await clock.advance(31_000);
  assert.equal((await second).status, 'full');
  initialised.resolve();
  assert.equal(leased(await first).start, 'cold');
});

test('a start that mostly waits holds up no other, and one that computes does', async () => {
  const { runners, clock, sandbox } = open({ init: () => new Promise(() => {}) }, { startsAtOnceMax: 1 });
  void runners.lease(hello);
  void runners.lease(resolvedFunction('other'));
  await clock.advance(250);
  assert.equal(sandbox.started.length, 1);
  await clock.advance(100);
  assert.equal(sandbox.started.length, 2);
});

test('a thousand callers of one function do not keep the first of another from its start', async () => {
  const boots: (() => void)[] = [];
  const { runners, sandbox } = open(
    { start: () => new Promise((resolve) => boots.push(resolve)) },
    { startsAtOnceMax: 1, environmentsMax: 100 },
  );
  for (let n = 0; n < 50; n += 1) void runners.lease(hello);
  const other = runners.lease(resolvedFunction('other'));
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    boots.shift()?.();
  }
  assert.equal(leased(await other).start, 'cold');
  assert.ok(sandbox.started.length <= 3);
});

test('on a full machine, who has more than its share gives up what falls free to who has none', async () => {
  const { runners, sandbox } = open({}, { environmentsMax: 4 });
  const [first, second] = (await Promise.all([1, 2, 3, 4].map(() => runners.lease(hello)))).map(leased);
  const behind = runners.lease(hello);
  const poor = runners.lease(resolvedFunction('poor'));
  first?.release(1_000);
  assert.equal(leased(await poor).start, 'cold');
  assert.equal(sandbox.live.size, 4);
  second?.release(1_000);
  assert.equal(leased(await behind).start, 'warm', 'with its share the other has enough');
});

test('where the processors are what is short, no more are started, and nobody begins to wait in vain', async () => {
  let totalMs = 0;
  const processors = { count: 2, times: () => ({ idleMs: 0, totalMs: (totalMs += 1_000) }) };
  const clock = new FakeClock();
  const start = () => new Promise<void>((resolve) => clock.schedule(100, resolve));
  const { runners, sandbox } = open({ start }, { processors, clock });
  const held: Lease[] = [];
  const call = () => runners.lease(hello).then((outcome) => outcome.status === 'leased' && held.push(outcome.lease));
  const pass = async (turns: number, busyMs: number): Promise<void> => {
    for (let turn = 0; turn < turns; turn += 1) {
      await clock.advance(25);
      held.shift()?.release(busyMs);
    }
  };
  // In quiet times it takes 10 ms, and now ten times as long.
  for (let n = 0; n < 10; n += 1) {
    void call();
    await pass(8, 10);
  }
  for (let n = 0; n < 300; n += 1) void call();
  await pass(40, 100);
  const started = sandbox.started.length;
  assert.ok(started < 60, `${started} were started for 300 callers`);
  const late = await runners.lease(hello);
  assert.equal(late.status, 'full');
  assert.ok(late.status === 'full' && late.retryAfterMs > 750, 'it is said how long the wait would be');
  assert.notEqual(runners.refusal(hello), undefined);
  assert.equal(runners.refusal(resolvedFunction('other')), undefined);
  await pass(40, 100);
  assert.equal(sandbox.started.length, started);
});

const several = resolvedFunction('several', { concurrencyPerEnvironment: 10 });
/** A fake environment has room for all that its version runs at the same time. */
const roomy = (environment: Environment): void => void ((environment as { room: number }).room = 10);

test('where one environment runs ten, ten callers have one, and more of them another', async () => {
  const { runners, sandbox } = open({
    init: () => {
      for (const environment of sandbox.started) roomy(environment);
      return Promise.resolve({ status: 'ready' });
    },
  });
  const ten = (await Promise.all(Array.from({ length: 10 }, () => runners.lease(several)))).map(leased);
  assert.equal(new Set(ten.map(({ environment }) => environment)).size, 1);
  const eleventh = leased(await runners.lease(several));
  assert.equal(sandbox.started.length, 2);
  ten[0]?.release(1);
  ten[1]?.release(1);
  assert.equal(runners.tryLease(several)?.environment, eleventh.environment, 'it goes to the fullest below the target');
});

test('one that ran out of time lets the others of its environment end, and then it is ended', async () => {
  const { runners, sandbox } = open({
    init: () => {
      for (const environment of sandbox.started) roomy(environment);
      return Promise.resolve({ status: 'ready' });
    },
  });
  const [first, second] = (await Promise.all([runners.lease(several), runners.lease(several)])).map(leased);
  if (first !== undefined) (first.environment as { room: number }).room = 0;
  first?.discard('timeout');
  assert.equal(sandbox.live.size, 1);
  assert.equal(runners.tryLease(several), undefined, 'it takes no more');
  second?.release(1);
  assert.equal(sandbox.live.size, 0);
  assert.deepEqual(runners.counts(), { busy: 0, idle: 0, starting: 0, prebooted: 0 });
});

test('callers at the same time for a while have environments at seventy in a hundred of what each may run', async () => {
  const { runners, sandbox, clock } = open({
    init: () => {
      for (const environment of sandbox.started) roomy(environment);
      return Promise.resolve({ status: 'ready' });
    },
  });
  const leases = (await Promise.all(Array.from({ length: 10 }, () => runners.lease(several)))).map(leased);
  assert.equal(sandbox.started.length, 1);
  await clock.advance(2_000);
  assert.equal(sandbox.started.length, 2, 'ten at once are more than seven');
  for (const lease of leases) lease.release(2_000);
  await clock.advance(300_000);
  assert.equal(sandbox.live.size, 0, 'and none when nobody calls');
});

const importFailed: InitOutcome = {
  status: 'error',
  error: { errorType: 'Runtime.ImportModuleError', errorMessage: 'no' },
};

test('an initialisation that fails twice is told to the caller, and the next caller gets a new try', async () => {
  let inits = 0;
  const { runners, sandbox } = open({
    init: () => Promise.resolve(inits++ < 2 ? importFailed : { status: 'ready' }),
  });
  const failed = await runners.lease(hello);
  assert.equal(failed.status === 'init_failed' && failed.retried?.first.failure, importFailed);
  assert.equal(sandbox.live.size, 0);
  const lease = leased(await runners.lease(hello));
  assert.equal(lease.retried, undefined);
});

test('an initialisation has 10 s, and then once more as long as an invocation', async () => {
  const timeouts: number[] = [];
  const { runners, sandbox, clock } = open({
    async init({ timeoutMs }) {
      timeouts.push(timeoutMs);
      const isFirst = timeouts.length === 1;
      await clock.advance(isFirst ? timeoutMs : 1_500);
      return isFirst ? { status: 'timeout' } : { status: 'ready' };
    },
  });
  const lease = leased(await runners.lease(hello));
  assert.deepEqual(timeouts, [10_000, hello.version.settings.timeoutMs]);
  assert.equal(sandbox.live.size, 1);
  assert.equal(lease.initUs, 10_000_000);
  assert.deepEqual(
    { ...lease.retried, first: { ...lease.retried?.first, environmentId: undefined } },
    { first: { failure: { status: 'timeout' }, environmentId: undefined, initUs: 10_000_000 }, spentUs: 1_500_000 },
  );
  lease.release(1);
  assert.equal(runners.tryLease(hello)?.retried, undefined);
});

test('provisioned environments have longer for it, and are not tried again at once', async () => {
  const timeouts: number[] = [];
  const { runners, clock } = open({
    init({ timeoutMs }) {
      timeouts.push(timeoutMs);
      return Promise.resolve(importFailed);
    },
  });
  runners.provide([{ resolved: hello, count: 1 }]);
  await clock.advance(0);
  assert.deepEqual(timeouts, [130_000]);
  runners.provide([]);
});

test('a sandbox that cannot start is an answer, not an exception', async () => {
  const { runners } = open({ start: () => Promise.reject(new Error('bubblewrap is not installed')) });
  assert.deepEqual(await runners.lease(hello), { status: 'unavailable', message: 'bubblewrap is not installed' });
});

test('a retired version ends its idle environments at once and its busy ones when they are free', async () => {
  const { runners, sandbox } = open();
  const [busy, idle] = (await Promise.all([runners.lease(hello), runners.lease(hello)])).map(leased);
  idle?.release(1);
  runners.retire(() => false);
  assert.equal(sandbox.live.size, 1);
  busy?.release(1);
  assert.equal(sandbox.live.size, 0);
});

test('a pre-booted environment is taken, and replaced a moment later', async () => {
  const { runners, clock, sandbox } = open({}, { prebootedEach: 1 });
  runners.want([bootKind(hello.version.settings)]);
  await clock.advance(1);
  assert.equal(runners.counts().prebooted, 1);
  assert.equal(leased(await runners.lease(hello)).start, 'prebooted');
  assert.equal(runners.counts().prebooted, 0);
  await clock.advance(100);
  assert.equal(runners.counts().prebooted, 1);
  assert.equal(sandbox.started.length, 2);
});

test('a pre-booted environment is told whose it will be before its variables are made, and one that is started for somebody is not', async () => {
  const done: string[] = [];
  const { runners, clock } = open(
    {
      expect: ({ name }) => void done.push(`expects ${name}`),
      init() {
        done.push('init');
        return Promise.resolve({ status: 'ready' });
      },
    },
    {
      prebootedEach: 1,
      variablesFor: () => {
        done.push('variables');
        return {};
      },
    },
  );
  runners.want([bootKind(hello.version.settings)]);
  await clock.advance(1);
  const starts = [leased(await runners.lease(hello)).start, leased(await runners.lease(hello)).start];
  assert.deepEqual(starts, ['prebooted', 'cold']);
  assert.deepEqual(done, ['expects hello', 'variables', 'init', 'variables', 'init']);
});

test('a pre-booted environment that gave way comes back when there is room again', async () => {
  const { runners, clock } = open({}, { prebootedEach: 1, environmentsMax: 2 });
  const settings = { ...hello.version.settings, memoryMb: 256 };
  runners.want([bootKind(settings)]);
  await clock.advance(1);
  const leases = [leased(await runners.lease(hello)), leased(await runners.lease(hello))];
  assert.equal(runners.counts().prebooted, 0);
  await clock.advance(5_000);
  assert.equal(runners.counts().prebooted, 0, 'there is no room');
  for (const lease of leases) lease.release(1);
  await clock.advance(5_000);
  assert.equal(runners.counts().prebooted, 0, 'those that are idle are worth more');
  await clock.advance(60_000);
  assert.deepEqual(runners.counts(), { busy: 0, idle: 0, starting: 0, prebooted: 1 });
});

test('a runtime that cannot boot is said once and tried again ever more slowly', async () => {
  let tries = 0;
  let fails = true;
  const { runners, clock, warnings } = open(
    { start: () => (tries++, fails ? Promise.reject(new Error('nothing')) : Promise.resolve()) },
    { prebootedEach: 2 },
  );
  runners.want([{ runtime: 'python', network: 'internet', ephemeralMb: 512, memoryMb: 128 }]);
  await clock.advance(100_000);
  assert.deepEqual(warnings, ['no environment of python can be kept ready: nothing']);
  assert.ok(tries >= 5 && tries <= 20, `${tries} tries in 100 s`);
  fails = false;
  await clock.advance(60_000);
  assert.deepEqual(warnings.slice(1), ['environments of python are kept ready again']);
  assert.equal(runners.counts().prebooted, 2);
});

test('who waits for a runtime to boot gets one that goes on from its account’s template, or else one that boots', async () => {
  const template = { kind: 'image', bytes: 1, release: () => {} } as const;
  const memories: unknown[] = [];
  let fails = false;
  const { runners, clock } = open({
    runtimeTemplates: true,
    template: () => template,
    start(spec) {
      memories.push(spec.memory);
      return fails && spec.memory !== undefined ? Promise.reject(new TemplateNotLoaded('lost')) : Promise.resolve();
    },
  });
  const python = { runtime: 'python', network: 'internet', ephemeralMb: 512, memoryMb: 128 } as const;
  runners.want([], [{ account: hello.version.account, kind: python }]);
  await clock.advance(1_000);
  assert.deepEqual(memories, [undefined], 'the one that became the template');
  const [one, fresh] = [resolvedFunction('one', python), resolvedFunction('two', { ...python, template: false })];
  assert.equal(leased(await runners.lease(one)).start, 'cold');
  leased(await runners.lease(fresh));
  fails = true;
  leased(await runners.lease(one));
  leased(await runners.lease(one));
  assert.deepEqual(memories.slice(1), [template, undefined, template, undefined, undefined]);
});

test('an image is not given up for what a start without it fails with as well', async () => {
  const template = { kind: 'image', bytes: 1, release: () => {} } as const;
  const memories: unknown[] = [];
  let isFull = false;
  const { runners, clock, warnings } = open({
    runtimeTemplates: true,
    template: () => template,
    start(spec) {
      memories.push(spec.memory);
      return isFull ? Promise.reject(new Error('4000 environments exist already')) : Promise.resolve();
    },
  });
  const python = { runtime: 'python', network: 'internet', ephemeralMb: 512, memoryMb: 128 } as const;
  runners.want([], [{ account: hello.version.account, kind: python }]);
  await clock.advance(1_000);
  const one = resolvedFunction('one', python);
  isFull = true;
  const { status, ...why } = await runners.lease(one);
  assert.deepEqual([status, why], ['unavailable', { message: '4000 environments exist already' }]);
  isFull = false;
  leased(await runners.lease(one));
  assert.deepEqual(memories.slice(1), [template, undefined, template]);
  assert.deepEqual(warnings, []);
});

test('where nothing can wait for an image, what has a template boots, and waiting is tried again later', async () => {
  const template = { kind: 'image', bytes: 1, release: () => {} } as const;
  const memories: unknown[] = [];
  let waits = false;
  const { runners, clock, warnings } = open({
    runtimeTemplates: true,
    template: () => template,
    start(spec) {
      memories.push(spec.memory);
      return waits || spec.memory === undefined ? Promise.resolve() : Promise.reject(new Error('EACCES'));
    },
  });
  const one = resolvedFunction('one', { runtime: 'python', snapStart: true });
  await runners.prepare([one]);
  await clock.advance(1_000);
  memories.length = 0;
  for (let turn = 0; turn < 2; turn += 1) assert.equal(leased(await runners.lease(one)).start, 'template');
  assert.deepEqual(memories, ['template', undefined, undefined]);
  assert.deepEqual(warnings, ['environments of python are booted instead of waiting for an image: EACCES']);
  waits = true;
  await clock.advance(60_000);
  leased(await runners.lease(one));
  assert.equal(memories.at(-1), 'template');
  assert.equal(warnings.length, 1);
});

test('while calls find nothing ready, nothing is booted for later', async () => {
  const { runners, clock } = open({}, { prebootedEach: 1 });
  runners.want([bootKind(hello.version.settings)]);
  await clock.advance(1);
  assert.equal(leased(await runners.lease(hello)).start, 'prebooted');
  for (let call = 0; call < 4; call++) {
    assert.equal(leased(await runners.lease(hello)).start, 'cold');
    await clock.advance(100);
  }
  assert.equal(runners.counts().prebooted, 0);
  await clock.advance(400);
  assert.equal(runners.counts().prebooted, 1);
});

test('an environment that was booting when all ends is no failure', async () => {
  const { promise: killed, reject } = Promise.withResolvers<void>();
  const { runners, clock, warnings } = open({ start: () => killed }, { prebootedEach: 1 });
  runners.want([{ runtime: 'python', network: 'internet', ephemeralMb: 512, memoryMb: 128 }]);
  await clock.advance(1);
  await runners[Symbol.asyncDispose]();
  reject(new Error('killed'));
  await clock.advance(1);
  assert.deepEqual(warnings, []);
});

test('closing ends busy, idle and pre-booted environments and answers those who wait', async () => {
  const { runners, sandbox, clock } = open({}, { prebootedEach: 1, environmentsMax: 2 });
  runners.want([{ runtime: 'python', network: 'internet', ephemeralMb: 512, memoryMb: 128 }]);
  await clock.advance(1);
  leased(await runners.lease(hello));
  leased(await runners.lease(hello));
  const waiting = runners.lease(hello);
  await runners[Symbol.asyncDispose]();
  assert.equal(sandbox.live.size, 0);
  assert.equal((await waiting).status, 'unavailable');
});

test('closing answers those who wait for a version that was replaced, too', async () => {
  const { runners } = open({}, { environmentsMax: 1 });
  leased(await runners.lease(hello));
  const waiting = runners.lease(hello);
  runners.retire(() => false);
  await runners[Symbol.asyncDispose]();
  const turn = new Promise((resolve) => setImmediate(() => resolve('still waits')));
  assert.deepEqual(await Promise.race([waiting, turn]), {
    status: 'unavailable',
    message: 'the platform is shutting down',
  });
});

test('a quick function is handed over ahead to a busy environment, a slow one gets another', async () => {
  const { runners, clock, sandbox } = open();
  const use = async (busyMs: number): Promise<void> => leased(await runners.lease(hello)).release(busyMs);
  for (let n = 0; n < 20; n += 1) await use(0.1);
  const first = leased(await runners.lease(hello));
  (first.environment as { room: number }).room = 5;
  const ahead = runners.tryLease(hello);
  assert.equal(ahead?.environment, first.environment);
  ahead?.giveBack();
  first.release(25);
  for (let n = 0; n < 30; n += 1) await use(0.1);
  const again = leased(await runners.lease(hello));
  assert.equal(runners.tryLease(hello), undefined, 'one slow call is a reason to wait');
  await clock.advance(2_001);
  assert.equal(runners.tryLease(hello)?.environment, again.environment);
  assert.equal(sandbox.started.length, 1);
});

test('one slow call among thousands of quick ones is forgotten after five thousand', async () => {
  const { runners } = open();
  const use = async (busyMs: number): Promise<void> => leased(await runners.lease(hello)).release(busyMs);
  await use(25);
  for (let n = 0; n < 4_999; n += 1) await use(0.1);
  const held = leased(await runners.lease(hello));
  (held.environment as { room: number }).room = 5;
  assert.equal(runners.tryLease(hello), undefined);
  held.release(0.1);
  const again = leased(await runners.lease(hello));
  assert.equal(runners.tryLease(hello)?.environment, again.environment);
});

test('who must be alone waits for an environment that nobody holds', async () => {
  const { runners } = open({}, { environmentsMax: 1 });
  for (let n = 0; n < 20; n += 1) leased(await runners.lease(hello)).release(0.1);
  const first = leased(await runners.lease(hello));
  (first.environment as { room: number }).room = 5;
  const second = runners.tryLease(hello) ?? assert.fail('a quick one waits behind another');
  const order: string[] = [];
  const alone = runners.lease(hello, { alone: true }).then((outcome) => {
    order.push('alone');
    return outcome;
  });
  first.release(0.1);
  await new Promise((resolve) => setImmediate(resolve));
  order.push('the second is through');
  second.release(0.1);
  assert.equal(leased(await alone).environment, first.environment);
  assert.deepEqual(order, ['the second is through', 'alone']);
});

test('an idle environment whose process has just gone is not leased', async () => {
  const { runners, sandbox } = open();
  const first = leased(await runners.lease(hello));
  first.release(1);
  (first.environment as { room: number }).room = 0;
  assert.equal(runners.tryLease(hello), undefined);
  assert.equal(sandbox.live.size, 0);
  assert.equal(leased(await runners.lease(hello)).start, 'cold');
});

test('many first callers do not start more at once than the processors can', async () => {
  let starting = 0;
  let mostStarting = 0;
  const { runners, clock } = open({
    start: async () => {
      mostStarting = Math.max(mostStarting, ++starting);
      await new Promise((resolve) => setImmediate(resolve));
      starting -= 1;
    },
  });
  const outcomes = Array.from({ length: 20 }, () => runners.lease(hello));
  for (let turns = 0; turns < 20; turns += 1) await clock.advance(1);
  const leases = (await Promise.all(outcomes)).map(leased);
  assert.equal(new Set(leases.map((lease) => lease.environment)).size, 20);
  assert.equal(mostStarting, 4);
});
