/**
 * The public trace of Azure Functions (2019), in its own format: one file of invocations for each day
 * (`invocations_per_function_md.anon.d01.csv`: owner, app, function, trigger, then a count for each of 1,440 minutes),
 * one of durations (`function_durations_percentiles.anon.d01.csv`, milliseconds) and one of memory for each app
 * (`app_memory_percentiles.anon.d01.csv`, MB). https://github.com/Azure/AzurePublicDataset
 */
import { glob, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Trace, TraceFunction } from './trace.ts';

const minuteMs = 60_000;
const minutesADay = 1_440;
/** The means of the published fits, for functions of which the trace does not tell. */
const durationMsDefault = 700;
const memoryMbDefault = 170;

type Row = Readonly<Record<string, string>>;

async function* rows(path: string): AsyncGenerator<Row> {
  await using file = await open(path);
  let names: readonly string[] | undefined;
  for await (const line of file.readLines()) {
    const values = line.split(',');
    if (names === undefined) names = values;
    else if (values.length === names.length)
      yield Object.fromEntries(names.map((name, at) => [name, values[at] ?? '']));
    else if (line !== '') throw new Error(`${path}: a line has ${values.length} values, the heading ${names.length}`);
  }
}

async function filesOf(folder: string, pattern: string): Promise<string[]> {
  const names: string[] = [];
  for await (const name of glob(pattern, { cwd: folder })) names.push(name);
  return names.toSorted().map((name) => join(folder, name));
}

/** Calls of one minute are spread evenly over it. */
export async function readAzureTrace(folder: string, functionsMax: number): Promise<Trace> {
  const days = await filesOf(folder, 'invocations_per_function_md.anon.d*.csv');
  if (days.length === 0) throw new Error(`${folder}: has no invocations_per_function_md.anon.d*.csv`);
  const durations = new Map<string, number>();
  for (const path of await filesOf(folder, 'function_durations_percentiles.anon.d*.csv'))
    for await (const { HashFunction = '', Average = '' } of rows(path)) durations.set(HashFunction, Number(Average));
  const memory = new Map<string, number>();
  for (const path of await filesOf(folder, 'app_memory_percentiles.anon.d*.csv'))
    for await (const { HashApp = '', AverageAllocatedMb = '' } of rows(path))
      memory.set(HashApp, Number(AverageAllocatedMb));

  const minutes = new Map<string, { app: string; counts: Map<number, number> }>();
  for (const [day, path] of days.entries()) {
    for await (const row of rows(path)) {
      const { HashFunction: name = '', HashApp: app = '' } = row;
      let known = minutes.get(name);
      if (known === undefined) {
        if (minutes.size >= functionsMax) continue;
        minutes.set(name, (known = { app, counts: new Map() }));
      }
      for (let minute = 1; minute <= minutesADay; minute += 1) {
        const count = Number(row[String(minute)] ?? 0);
        if (count > 0) known.counts.set(day * minutesADay + minute - 1, count);
      }
    }
  }
  const functions = [...minutes].map(([name, { app, counts }]): TraceFunction => ({
    name,
    memoryMb: memory.get(app) ?? memoryMbDefault,
    durationMs: Math.max(1, durations.get(name) ?? durationMsDefault),
    arrivalsMs: () => spread(counts),
  }));
  return { functions, lengthMs: days.length * minutesADay * minuteMs };
}

function* spread(counts: ReadonlyMap<number, number>): Iterable<number> {
  for (const [minute, count] of counts)
    for (let call = 0; call < count; call += 1) yield (minute + (call + 0.5) / count) * minuteMs;
}
