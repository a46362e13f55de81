/** For tests of crashes: a process that dies at a call to the disk, chosen by chance from a seed that replays. */
import type { Log } from '../store/log.ts';
import type { Records } from '../store/records.ts';

/** mulberry32: small, and the same everywhere. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One life of the process: dies at its `callsLeft`-th call, after which nothing that it began ever comes back. */
export class Life {
  #callsLeft: number;
  readonly #next: () => number;
  readonly #death = Promise.withResolvers<void>();
  #dead = false;

  constructor(callsLeft: number, next: () => number) {
    this.#callsLeft = callsLeft;
    this.#next = next;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Resolves when it has died. */
  get death(): Promise<void> {
    return this.#death.promise;
  }

  set dead(isOver: true) {
    this.#dead = isOver;
    this.#death.resolve();
  }

  async call<Result>(effect: () => Promise<Result>): Promise<Result> {
    if (this.dead) return new Promise(() => {});
    this.#callsLeft -= 1;
    if (this.#callsLeft === 0) {
      this.dead = true;
      if (this.#next() < 0.5) await effect();
      return new Promise(() => {});
    }
    const result = await effect();
    return this.dead ? new Promise(() => {}) : result;
  }

  overRecords(records: Records): Records {
    return {
      get: (...given) => this.call(() => records.get(...given)),
      range: (...given) => this.call(() => records.range(...given)),
      transact: (...given) => this.call(() => records.transact(...given)),
    };
  }

  over(log: Log): Log {
    return {
      append: (...given) => this.call(() => log.append(...given)),
      receive: (...given) => this.call(() => log.receive(...given)),
      acknowledge: (...given) => this.call(() => log.acknowledge(...given)),
      redeliver: (...given) => this.call(() => log.redeliver(...given)),
      extend: (...given) => this.call(() => log.extend(...given)),
      release: (...given) => this.call(() => log.release(...given)),
      topics: (...given) => this.call(() => log.topics(...given)),
      depth: (...given) => log.depth(...given),
      peek: (...given) => log.peek(...given),
      fate: (...given) => log.fate(...given),
      move: (...given) => this.call(() => log.move(...given)),
      expire: (...given) => this.call(() => log.expire(...given)),
      purge: (...given) => this.call(() => log.purge(...given)),
      find: (...given) => log.find(...given),
      balance: (...given) => log.balance(...given),
      tallied: (...given) => log.tallied(...given),
      watch: (topic, ready) => log.watch(topic, () => (this.dead ? undefined : ready())),
    };
  }
}
