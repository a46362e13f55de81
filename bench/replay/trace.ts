/**
 * A trace: functions, and for each the times at which it is called.
 *
 * The generator follows what has been published of Azure Functions' trace (Shahrad et al., "Serverless in the Wild",
 * USENIX ATC 2020): rates over eight orders of magnitude (45 % of applications at most once an hour on average, 81 % at
 * most once a minute), a quarter of them as regular as timers, many burstier than chance; execution times log-normal
 * with half of the functions under a second (figure 7); allocated memory after the Burr fit (figure 8); and day and
 * night where people are behind it.
 */
import { seededRandom, type Random } from './random.ts';

export type TraceFunction = {
  name: string;
  memoryMb: number;
  /** Of one execution. */
  durationMs: number;
  /** Times from 0 on, in order. Each call of it gives the same. */
  arrivalsMs(): Iterable<number>;
};

export type Trace = { functions: readonly TraceFunction[]; lengthMs: number };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Calls a day, and the share of functions that have at most so many. */
const rateShares: readonly (readonly [callsPerDay: number, share: number])[] = [
  [0.07, 0],
  [1, 0.2],
  [24, 0.45],
  [1_440, 0.81],
  [86_400, 0.97],
  [8_640_000, 1],
];

const periodsMs: readonly [number, ...number[]] = [
  60_000,
  300_000,
  600_000,
  900_000,
  1_800_000,
  hourMs,
  2 * hourMs,
  6 * hourMs,
  12 * hourMs,
  dayMs,
];

/** Calls of one spike at most. */
const spikeCallsMax = 200;

export type GeneratorOptions = {
  seed: number;
  functions: number;
  days: number;
  /** What is called more often is left at this rate, since nothing of it is ever cold: it only takes time. */
  callsPerDayMax: number;
};

export function generateTrace({ seed, functions, days, callsPerDayMax }: GeneratorOptions): Trace {
  const lengthMs = days * dayMs;
  return {
    lengthMs,
    functions: Array.from({ length: functions }, (_, index) => {
      const own = seed + index * 7_919;
      const random = seededRandom(own);
      const callsPerDay = Math.min(callsPerDayMax, rateOf(random.share()));
      const kind = random.share();
      const memoryMb = Math.round(burr(random.share()));
      // What is called often is quick: on average less than one of each runs.
      const durationMsMax = Math.min(300_000, dayMs / callsPerDay / 2);
      const durationMs = Math.max(1, Math.min(durationMsMax, Math.exp(-0.38 + 2.36 * random.normal()) * 1_000));
      const arrivals = kindOf(kind);
      return {
        name: `${arrivals.name}-${index}`,
        memoryMb,
        durationMs,
        arrivalsMs: () => arrivals({ random: seededRandom(own + 1), callsPerDay, lengthMs }),
      };
    }),
  };
}

/** Shares of functions. That of habits is not published: few, so that what they gain decides nothing. */
function kindOf(share: number): (given: Given) => Iterable<number> {
  if (share < 0.25) return timer;
  if (share < 0.58) return bursts;
  if (share < 0.82) return chance;
  return share < 0.95 ? longTail : habit;
}

/** Between two points of the table, evenly in the logarithm. */
function rateOf(share: number): number {
  for (let at = 1; at < rateShares.length; at += 1) {
    const [low = 1, lowShare = 0] = rateShares[at - 1] ?? [];
    const [high = 1, highShare = 1] = rateShares[at] ?? [];
    if (share <= highShare) return low * (high / low) ** ((share - lowShare) / (highShare - lowShare));
  }
  return 1;
}

/** The inverse of Burr's distribution function with the published parameters, in MB. */
function burr(share: number): number {
  const [c, k, scale] = [11.652, 0.221, 107.083];
  return Math.min(1_536, Math.max(24, scale * ((1 - Math.min(share, 0.999)) ** (-1 / k) - 1) ** (1 / c)));
}

type Given = { random: Random; callsPerDay: number; lengthMs: number };

/** Regular to within a second or so. */
function* timer({ random, callsPerDay, lengthMs }: Given): Iterable<number> {
  const wantedMs = dayMs / callsPerDay;
  const periodMs = periodsMs.reduce((best, one) =>
    Math.abs(Math.log(one / wantedMs)) < Math.abs(Math.log(best / wantedMs)) ? one : best,
  );
  for (let tick = random.share() * periodMs; tick < lengthMs; tick += periodMs) yield tick + random.share() * 1_000;
}

/** Two of seven, as trace time goes: it begins on a Monday. */
const isWeekend = (timeMs: number): boolean => Math.floor(timeMs / dayMs) % 7 >= 5;

/** More by day than by night, and less at weekends: from 0.2 to 1.8 of the mean. */
const daylight = (timeMs: number): number =>
  (1 + 0.7 * Math.sin((2 * Math.PI * timeMs) / dayMs)) * (isWeekend(timeMs) ? 0.6 : 1.16);

/** Independent of one another. */
function* chance({ random, callsPerDay, lengthMs }: Given): Iterable<number> {
  const meanMs = dayMs / callsPerDay;
  for (let time = random.exponential(meanMs); time < lengthMs; time += random.exponential(meanMs / daylight(time)))
    yield time;
}

/** Somebody works with it for a while, and then nobody does. */
function* bursts({ random, callsPerDay, lengthMs }: Given): Iterable<number> {
  const callsMean = 2 + random.share() * 30;
  const pauseMs = Math.min(dayMs / callsPerDay / 2, 5_000 + random.exponential(40_000));
  const betweenMs = Math.max(1_000, (dayMs / callsPerDay) * callsMean - callsMean * pauseMs);
  let time = random.share() * betweenMs;
  while (time < lengthMs) {
    yield time;
    const isOver = random.share() < 1 / callsMean;
    // Weibull of shape 0.6: many short absences, a few very long ones. Its mean is 1.505 of its scale.
    time += isOver
      ? (betweenMs / 1.505 / daylight(time)) * (-Math.log(1 - random.share())) ** (1 / 0.6)
      : random.exponential(pauseMs);
  }
}

/** A spike at about the same time of each working day, or once a week: several calls at once, and some after them. */
function* habit({ random, callsPerDay, lengthMs }: Given): Iterable<number> {
  const isWeekly = random.share() < 0.3;
  const [ownDay, ownTimeMs] = [Math.floor(random.share() * 7), (0.2 + 0.6 * random.share()) * dayMs];
  const calls = Math.max(1, Math.min(spikeCallsMax, Math.round(isWeekly ? callsPerDay * 7 : callsPerDay * 1.4)));
  for (let day = 0; day * dayMs < lengthMs; day += 1) {
    if (isWeekly ? day % 7 !== ownDay : isWeekend(day * dayMs)) continue;
    const startMs = Math.max(0, day * dayMs + ownTimeMs + 90_000 * random.normal());
    const times = Array.from(
      { length: calls },
      () => startMs + random.exponential(random.share() < 0.5 ? 1_000 : 60_000),
    );
    yield* times.filter((timeMs) => timeMs < lengthMs).sort((one, other) => one - other);
  }
}

/** Pauses of every length. */
function* longTail({ random, callsPerDay, lengthMs }: Given): Iterable<number> {
  const scaleMs = dayMs / callsPerDay / 2;
  const pause = (): number => scaleMs * (-Math.log(1 - random.share())) ** 2;
  for (let time = pause(); time < lengthMs; time += pause()) yield time;
}
