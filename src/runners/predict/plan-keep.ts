/**
 * What to do with an environment that has just become idle: how long to keep it, and when to have one ready again.
 *
 * An environment is worth its memory while the next call is likely enough. Each stretch of idle time has a gain (the
 * share of calls that came in it, each a cold start avoided) and a cost (memory for as long as it would have been kept
 * there), and `price` makes one of the other. The plan is the first stretch from 0 on, and the later one, that gain most
 * over what they cost: the head and tail of "Serverless in the Wild", chosen by what they are worth instead of at fixed
 * percentiles. A function with a rhythm has a forecast instead, where that is cheaper for what it catches. Pure.
 */
import type { IdleForecast } from './forecast-idle.ts';
import { binEndsMs, type IdleHistory } from './idle-history.ts';

export type KeepPlan = {
  /** Kept for so long after it became idle. */
  keepMs: number;
  /** After that one is started again at `fromMs`, counted from the same moment, and kept until `untilMs`. */
  again?: { fromMs: number; untilMs: number };
  reason: 'fixed' | 'unknown' | 'histogram' | 'forecast';
};

export type KeepCost = {
  /** What one idle environment holds. */
  memoryMb: number;
  /** MB·ms of idle memory that one cold start less is worth. */
  price: number;
  /** How long a start takes: it is begun so much earlier. */
  startMs: number;
};

/**
 * Of a function about which nothing is known, the next call comes as likely within each doubling of the time. It counts
 * as this many calls, so that a few real ones outweigh it.
 */
const priorWeight = 0.5;
/**
 * To let one go and start another is work, too, if nobody's wait: it must gain more than this share of a cold start. And
 * few calls look like a pattern where there is none.
 */
export const startAheadShare = 0.2;
/** An open last bin is taken to be so long. */
const beyondMs = 14 * 24 * 3_600_000;

const lengthsMs = binEndsMs.map(
  (endMs, bin) => (endMs === Number.POSITIVE_INFINITY ? beyondMs : endMs) - (binEndsMs[bin - 1] ?? 0),
);

/** A plan and what it gains, in MB·ms for each call. */
export type Worth = { worth: number; plan: KeepPlan };

export const betterOf = (one: Worth, other: Worth | undefined): KeepPlan =>
  other !== undefined && other.worth > one.worth ? other.plan : one.plan;

export function planByHistogram(history: IdleHistory, { memoryMb, price, startMs }: KeepCost): Worth {
  const weight = history.weight + priorWeight;
  const prior = priorWeight / binEndsMs.length;
  const worth: number[] = [];
  let left = weight;
  for (let bin = 0; bin < binEndsMs.length; bin += 1) {
    const calls = (history.counts[bin] ?? 0) + prior;
    // Those that came in it ended it half way, on average.
    const warmMs = (lengthsMs[bin] ?? 0) * (left - calls / 2);
    worth.push((calls * price - memoryMb * warmMs) / weight);
    left -= calls;
  }
  const first = bestPrefix(worth);
  const later = bestStretch(worth, first.end);
  const startCost = memoryMb * startMs + startAheadShare * price;
  return {
    worth: first.worth + (later.worth > startCost ? later.worth - startCost : 0),
    plan: {
      keepMs: first.end === 0 ? 0 : endOf(first.end - 1),
      ...(later.worth > startCost
        ? {
            again: {
              fromMs: Math.max(0, (binEndsMs[later.begin - 1] ?? 0) - startMs),
              untilMs: endOf(later.end - 1),
            },
          }
        : {}),
      reason: history.weight === 0 ? 'unknown' : 'histogram',
    },
  };
}

/** `share`: of the forecasts so far, those that came true. Undefined: it is not worth its memory. */
export function planByForecast(
  forecast: IdleForecast,
  share: number,
  { memoryMb, price, startMs }: KeepCost,
): Worth | undefined {
  const { untilMs } = forecast;
  const fromMs = Math.max(0, forecast.fromMs - startMs);
  const keepsOn = fromMs <= startMs;
  const warmMs = (keepsOn ? untilMs : untilMs - fromMs) / 2 + (keepsOn ? 0 : startMs);
  const worth = share * price - memoryMb * warmMs - (keepsOn ? 0 : startAheadShare * price);
  if (worth <= 0) return undefined;
  return {
    worth,
    plan: keepsOn
      ? { keepMs: untilMs, reason: 'forecast' }
      : { keepMs: 0, again: { fromMs, untilMs }, reason: 'forecast' },
  };
}

const endOf = (bin: number): number => {
  const endMs = binEndsMs[bin] ?? 0;
  return endMs === Number.POSITIVE_INFINITY ? beyondMs : endMs;
};

type Stretch = { begin: number; end: number; worth: number };

/** The stretch from 0 that is worth most; none, where none is worth anything. */
function bestPrefix(worth: readonly number[]): Stretch {
  let best: Stretch = { begin: 0, end: 0, worth: 0 };
  let sum = 0;
  worth.forEach((value, bin) => {
    sum += value;
    if (sum > best.worth) best = { begin: 0, end: bin + 1, worth: sum };
  });
  return best;
}

/** The stretch at or after `from` that is worth most (Kadane's algorithm). */
function bestStretch(worth: readonly number[], from: number): Stretch {
  let best: Stretch = { begin: from, end: from, worth: 0 };
  let begin = from;
  let sum = 0;
  for (let bin = from; bin < worth.length; bin += 1) {
    if (sum <= 0) {
      sum = 0;
      begin = bin;
    }
    sum += worth[bin] ?? 0;
    if (sum > best.worth) best = { begin, end: bin + 1, worth: sum };
  }
  return best;
}
