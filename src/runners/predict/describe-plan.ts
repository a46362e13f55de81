/** Plans in words, for logs and reports. */
import type { KeepPlan } from './plan-keep.ts';
import type { Expected } from './season.ts';

const [secondMs, minuteMs, hourMs, dayMs] = [1_000, 60_000, 3_600_000, 24 * 3_600_000];

function durationText(ms: number): string {
  if (ms < minuteMs) return `${Math.round(ms / secondMs)} s`;
  if (ms < 2 * hourMs) return `${Math.round(ms / minuteMs)} min`;
  return ms < 2 * dayMs ? `${(ms / hourMs).toFixed(1)} h` : `${(ms / dayMs).toFixed(1)} days`;
}

const timeText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** `keep 4 min; start another after 55 min, until 62 min after it was free` */
export function describePlan({ keepMs, again }: KeepPlan): string {
  const kept = keepMs === 0 ? 'keep none' : `keep ${durationText(keepMs)}`;
  if (again === undefined) return kept;
  return `${kept}; start another after ${durationText(again.fromMs)}, until ${durationText(again.untilMs)} after it was free`;
}

/** Why one is started now, by its plan: `a call is expected by 2026-01-01T12:00:36Z, from the rhythm of its calls`. */
export function describeAhead({ sinceMs, plan }: { sinceMs: number; plan: KeepPlan }): string {
  const untilMs = sinceMs + (plan.again?.untilMs ?? plan.keepMs);
  const by = plan.reason === 'forecast' ? 'the rhythm of its calls' : 'the pauses between its calls';
  return `a call is expected by ${timeText(untilMs)}, from ${by}`;
}

/** The same, by the season. */
export function describeExpected({ count, share, untilMs }: Expected): string {
  const many = count === 1 ? 'a call is' : `${count} calls at once are`;
  return `${many} expected at about ${timeText(untilMs).slice(11, 16)} UTC, as on ${Math.round(share * 100)} % of days like this`;
}
