/** When something was last wanted, so that what nobody has wanted for a while can be removed, and nothing that is about to be used. */
export class LastWanted<Key> {
  readonly #unwantedMs: number;
  readonly #lastMs = new Map<Key, number>();

  /** `unwantedMs`: how long nobody must have wanted it. */
  constructor(unwantedMs: number) {
    this.#unwantedMs = unwantedMs;
  }

  wanted(key: Key, nowMs: number): void {
    this.#lastMs.set(key, nowMs);
  }

  forget(key: Key): void {
    this.#lastMs.delete(key);
  }

  /** Those that are not used now, and have not been wanted for so long; what is used is wanted. */
  unwanted(isUsed: (key: Key) => boolean, nowMs: number): Key[] {
    const due: Key[] = [];
    for (const [key, lastMs] of this.#lastMs) {
      if (isUsed(key)) this.#lastMs.set(key, nowMs);
      else if (nowMs - lastMs >= this.#unwantedMs) due.push(key);
    }
    return due;
  }
}
