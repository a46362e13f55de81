/**
 * Cold starts by runtime, kind and reason, each phase's time by how the invocation started, and why environments ended: of
 * all functions together, so that there are never more than some thousand series of them.
 */
import { bucketsSeconds, Histogram, increment, label } from './histogram.ts';
import type { EndReason } from './start-reason.ts';
import { isWaitedFor, type InvocationSettled, type Phases, type StartKind } from './telemetry.ts';

/** A warm call's queue and reply take some ten microseconds. */
const phaseBounds = [0.00001, 0.00005, 0.0001, ...bucketsSeconds];
const always = ['queue', 'handler', 'reply'] as const;
const ofStart = ['place', 'provision', 'init'] as const;
type Phase = (typeof always)[number] | (typeof ofStart)[number];

export class StartMetrics {
  readonly #coldStarts = new Map<string, number>();
  readonly #ends = new Map<EndReason, number>();
  readonly #phases = new Map<StartKind, Map<Phase, Histogram>>();

  settled({ start, startReason, runtime = '', phases }: InvocationSettled): void {
    for (const phase of always) this.#observe(start, phase, phases);
    if (!isWaitedFor(start)) return;
    for (const phase of ofStart) this.#observe(start, phase, phases);
    const reason = startReason?.kind ?? 'unknown';
    increment(this.#coldStarts, `${label('runtime', runtime)},${label('start', start)},${label('reason', reason)}`);
  }

  ended(reason: EndReason): void {
    increment(this.#ends, reason);
  }

  lines(): string[] {
    const phases = [...this.#phases].flatMap(([start, histograms]) =>
      [...histograms].flatMap(([phase, histogram]) =>
        histogram.lines('mayfly_phase_duration_seconds', `${label('phase', phase)},${label('start', start)}`),
      ),
    );
    return [
      '# HELP mayfly_cold_starts_total Invocations that waited for an environment to be started.',
      '# TYPE mayfly_cold_starts_total counter',
      ...[...this.#coldStarts].map(([labels, count]) => `mayfly_cold_starts_total{${labels}} ${count}`),
      '# HELP mayfly_phase_duration_seconds Where the time of invocations went.',
      '# TYPE mayfly_phase_duration_seconds histogram',
      ...phases,
      '# HELP mayfly_environments_ended_total Environments that have ended.',
      '# TYPE mayfly_environments_ended_total counter',
      ...[...this.#ends].map(
        ([reason, count]) => `mayfly_environments_ended_total{${label('reason', reason)}} ${count}`,
      ),
    ];
  }

  #observe(start: StartKind, phase: Phase, phases: Phases): void {
    let ofKind = this.#phases.get(start);
    if (ofKind === undefined) this.#phases.set(start, (ofKind = new Map()));
    let histogram = ofKind.get(phase);
    if (histogram === undefined) ofKind.set(phase, (histogram = new Histogram(phaseBounds)));
    histogram.observe(phases[`${phase}Us`] / 1e6);
  }
}
