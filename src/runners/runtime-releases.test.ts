import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox, type FakeBehaviour } from '../../test/fakes/fake-sandbox.ts';
import { openRunners } from '../../test/fakes/runners.ts';
import { resolvedFunction, testAccount } from '../../test/fakes/resolved.ts';
import { noExtras, type RuntimeManagement } from '../registry/function.ts';
import type { Resolved } from '../registry/registry.ts';
import type { BootSpec } from '../sandbox/sandbox.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { Telemetry } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type RequestId } from '../util/ids.ts';
import type { RuntimeName } from '../util/runtime-names.ts';
import type { Lease } from './runners.ts';
import { RuntimeReleases } from './runtime-releases.ts';

const [first, second] = [
  { id: 'a'.repeat(64), version: '26.1.0' },
  { id: 'b'.repeat(64), version: '26.2.0' },
];

/** `chance`: what the dice say, from 0 to 1. `onSecond`: what comes of initialising with the newer release. */
async function setUp(options: { management?: RuntimeManagement; onSecond?: 'ready' | 'error' } = {}) {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const releases = { current: first, kept: new Set<string>() };
  const startedWith = new Map<string, string | undefined>();
  const behaviour: FakeBehaviour = {
    releases,
    start: (spec: BootSpec) => Promise.resolve(void startedWith.set(spec.id, spec.release)),
    init: () =>
      Promise.resolve(
        options.onSecond === 'error' && [...startedWith.values()].at(-1) === second.id
          ? { status: 'error', error: { errorType: 'Runtime.ImportModuleError', errorMessage: 'no such module' } }
          : { status: 'ready' },
      ),
  };
  const sandbox = fakeSandbox(behaviour);
  let chance = 0.5;
  const ids = {
    ...randomIds,
    hex: (bytes: number) =>
      bytes === 4
        ? Math.floor(chance * 2 ** 32)
            .toString(16)
            .padStart(8, '0')
        : randomIds.hex(bytes),
  };
  const plain = resolvedFunction('hello');
  const resolved: Resolved = {
    ...plain,
    function: {
      ...plain.function,
      extras: {
        ...noExtras,
        runtimeManagement: options.management === undefined ? {} : { $LATEST: options.management },
      },
    },
    version: { ...plain.version, createdMs: clock.now() },
  };
  let isThere = true;
  const log: string[] = [];
  const replaced: string[] = [];
  const open = () =>
    RuntimeReleases.open({
      records: store.records,
      sandbox,
      clock,
      ids,
      tries: true,
      deployed: () => Promise.resolve(isThere ? [resolved] : []),
      replace: ({ name }) => replaced.push(name),
      log: (message) => log.push(message),
    });
  let opened = await open();
  const telemetry = new Telemetry();
  telemetry.attach({ take: (event) => opened.take(event), flush: () => opened.flush() });
  const runners = openRunners({
    sandbox,
    clock,
    ids,
    telemetry,
    warn: (message) => log.push(message),
    releases: {
      choose: (of) => opened.choose(of),
      ready: (...given) => opened.ready(...given),
      failed: (of) => opened.failed(of),
    },
  });
  /** A cold start. */
  const start = async (): Promise<Lease> => {
    const outcome = await runners.lease(resolved);
    if (outcome.status !== 'leased') throw new Error(outcome.status);
    return outcome.lease;
  };
  return {
    clock,
    sandbox,
    releases,
    resolved,
    log,
    replaced,
    telemetry,
    start,
    /** The release that a new environment has. */
    async startedRelease(): Promise<string | undefined> {
      return startedWith.get((await start()).environment.id);
    },
    remove: () => (isThere = false),
    roll: (next: number) => (chance = next),
    get opened() {
      return opened;
    },
    async reopen(): Promise<void> {
      await opened.flush();
      opened.close();
      opened = await open();
    },
    /** Another release is installed, and noticed. */
    async install(): Promise<void> {
      await opened.look();
      await clock.advance(1_000);
      releases.current = second;
      await opened.look();
    },
  };
}

test('a newer release is tried on a share of new environments, and adopted when it works', async () => {
  const rig = await setUp();
  assert.equal(await rig.startedRelease(), first.id);
  await rig.install();
  assert.ok(rig.releases.kept.has(first.id), 'what functions use is kept');
  assert.equal(await rig.startedRelease(), first.id, 'most go on as before');
  rig.roll(0.05);
  assert.equal(await rig.startedRelease(), second.id);
  assert.deepEqual(
    rig.opened.list().map(({ version, newest, triedBy }) => [version, newest, triedBy]),
    [
      ['26.1.0', false, []],
      ['26.2.0', true, [`${testAccount}/hello/1`]],
    ],
  );
  for (let runs = 1; runs < 20; runs += 1) await rig.start();
  assert.deepEqual(rig.replaced, [], 'not within minutes');
  await rig.clock.advance(10 * 60_000);
  await rig.start();
  assert.deepEqual(rig.replaced, ['hello']);
  assert.match(rig.log.at(-1) ?? '', /^hello:1 goes over to the release b{12} of nodejs26\.x, tried 21 times$/);
  rig.roll(0.9);
  assert.equal(await rig.startedRelease(), second.id);
  await rig.reopen();
  assert.equal(await rig.startedRelease(), second.id, 'also after a restart');
  await rig.opened.look();
  assert.deepEqual([...rig.releases.kept], [second.id], 'and nobody needs the one before');
});

test('where it does not initialise, the one before does, the caller sees nothing, and after the second time it is not tried again', async () => {
  const rig = await setUp({ onSecond: 'error' });
  await rig.start();
  await rig.install();
  rig.roll(0);
  assert.equal(await rig.startedRelease(), first.id);
  assert.deepEqual(rig.replaced, []);
  assert.equal(await rig.startedRelease(), first.id);
  assert.deepEqual(rig.replaced, ['hello']);
  assert.match(
    rig.log.at(-1) ?? '',
    /^hello:1 goes back to the release of nodejs26\.x that it had: with b{12} it failed 2 times of 2$/,
  );
  const before = rig.sandbox.started.length;
  assert.equal(await rig.startedRelease(), first.id);
  assert.equal(rig.sandbox.started.length, before + 1, 'without a trial');
  await rig.reopen();
  assert.equal(await rig.startedRelease(), first.id, 'also after a restart');
  assert.deepEqual(rig.opened.list().at(-1)?.refusedBy, [`${testAccount}/hello/1`]);
  assert.equal(rig.opened.current(rig.resolved)?.id, first.id);

  rig.remove();
  await rig.opened.look();
  await rig.reopen();
  assert.deepEqual(rig.opened.list().at(-1)?.refusedBy, [], 'what is gone is forgotten');
});

test('one that initialises and then falls down is gone back from, too', async () => {
  const rig = await setUp();
  await rig.start();
  await rig.install();
  for (const chance of [0.5, 0, 0]) {
    rig.roll(chance);
    const { environment } = await rig.start();
    rig.telemetry.emit({
      kind: 'invocation.settled',
      timeMs: 0,
      account: testAccount,
      functionName: 'hello',
      functionArn: rig.resolved.version.arn,
      version: rig.resolved.version.version,
      requestId: 'r' as RequestId,
      attempt: 1,
      source: 'test',
      start: 'cold',
      environmentId: environment.id,
      phases: { queueUs: 0, placeUs: 0, provisionUs: 0, initUs: 0, handlerUs: 0, replyUs: 0 },
      billedMs: 1,
      memoryMb: 128,
      memoryBytesMax: 1,
      requestBytes: 0,
      responseBytes: 0,
      traceId: '',
      ...(chance === 0 ? { status: 'exit', errorType: 'Runtime.ExitError' } : { status: 'ok' }),
    });
  }
  assert.match(rig.log.at(-1) ?? '', /goes back to the release .* it failed 2 times of 4$/);
});

test('who asked to stay stays, and who asked for the next deployment waits for it', async () => {
  const pinned = await setUp({ management: { mode: 'manual', runtimeVersion: first.id } });
  assert.equal(await pinned.opened.pin('nodejs26.x', second.id), false, 'not on this machine');
  assert.equal(await pinned.opened.pin('nodejs26.x', first.id), true);
  assert.ok(pinned.releases.kept.has(first.id));
  await pinned.install();
  pinned.roll(0);
  assert.equal(await pinned.startedRelease(), first.id);
  await pinned.opened.look();
  assert.ok(pinned.releases.kept.has(first.id), 'and it is kept as long');
  pinned.releases.kept.delete(first.id);
  assert.equal(await pinned.startedRelease(), undefined, 'unless somebody removed it');
  assert.match(pinned.log.at(-1) ?? '', /is not on this machine any more/);

  const waiting = await setUp({ management: { mode: 'function_update' } });
  await waiting.start();
  await waiting.install();
  waiting.roll(0);
  assert.equal(await waiting.startedRelease(), first.id);
  const deployed = { ...waiting.resolved, version: { ...waiting.resolved.version, createdMs: waiting.clock.now() } };
  assert.equal((await waiting.opened.settled(deployed))?.id, second.id);
});

test('a runtime that cannot be kept is said to be so, and the others are looked at all the same', async () => {
  const clock = new FakeClock();
  const kept: string[] = [];
  const log: string[] = [];
  const of = (runtime: RuntimeName): Resolved => {
    const plain = resolvedFunction(`in-${runtime}`);
    return { ...plain, version: { ...plain.version, settings: { ...plain.version.settings, runtime } } };
  };
  const sandbox = fakeSandbox({ releases: { current: first, kept: new Set() } });
  const releases = await RuntimeReleases.open({
    records: openMemoryStore({ clock }).records,
    sandbox: {
      ...sandbox,
      keep(runtime) {
        if (runtime === 'nodejs26.x') return Promise.reject(new Error('no space left on device'));
        kept.push(runtime);
        return Promise.resolve(true);
      },
    },
    clock,
    ids: randomIds,
    tries: true,
    deployed: () => Promise.resolve([of('nodejs26.x'), of('python3.13')]),
    replace: () => assert.fail('nothing is replaced'),
    log: (message) => log.push(message),
  });
  await releases.look();
  releases.close();
  assert.deepEqual(kept, ['python3.13']);
  assert.equal(log.length, 1);
  assert.match(log[0] ?? '', /^the runtime nodejs26.x could not be looked at.*no space left on device$/);
});
