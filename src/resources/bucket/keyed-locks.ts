/**
 * One at a time for each name, in order of arrival. The store's checks make changes safe; this only spares those who
 * change the same key at once from failing each other's checks over and over.
 */
export class KeyedLocks {
  #tails = new Map<string, Promise<unknown>>();

  async run<Result>(name: string, task: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(name);
    const turn = before === undefined ? task() : before.then(task, task);
    const tail = turn.catch(() => undefined);
    this.#tails.set(name, tail);
    try {
      return await turn;
    } finally {
      if (this.#tails.get(name) === tail) this.#tails.delete(name);
    }
  }
}
