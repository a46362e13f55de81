/**
 * Cold starts by runtime, kind and reason, each phase's time by how the invocation started, and why environments ended: of
 * all functions together, so that there are never more than some thousand series of them.
 */
import { bucketsSeconds, Histogram, increment, label } from './histogram.ts';
import type { EndReason } from './start-reason.ts';
import { isWaitedFor, type InvocationSettled, type StartKind } from './telemetry.ts';

/** A warm call's queue and reply take some ten microseconds. */
const phaseBounds = [0.00001, 0.00005, 0.0001, ...bucketsSeconds];
const phaseNames = ['queue', 'place', 'provision', 'init', 'handler', 'reply'] as const;
/** The others take nothing where nobody waited. */
const ofAll = ['queue', 'handler', 'reply'] as const;
type Histograms = Readonly<Record<(typeof phaseNames)[number], Histogram>>;

const newHistograms = (): Histograms => ({
  queue: new Histogram(phaseBounds),
  place: new Histogram(phaseBounds),
  provision: new Histogram(phaseBounds),
  init: new Histogram(phaseBounds),
  handler: new Histogram(phaseBounds),
  reply: new Histogram(phaseBounds),
});

export class StartMetrics {
  readonly #coldStarts = new Map<string, number>();
  readonly #ends = new Map<EndReason, number>();
  readonly #phases = new Map<StartKind, Histograms>();

  settled({ start, startReason, runtime = '', phases }: InvocationSettled): void {
    let histograms = this.#phases.get(start);
    if (histograms === undefined) this.#phases.set(start, (histograms = newHistograms()));
    histograms.queue.observe(phases.queueUs / 1e6);
    histograms.handler.observe(phases.handlerUs / 1e6);
    histograms.reply.observe(phases.replyUs / 1e6);
    if (!isWaitedFor(start)) return;
    histograms.place.observe(phases.placeUs / 1e6);
    histograms.provision.observe(phases.provisionUs / 1e6);
    histograms.init.observe(phases.initUs / 1e6);
    const reason = startReason?.kind ?? 'unknown';
    increment(this.#coldStarts, `${label('runtime', runtime)},${label('start', start)},${label('reason', reason)}`);
  }

  ended(reason: EndReason): void {
    increment(this.#ends, reason);
  }

  lines(): string[] {
    const phases = [...this.#phases].flatMap(([start, histograms]) =>
      (isWaitedFor(start) ? phaseNames : ofAll).flatMap((phase) =>
        histograms[phase].lines('mayfly_phase_duration_seconds', `${label('phase', phase)},${label('start', start)}`),
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
}
