import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readAzureTrace } from '../bench/replay/azure-csv.ts';
import { clairvoyant, simulate } from '../bench/replay/simulate.ts';
import { generateTrace, type Trace } from '../bench/replay/trace.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const price = 2e8;
const tenMinutes = { policy: { kind: 'fixed', idleMs: 10 * minuteMs }, price } as const;

/** One function of 1 GB that is called then, and busy for a second. */
const called = (timesMs: readonly number[], lengthMs: number): Trace => ({
  lengthMs,
  functions: [{ name: 'one', memoryMb: 1_024, durationMs: 1_000, arrivalsMs: () => timesMs }],
});

test('what a fixed time costs is counted to the second', () => {
  const trace = called([0, 5 * minuteMs, 30 * minuteMs], hourMs);
  const { calls, cold, idleGbHours } = simulate(trace, tenMinutes);
  assert.deepEqual([calls, cold], [3, 2]);
  // Five minutes less a second until the next call, ten before it is ended, and ten after the last.
  assert.ok(Math.abs(idleGbHours - (25 * minuteMs - 1_000) / hourMs) < 1e-9, String(idleGbHours));
});

test('two at the same time need two environments', () => {
  const { cold } = simulate(called([0, 500, 2 * minuteMs, 2 * minuteMs + 500], hourMs), tenMinutes);
  assert.equal(cold, 2);
});

test('what is called each hour is predicted, for a small part of the memory', () => {
  const trace = called(
    Array.from({ length: 14 * 24 }, (_, hour) => (hour + 0.5) * hourMs),
    14 * dayMs,
  );
  const fixed = simulate(trace, tenMinutes);
  const predicted = simulate(trace, { policy: { kind: 'predicted', season: true }, price });
  assert.equal(fixed.cold, 14 * 24);
  assert.ok(predicted.cold < 20 && predicted.idleGbHours < fixed.idleGbHours / 4, JSON.stringify(predicted));
});

test('nobody who only keeps does better than who knows the future, at the same memory', () => {
  const trace = generateTrace({ seed: 3, functions: 40, days: 3, callsPerDayMax: 500 });
  for (const minutes of [1, 10, 60]) {
    const fixed = simulate(trace, { policy: { kind: 'fixed', idleMs: minutes * minuteMs }, price });
    assert.ok(clairvoyant(trace, fixed.idleGbHours).cold <= fixed.cold);
  }
});

test('the generated trace has the published shares', (t) => {
  const days = 14;
  const trace = generateTrace({ seed: 1, functions: 600, days, callsPerDayMax: 1_500 });
  const share = (has: (one: Trace['functions'][number]) => boolean) =>
    trace.functions.filter(has).length / trace.functions.length;
  const counts = new Map(trace.functions.map((one) => [one, [...one.arrivalsMs()]]));
  const perDay = (one: Trace['functions'][number]) => (counts.get(one)?.length ?? 0) / days;
  const published = [
    ['at most once an hour', 0.45, share((one) => perDay(one) <= 24)],
    ['at most once a minute', 0.81, share((one) => perDay(one) <= 1_400)],
    ['under a second', 0.56, share((one) => one.durationMs < 1_000)],
    ['at most 140 MB', 0.5, share((one) => one.memoryMb <= 140)],
  ] as const;
  for (const [what, expected, found] of published) {
    t.diagnostic(`${what}: ${found.toFixed(2)}, published ${expected}`);
    assert.ok(Math.abs(found - expected) < 0.12, `${what}: ${found}`);
  }
  const times = trace.functions.flatMap((one) => counts.get(one) ?? []);
  const workingDays = times.filter((timeMs) => Math.floor(timeMs / dayMs) % 7 < 5).length / 5;
  const weekends = times.filter((timeMs) => Math.floor(timeMs / dayMs) % 7 >= 5).length / 2;
  assert.ok(weekends < workingDays * 0.95, 'less is called at weekends');
  for (const list of counts.values())
    assert.ok(
      list.every((timeMs, at) => timeMs >= (list[at - 1] ?? 0) && timeMs < trace.lengthMs),
      'in order',
    );
});

test('a seed gives the same trace each time, and another seed another', () => {
  const of = (seed: number) =>
    generateTrace({ seed, functions: 20, days: 1, callsPerDayMax: 100 }).functions.map((one) => [
      one.name,
      one.memoryMb,
      [...one.arrivalsMs()],
    ]);
  assert.deepEqual(of(1), of(1));
  assert.notDeepEqual(of(1), of(2));
});

test("Azure's files are read: calls of a minute spread over it, durations of a function, memory of its app", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-azure-'));
  const minutes = Array.from({ length: 1_440 }, (_, at) => at + 1);
  const row = (name: string, counts: Readonly<Record<number, number>>) =>
    ['owner', 'app', name, 'http', ...minutes.map((minute) => counts[minute] ?? 0)].join(',');
  const heading = ['HashOwner', 'HashApp', 'HashFunction', 'Trigger', ...minutes].join(',');
  const files: Record<string, string[]> = {
    'invocations_per_function_md.anon.d01.csv': [heading, row('f', { 1: 2, 1_440: 1 }), row('g', {})],
    'invocations_per_function_md.anon.d02.csv': [heading, row('f', { 2: 1 })],
    'function_durations_percentiles.anon.d01.csv': [
      'HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum',
      'owner,app,f,250,3,1,900',
    ],
    'app_memory_percentiles.anon.d01.csv': ['HashOwner,HashApp,SampleCount,AverageAllocatedMb', 'owner,app,3,92'],
  };
  try {
    for (const [name, lines] of Object.entries(files)) await writeFile(join(folder, name), `${lines.join('\n')}\n`);
    const { functions, lengthMs } = await readAzureTrace(folder, 10);
    assert.equal(lengthMs, 2 * dayMs);
    const [f, g] = functions;
    assert.deepEqual([f?.durationMs, f?.memoryMb], [250, 92]);
    assert.deepEqual([...(f?.arrivalsMs() ?? [])], [15_000, 45_000, dayMs - 30_000, dayMs + 90_000]);
    assert.deepEqual([...(g?.arrivalsMs() ?? [])], []);
    assert.equal((await readAzureTrace(folder, 1)).functionsLeftOut, 1);

    const third = join(folder, 'invocations_per_function_md.anon.d03.csv');
    const elsewhere = row('f', { 1: 1 }).replace('owner,app', 'owner,another');
    await writeFile(third, `${heading}\n${elsewhere}\n`);
    assert.equal((await readAzureTrace(folder, 10)).functions.length, 3, 'a function of another app has the same hash');
    for (const [text, complaint] of [
      [`${heading}\nowner,app,f\n`, /d03\.csv: a line has 3 values, the heading 1444/],
      ['', /d03\.csv: is empty/],
      [`${heading.replace('HashFunction', 'Name')}\n${row('f', {})}\n`, /d03\.csv:2: the heading has no HashFunction/],
      [`${heading}\n${row('f', { 7: -5 })}\n`, /d03\.csv:2: 7 is '-5'; accepted: a number that is not negative/],
    ] as const) {
      await writeFile(third, text);
      await assert.rejects(readAzureTrace(folder, 10), complaint);
    }
    await rm(third);
    const durations = 'function_durations_percentiles.anon.d01.csv';
    await writeFile(join(folder, durations), 'HashApp,HashFunction,Average\napp,f,soon\n');
    await assert.rejects(readAzureTrace(folder, 10), /d01\.csv:2: Average is 'soon'/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
