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
/** Looked at this often at most: a file is read for each environment. */
const periodMs = 250;
/** What was seen holds for so long after nobody has waited any more. */
const freshMs = 2_000;
/** What earlier looks count for: the last ten or so tell what an invocation takes. */
const olderShare = 0.9;
/** Invocations in all before they tell that. */
const doneMin = 5;
/** So many times as many as would keep the processors busy, so that none of those has to be waited for. */
const spare = 2;

export function isProcessorBound({ idleShare, used, processors, versions, slowdown }: ProcessorUse): boolean {
  if (idleShare >= idleShareMin) return false;
  return slowdown >= slowdownMin || used >= (shareMin * processors) / Math.max(1, versions);
}

export type Need = {
  processors: number;
  /** Of a processor, what one invocation takes. */
  cpuMsEach: number;
  /** How long it takes where nobody has to wait for a processor. */
  quietBusyMs: number;
  /** Of a processor, the most that one environment may have. */
  share: number;
  /** Invocations that one environment runs at the same time. */
  perEnvironment: number;
};

/** How many at the same time keep the processors busy: of what computes all the time few, of what mostly sleeps many. */
export function enoughForProcessors(need: Need): number {
  const { processors, cpuMsEach, quietBusyMs, share, perEnvironment } = need;
  const each = Math.min(1, share, (perEnvironment * cpuMsEach) / quietBusyMs);
  return each > 0 ? Math.ceil((spare * processors) / each) : Infinity;
}

export type Processors = { count: number; times(): ProcessorTimes };

/** What its runner knows of a version. */
export type Seen = {
  versions: number;
  /** Invocations so far. */
  invocations: number;
  averageBusyMs: number | undefined;
  quietBusyMs: number | undefined;
  share: number;
  perEnvironment: number;
};

type Look = { atMs: number; times: ProcessorTimes; cpuMs: ReadonlyMap<Environment, number>; invocations: number };

export class ProcessorWatch {
  readonly #clock: Clock;
  readonly #processors: Processors | undefined;
  #last: Look | undefined;
  #looking = false;
  #enough = Infinity;
  /** What of the processors' time was used, and by how many invocations: sums in which what is older counts less. */
  #usedMs = 0;
  #done = 0;

  /** Without `processors` it is never said that they are short. */
  constructor(clock: Clock, processors: Processors | undefined) {
    this.#clock = clock;
    this.#processors = processors;
  }

  /** Environments at work at the same time beyond which more only divide the processors; infinite where those are not short. */
  get enough(): number {
    return this.#isFresh ? this.#enough : Infinity;
  }

  get #isFresh(): boolean {
    return this.#last !== undefined && this.#clock.monotonicMs() - this.#last.atMs < freshMs;
  }

  /** To be called while somebody waits. Looks again, unless it has just done so. */
  look(held: readonly Environment[], seen: Seen): void {
    const processors = this.#processors;
    const atMs = this.#clock.monotonicMs();
    if (processors === undefined || this.#looking) return;
    if (this.#last !== undefined && atMs - this.#last.atMs < periodMs) return;
    this.#looking = true;
    const { invocations } = seen;
    void Promise.all(held.map((environment) => environment.usage()))
      .then((usages) => {
        const cpuMs = new Map<Environment, number>();
        for (const [at, environment] of held.entries()) cpuMs.set(environment, usages[at]?.cpuMs ?? 0);
        this.#judge({ atMs, times: processors.times(), cpuMs, invocations }, processors.count, seen);
      })
      // What cannot be read is of one that has just ended: the next look shows the rest.
      .catch(() => undefined)
      .finally(() => (this.#looking = false));
  }

  #judge(now: Look, processors: number, seen: Seen): void {
    const before = this.#isFresh ? this.#last : undefined;
    this.#last = now;
    if (before === undefined) {
      this.#enough = Infinity;
      return;
    }
    let usedMs = 0;
    for (const [environment, cpuMs] of now.cpuMs)
      usedMs += Math.max(0, cpuMs - (before.cpuMs.get(environment) ?? cpuMs));
    const totalMs = now.times.totalMs - before.times.totalMs;
    const idleMs = now.times.idleMs - before.times.idleMs;
    if (totalMs <= 0) return;
    const { versions, averageBusyMs = 0, quietBusyMs = averageBusyMs, share, perEnvironment } = seen;
    const isBound = isProcessorBound({
      idleShare: idleMs / totalMs,
      used: usedMs / (now.atMs - before.atMs),
      processors,
      versions,
      slowdown: quietBusyMs > 0 ? averageBusyMs / quietBusyMs : 1,
    });
    this.#usedMs = this.#usedMs * olderShare + usedMs;
    this.#done = this.#done * olderShare + now.invocations - before.invocations;
    if (!isBound) this.#enough = Infinity;
    // How much each takes is not known: then at least no more than there are.
    else if (this.#usedMs === 0 || this.#done < doneMin)
      this.#enough = Math.min(this.#enough, Math.max(processors, now.cpuMs.size));
    else
      this.#enough = enoughForProcessors({
        processors,
        cpuMsEach: this.#usedMs / this.#done,
        quietBusyMs,
        share,
        perEnvironment,
      });
  }
}
