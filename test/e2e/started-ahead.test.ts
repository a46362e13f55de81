/** A function that is called each hour, after a restart of the platform: its environment is there before its call. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ExplainedInvocationView, FunctionView, InvocationView } from '../../src/control/views.ts';
import { Keeper, restMs } from '../../src/runners/predict/keeper.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { systemClock } from '../../src/util/clock.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly } from '../harness/start-mayfly.ts';

const hourMs = 3_600_000;
const calls = 12;

/** What the platform would have learned of a function that was called each hour, and is about to be again. */
function learned(): ReturnType<Keeper['write']> {
  const keeper = new Keeper();
  const lastMs = Date.now() - hourMs + 40_000;
  for (let call = 1; call <= calls; call += 1) {
    const freeMs = lastMs - (calls - call) * hourMs;
    keeper.called(freeMs - 10, 1);
    const nowMs = freeMs + restMs;
    const cost = { memoryMb: 400, price: 2e8, startMs: 100 };
    const policy = { kind: 'predicted', season: true } as const;
    keeper.look({ nowMs, policy, cost, freeSinceMs: [freeMs], resting: 0, inUse: 0, startingAhead: 0 });
  }
  return keeper.write();
}

test('what is expected is started before it is called, and its first call says so', async () => {
  const project = await mkdtemp(join(tmpdir(), 'mayfly-ahead-'));
  await writeFile(join(project, 'index.mjs'), `export const handler = async () => 'here';\n`);
  await writeFile(
    join(project, 'mayfly.yaml'),
    'application: ahead\nfunctions:\n  hourly: { runtime: nodejs, handler: index.handler }\n  never: { runtime: nodejs, handler: index.handler, keepWarm: 10m }\n',
  );
  let mayfly = await startMayfly();
  try {
    await mayfly.json('deploy', project);
    await mayfly.killed();
    const store = await openSqliteStore({ folder: mayfly.data, clock: systemClock });
    const value = { make: 3, keeper: learned(), memoryMb: 400, startMs: 100 };
    await store.records.transact(
      ['hourly', 'never'].map((name) => ({
        kind: 'put' as const,
        key: `keep/arn:aws:lambda:us-east-1:000000000000:function:${name}`,
        value,
      })),
    );
    await store[Symbol.asyncDispose]();
    mayfly = await startMayfly({ data: mayfly.data });
    const environments = async (name: string) => {
      const { functions } = (await mayfly.json('ls')) as { functions: FunctionView[] };
      return functions.find((one) => one.name === name)?.environments;
    };
    await eventually('an environment that nobody has called for', 60_000, async () =>
      (await environments('hourly'))?.idle === 1 ? true : undefined,
    );
    const { requestId, payload } = (await mayfly.json('invoke', 'hourly')) as InvocationView & { payload: unknown };
    assert.equal(payload, 'here');
    const told = (await mayfly.json('why', requestId)) as ExplainedInvocationView;
    const [attempt] = told.attempts;
    assert.equal(attempt?.start, 'prewarmed');
    assert.equal(attempt.startReason?.kind, 'predicted');
    assert.equal(attempt.phases.initUs, 0);
    assert.equal((await environments('never'))?.idle, 0, 'its time is fixed');
  } finally {
    await mayfly[Symbol.asyncDispose]();
    await rm(project, { recursive: true, force: true });
  }
});
