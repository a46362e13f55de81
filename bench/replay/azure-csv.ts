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

/** What a line of a file says, by the names of its heading. Errors name the file, the line and the column. */
type Row = { text(column: string): string; number(column: string): number };

async function* rows(path: string): AsyncGenerator<Row> {
  await using file = await open(path);
  let columns: ReadonlyMap<string, number> | undefined;
  let lineNumber = 0;
  for await (const line of file.readLines()) {
    lineNumber += 1;
    const values = line.split(',');
    if (columns === undefined) columns = new Map(values.map((name, at) => [name, at]));
    else if (values.length === columns.size) yield rowOf(`${path}:${lineNumber}`, columns, values);
    else if (line !== '') throw new Error(`${path}: a line has ${values.length} values, the heading ${columns.size}`);
  }
  if (columns === undefined) throw new Error(`${path}: is empty; accepted: a heading, and a line for each function`);
}

function rowOf(at: string, columns: ReadonlyMap<string, number>, values: readonly string[]): Row {
  const text = (column: string): string => {
    const index = columns.get(column);
    const value = index === undefined ? undefined : values[index];
    if (value === undefined) throw new Error(`${at}: the heading has no ${column}`);
    return value;
  };
  const number = (column: string): number => {
    const written = text(column);
    const value = Number(written);
    if (written.trim() !== '' && value >= 0 && value < Infinity) return value;
    throw new Error(`${at}: ${column} is '${written}'; accepted: a number that is not negative`);
  };
  return { text, number };
}

async function filesOf(folder: string, pattern: string): Promise<string[]> {
  const names: string[] = [];
  for await (const name of glob(pattern, { cwd: folder })) names.push(name);
  return names.toSorted().map((name) => join(folder, name));
}

/** A function's hash is of its name, which two apps may both have. */
const functionKey = (row: Row): string => `${row.text('HashApp')} ${row.text('HashFunction')}`;

/** Calls of one minute are spread evenly over it. `functionsLeftOut`: those beyond `functionsMax`, in the order of the files. */
export async function readAzureTrace(
  folder: string,
  functionsMax: number,
): Promise<Trace & { functionsLeftOut: number }> {
  const days = await filesOf(folder, 'invocations_per_function_md.anon.d*.csv');
  if (days.length === 0) throw new Error(`${folder}: has no invocations_per_function_md.anon.d*.csv`);
  const durations = new Map<string, number>();
  for (const path of await filesOf(folder, 'function_durations_percentiles.anon.d*.csv'))
    for await (const row of rows(path)) durations.set(functionKey(row), row.number('Average'));
  const memory = new Map<string, number>();
  for (const path of await filesOf(folder, 'app_memory_percentiles.anon.d*.csv'))
    for await (const row of rows(path)) memory.set(row.text('HashApp'), row.number('AverageAllocatedMb'));

  const minutes = new Map<string, { app: string; counts: Map<number, number> }>();
  const leftOut = new Set<string>();
  for (const [day, path] of days.entries()) {
    for await (const row of rows(path)) {
      const key = functionKey(row);
      let known = minutes.get(key);
      if (known === undefined) {
        if (minutes.size >= functionsMax) {
          leftOut.add(key);
          continue;
        }
        minutes.set(key, (known = { app: row.text('HashApp'), counts: new Map() }));
      }
      for (let minute = 1; minute <= minutesADay; minute += 1) {
        const count = row.number(String(minute));
        if (count > 0) known.counts.set(day * minutesADay + minute - 1, count);
      }
    }
  }
  if (minutes.size === 0) throw new Error(`${folder}: no file has a function`);
  const functions = [...minutes].map(([name, { app, counts }]): TraceFunction => ({
    name,
    memoryMb: memory.get(app) ?? memoryMbDefault,
    durationMs: Math.max(1, durations.get(name) ?? durationMsDefault),
    arrivalsMs: () => spread(counts),
  }));
  return { functions, lengthMs: days.length * minutesADay * minuteMs, functionsLeftOut: leftOut.size };
}

function* spread(counts: ReadonlyMap<number, number>): Iterable<number> {
  for (const [minute, count] of counts)
    for (let call = 0; call < count; call += 1) yield (minute + (call + 0.5) / count) * minuteMs;
}
