import type { MinuteCounts } from '../starts/start-counts.ts';
import { addGroup, coldStartsOf, newGroup, viewGroup, type GroupView, type StartGroup } from '../starts/start-group.ts';
import { startKinds } from '../telemetry/telemetry.ts';
import { jsonResponse, numberQuery, type Endpoint } from './endpoint.ts';
import { functionNamed } from './functions.ts';
import type { ColdStartsView } from './views.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const sinceDefaultMs = 24 * hourMs;
/** Rows of the table by function: those with the most cold starts. */
const functionsMax = 200;
/** As starts/ counts: in slots of ten minutes, and what is older than two hours in hours. */
const slotMs = 10 * minuteMs;
const slotsKeptMs = 2 * hourMs;
/** What a slot of the timeline may be, and how many there may be: as many as a screen has room for. */
const timelineSteps = [minuteMs, 5 * minuteMs, 10 * minuteMs, hourMs, 6 * hourMs];
const timelineSlotsMax = 180;

/** Classes of a package's size, zipped: upper bounds in bytes. */
const sizes = [
  { size: '< 100 kB', bytesMax: 1e5 },
  { size: '0.1–1 MB', bytesMax: 1e6 },
  { size: '1–10 MB', bytesMax: 1e7 },
  { size: '10–50 MB', bytesMax: 5e7 },
  { size: '> 50 MB', bytesMax: Infinity },
] as const;

const sizeOf = (bytes: number | undefined): string =>
  bytes === undefined ? 'unknown' : (sizes.find(({ bytesMax }) => bytes < bytesMax)?.size ?? 'unknown');

type OfFunction = { functionName: string; runtime: string; packageBytes: number | undefined; group: StartGroup };
type OfPackages = { runtime: string; size: string; group: StartGroup };

const byColdStarts = ({ group: a }: { group: StartGroup }, { group: b }: { group: StartGroup }): number =>
  coldStartsOf(b) - coldStartsOf(a) || b.invocations - a.invocations;

const viewed = <Of extends { group: StartGroup }>({ group, ...of }: Of): Omit<Of, 'group'> & GroupView => ({
  ...of,
  ...viewGroup(group),
});

/** How many invocations waited for an environment, why, and for how long: by function, and by runtime and package size. */
export const getColdStarts: Endpoint = async (context, call) => {
  const { counts } = context.starts;
  const untilMs = context.clock.now();
  const otherwise = untilMs - sinceDefaultMs;
  const askedMs = numberQuery(call, 'since', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise });
  const stepMs = untilMs - askedMs > slotsKeptMs ? hourMs : slotMs;
  const sinceMs = askedMs - (askedMs % stepMs);
  const wanted = call.query.get('function') ?? undefined;

  const total = newGroup();
  const functions = new Map<string, OfFunction>();
  const packages = new Map<string, OfPackages>();
  await counts.each(call.account, sinceMs, ({ functionName, runtime, packageBytes }, written) => {
    if (wanted !== undefined && functionName !== wanted) return;
    addGroup(total, written);
    const ofFunction = functions.get(functionName) ?? { functionName, runtime, packageBytes, group: newGroup() };
    // What it was last: slots come in the order of time.
    functions.set(functionName, { ...ofFunction, runtime, packageBytes });
    addGroup(ofFunction.group, written);
    const size = sizeOf(packageBytes);
    const ofPackages = packages.get(`${runtime} ${size}`) ?? { runtime, size, group: newGroup() };
    packages.set(`${runtime} ${size}`, ofPackages);
    addGroup(ofPackages.group, written);
  });
  // One that was removed has figures, too.
  if (wanted !== undefined && functions.size === 0) functionNamed(context, call, wanted, 'function');

  const view: ColdStartsView = {
    sinceMs,
    untilMs,
    total: viewGroup(total),
    // Percentiles of those alone that are shown: of ten thousand functions they would hold up everything else.
    functions: [...functions.values()].sort(byColdStarts).slice(0, functionsMax).map(viewed),
    functionsLeftOut: Math.max(0, functions.size - functionsMax),
    packages: [...packages.values()].sort(byColdStarts).map(viewed),
    ...(wanted === undefined && {
      timeline: timeline(await counts.minutes(call.account, sinceMs), sinceMs, untilMs),
    }),
  };
  return jsonResponse(view);
};

/** Every slot from the first to the last, those without invocations too. */
function timeline(
  minutes: readonly { timeMs: number; counts: MinuteCounts }[],
  sinceMs: number,
  untilMs: number,
): NonNullable<ColdStartsView['timeline']> {
  // Nothing is known of the time before the first: an empty platform is not drawn as a month of silence.
  const fromMs = Math.max(sinceMs, minutes[0]?.timeMs ?? untilMs);
  const fits = (step: number): boolean => (untilMs - fromMs) / step < timelineSlotsMax;
  const slot = timelineSteps.find(fits) ?? 6 * hourMs;
  const slots = new Map<number, MinuteCounts>();
  for (let timeMs = fromMs - (fromMs % slot); timeMs <= untilMs; timeMs += slot) slots.set(timeMs, {});
  for (const { timeMs, counts } of minutes) {
    const sum = slots.get(timeMs - (timeMs % slot));
    if (sum === undefined) continue;
    for (const start of startKinds) if (counts[start] !== undefined) sum[start] = (sum[start] ?? 0) + counts[start];
  }
  return { slotMs: slot, slots: [...slots].map(([timeMs, starts]) => ({ timeMs, starts })) };
}
