/**
 * Whether what a version's invocations lack is processor time. More environments then serve no more callers: they divide
 * the same time, and each start takes from it, too.
 */
import type { Environment } from '../sandbox/sandbox.ts';
import type { Clock } from '../util/clock.ts';

/** Of all processors together, since the machine was started. */
export type ProcessorTimes = { idleMs: number; totalMs: number };

export type ProcessorUse = {
  /** Of the machine's time, that in which nothing ran. */
  idleShare: number;
  /** Processors that the version's environments kept busy. */
  used: number;
  processors: number;
  /** Versions that have busy environments. */
  versions: number;
  /** How many times as long as in quiet times its invocations take. */
  slowdown: number;
};

/** With less than this, nothing is left to be had. */
const idleShareMin = 0.05;
/**
 * What an environment uses of a processor while it mostly waits is a hundredth of one; a version that has at least a
 * quarter of its share of the machine does not mostly wait. The rest goes to starts, to others, and to us.
 */
const shareMin = 0.25;
/** On a machine that others keep busy, too, a version's share shows little; that its invocations take so much longer does. */
const slowdownMin = 3;
/** Looked at this often at most: one file is read for each busy environment. */
const periodMs = 250;

export function isProcessorBound({ idleShare, used, processors, versions, slowdown }: ProcessorUse): boolean {
  if (idleShare >= idleShareMin) return false;
  return slowdown >= slowdownMin || used >= (shareMin * processors) / Math.max(1, versions);
}

export type Processors = { count: number; times(): ProcessorTimes };

type Look = { atMs: number; times: ProcessorTimes; cpuMs: ReadonlyMap<Environment, number> };

export class ProcessorWatch {
  readonly #clock: Clock;
  readonly #processors: Processors | undefined;
  #last: Look | undefined;
  #looking = false;
  #isBound = false;

  /** Without `processors` it is never said that they are short. */
  constructor(clock: Clock, processors: Processors | undefined) {
    this.#clock = clock;
    this.#processors = processors;
  }

  get isBound(): boolean {
    return this.#isBound;
  }

  /** Nobody waits any more: what was seen is not remembered. */
  forget(): void {
    this.#last = undefined;
    this.#isBound = false;
  }

  /** Looks again, unless it has just done so. `versions`: that have busy environments. */
  look(busy: Iterable<Environment>, seen: Pick<ProcessorUse, 'versions' | 'slowdown'>): void {
    const processors = this.#processors;
    const atMs = this.#clock.monotonicMs();
    if (processors === undefined || this.#looking || (this.#last !== undefined && atMs - this.#last.atMs < periodMs))
      return;
    this.#looking = true;
    const environments = [...busy];
    void Promise.all(environments.map((environment) => environment.usage())).then((usages) => {
      this.#looking = false;
      const cpuMs = new Map<Environment, number>();
      for (const [at, environment] of environments.entries()) cpuMs.set(environment, usages[at]?.cpuMs ?? 0);
      this.#judge({ atMs, times: processors.times(), cpuMs }, processors.count, seen);
    });
  }

  #judge(now: Look, processors: number, seen: Pick<ProcessorUse, 'versions' | 'slowdown'>): void {
    const before = this.#last;
    this.#last = now;
    if (before === undefined) return;
    let usedMs = 0;
    for (const [environment, cpuMs] of now.cpuMs)
      usedMs += Math.max(0, cpuMs - (before.cpuMs.get(environment) ?? cpuMs));
    const totalMs = now.times.totalMs - before.times.totalMs;
    const idleMs = now.times.idleMs - before.times.idleMs;
    if (totalMs <= 0) return;
    const used = usedMs / (now.atMs - before.atMs);
    this.#isBound = isProcessorBound({ idleShare: idleMs / totalMs, used, processors, ...seen });
  }
}
