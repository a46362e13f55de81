import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeSandbox, type FakeBehaviour } from '../../test/fakes/fake-sandbox.ts';
import { resolvedFunction } from '../../test/fakes/resolved.ts';
import { leased, openRunners } from '../../test/fakes/runners.ts';
import type { BootSpec, Template } from '../sandbox/sandbox.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { Lease } from './runners.ts';
import { bootKind } from './version-key.ts';

const [anewMs, archivedMs] = [800, 300];
const slow = resolvedFunction('slow', { runtime: 'java', snapStart: true });

/** With an archive of one version that is made already. `start`: what becomes of a boot. */
async function open({ withMs = archivedMs, start }: { withMs?: number; start?: FakeBehaviour['start'] } = {}) {
  const clock = new FakeClock();
  const released: Template[] = [];
  const template: Template = {
    bytes: 1,
    kind: 'archive',
    loadUs: anewMs * 1_000,
    release: () => void released.push(template),
  };
  const booted: BootSpec[] = [];
  const sandbox = fakeSandbox({
    template: () => template,
    async start(spec) {
      booted.push(spec);
      await start?.(spec);
    },
    async init({ forTemplate }) {
      const hasArchive = booted.at(-1)?.template !== undefined;
      if (forTemplate === undefined) await passes(hasArchive ? withMs : anewMs);
      return { status: 'ready' };
    },
  });
  const passes = (ms: number): Promise<void> => new Promise((resolve) => clock.schedule(ms, resolve));
  const runners = openRunners({
    sandbox,
    clock,
    keep: { kind: 'fixed', idleMs: 0 },
    prebootedEach: 1,
  });
  runners.want([bootKind(slow.version.settings)]);
  await runners.prepare([slow]);
  await clock.advance(2_000);
  const next = async (): Promise<Lease> => {
    const leasing = runners.lease(slow);
    await clock.advance(2_000);
    return leased(await leasing);
  };
  return { runners, clock, booted, released, next };
}

test('an environment is booted with the archive and the code, though another is booted already', async () => {
  const { booted, next, runners } = await open();
  assert.deepEqual([booted.some(({ forTemplate }) => forTemplate), runners.counts().prebooted], [true, 1]);
  assert.equal((await next()).start, 'archive');
  const { template, bundlePath } = booted.at(-1) ?? {};
  assert.deepEqual([template?.bytes, bundlePath], [1, slow.bundlePath]);
  assert.equal(runners.counts().prebooted, 1);
});

test('whoever is made for a call is told what code it will be given', async () => {
  const { booted, clock, runners } = await open({
    start: ({ template }) => (template === undefined ? Promise.resolve() : Promise.reject(new Error('it is damaged'))),
  });
  const before = booted.length;
  const leasing = Promise.all([runners.lease(slow), runners.lease(slow)]);
  await clock.advance(2_000);
  assert.deepEqual(
    (await leasing).map((lease) => leased(lease).start),
    ['prebooted', 'cold'],
  );
  const made = booted.slice(before).filter(({ expected }) => expected !== undefined);
  assert.deepEqual(
    made.map(({ expected, bundlePath }) => ({ expected, bundlePath })),
    [{ expected: { bundlePath: slow.bundlePath }, bundlePath: undefined }],
  );
});

test('where it has shown to be slower than loading the code in one that is booted, that is taken again', async () => {
  const { next } = await open({ withMs: anewMs + 100 });
  const starts = [];
  for (let turn = 0; turn < 5; turn += 1) starts.push((await next()).start);
  assert.deepEqual(starts, ['archive', 'archive', 'archive', 'prebooted', 'prebooted']);
});

test('one that no environment boots with is given up, and who waits gets another', async () => {
  const refuse = (spec: BootSpec): Promise<void> =>
    spec.template === undefined ? Promise.resolve() : Promise.reject(new Error('it is damaged'));
  const { next, released } = await open({ start: refuse });
  assert.equal((await next()).start, 'prebooted');
  assert.equal(released.length, 1);
});
