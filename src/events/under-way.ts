/** What runs for each of several things as long as it is wanted; what was let go of is waited for at the end. */
export class UnderWay<Wanted> implements AsyncDisposable {
  readonly #start: (wanted: Wanted) => AsyncDisposable;
  readonly #isSame: (before: Wanted, now: Wanted) => boolean;
  readonly #active = new Map<string, { wanted: Wanted; run: AsyncDisposable }>();
  /** Replaced or unwanted, with something still running. */
  readonly #ending = new Set<Promise<void>>();

  /** `isSame`: whether what runs for the one may go on for the other. */
  constructor(start: (wanted: Wanted) => AsyncDisposable, isSame: (before: Wanted, now: Wanted) => boolean) {
    this.#start = start;
    this.#isSame = isSame;
  }

  /** From now on these, by a key that stays the same, and no others. */
  want(wanted: ReadonlyMap<string, Wanted>): void {
    for (const [key, { wanted: before }] of this.#active) {
      const now = wanted.get(key);
      if (now === undefined || !this.#isSame(before, now)) this.#end(key);
    }
    for (const [key, one] of wanted)
      if (!this.#active.has(key)) this.#active.set(key, { wanted: one, run: this.#start(one) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.want(new Map());
    await Promise.all(this.#ending);
  }

  #end(key: string): void {
    const ending = this.#active.get(key)?.run[Symbol.asyncDispose]();
    this.#active.delete(key);
    const ended = Promise.resolve(ending).then(() => void this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}
