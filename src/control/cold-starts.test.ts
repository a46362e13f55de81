import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FunctionKind } from '../starts/start-counts.ts';
import type { WrittenGroup } from '../starts/start-group.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { getColdStarts } from './cold-starts.ts';
import type { Call, ControlContext } from './endpoint.ts';
import type { ColdStartsView } from './views.ts';

const nowMs = Date.UTC(2026, 0, 15, 12, 34);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

type Slot = [FunctionKind, WrittenGroup];

const group = (cold: number, warm: number): WrittenGroup => ({
  invocations: cold + warm,
  starts: { ...(cold > 0 && { prebooted: cold }), warm },
  reasons: cold > 0 ? { idle: cold } : {},
  phases: cold > 0 ? { cold: [[100, cold]] } : {},
});
const kind = (functionName: string, packageBytes?: number, runtime = 'python'): FunctionKind => ({
  functionName,
  runtime,
  packageBytes,
});

async function view(slots: readonly Slot[], query = '', minutes: readonly number[] = []) {
  const asked: number[] = [];
  const context = {
    clock: new FakeClock(nowMs),
    starts: {
      counts: {
        each: (_account: string, sinceMs: number, take: (...slot: Slot) => void) => {
          asked.push(sinceMs);
          for (const slot of slots) take(...slot);
          return Promise.resolve();
        },
        minutes: () => Promise.resolve(minutes.map((timeMs) => ({ timeMs, counts: { cold: 1, warm: 2 } }))),
      },
    },
    registry: {
      get: (_account: string, name: string) => (name === 'idle' ? {} : undefined),
      list: () => [{ name: 'idle' }],
    },
  } as unknown as ControlContext;
  const call = { account: '000000000000', query: new URLSearchParams(query) } as unknown as Call;
  const { body } = await getColdStarts(context, call);
  return { ...(JSON.parse(body as string) as ColdStartsView), asked };
}

test('slots are added up by function and by runtime and package size, most cold starts first', async () => {
  const { total, functions, packages } = await view([
    [kind('small', 5_000), group(1, 9)],
    [kind('large', 20e6), group(3, 1)],
    [kind('small', 5_000), group(1, 9)],
    [kind('other', 8_000), group(0, 4)],
  ]);
  assert.deepEqual([total.invocations, total.coldStarts, total.share], [28, 5, 5 / 28]);
  assert.deepEqual(
    functions.map(({ functionName, coldStarts, invocations }) => [functionName, coldStarts, invocations]),
    [
      ['large', 3, 4],
      ['small', 2, 20],
      ['other', 0, 4],
    ],
  );
  assert.deepEqual(
    packages.map(({ size, coldStarts, invocations }) => [size, coldStarts, invocations]),
    [
      ['10–50 MB', 3, 4],
      ['< 100 kB', 2, 24],
    ],
  );
  assert.ok(total.phases.cold.p50Us > 0);
});

test('of very many functions those with the most are shown, and the rest are counted', async () => {
  const { functions, functionsLeftOut } = await view(
    Array.from({ length: 250 }, (_, index): Slot => [kind(`f${index}`), group(index, 0)]),
  );
  assert.equal(functions.length, 200);
  assert.equal(functions[0]?.functionName, 'f249');
  assert.equal(functionsLeftOut, 50);
});

test('one function alone, without a line of time', async () => {
  const slots: Slot[] = [
    [kind('hello'), group(1, 1)],
    [kind('other'), group(5, 1)],
  ];
  const { total, functions, timeline } = await view(slots, 'function=hello');
  assert.deepEqual([total.coldStarts, functions.length, timeline], [1, 1, undefined]);
});

test('since when is said: the begin of the slot, of an hour for what is older than two', async () => {
  assert.equal((await view([])).sinceMs, nowMs - 24 * hourMs - 34 * minuteMs);
  const recent = await view([], `since=${nowMs - hourMs}`);
  assert.equal(recent.sinceMs, nowMs - hourMs - 4 * minuteMs);
  assert.deepEqual(recent.asked, [recent.sinceMs]);
  await assert.rejects(view([], 'since=yesterday'), { code: 'invalid_argument', field: 'since' });
});

test('the line of time has every slot from the first invocation on, and not too many', async () => {
  const { timeline } = await view([], '', [nowMs - 3 * minuteMs, nowMs - minuteMs]);
  assert.deepEqual(timeline, {
    slotMs: minuteMs,
    slots: [3, 2, 1, 0].map((ago) => ({
      timeMs: nowMs - ago * minuteMs,
      starts: ago % 2 === 1 ? { warm: 2, cold: 1 } : {},
    })),
  });
  const month = await view([], 'since=0', [nowMs - 30 * 24 * hourMs, nowMs]);
  assert.equal(month.timeline?.slotMs, 6 * hourMs);
  assert.ok((month.timeline?.slots.length ?? 0) <= 180);
  assert.deepEqual((await view([])).timeline?.slots.length, 1);
});

test('a function that is there and has not run has no figures, one that is not there is refused', async () => {
  const { functions } = await view([], 'function=idle');
  assert.deepEqual(functions, []);
  await assert.rejects(view([], 'function=idel'), {
    code: 'not_found',
    message: "there is no function 'idel'; deployed: idle",
  });
});
