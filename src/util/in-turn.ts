/** Runs `work` when everything that was asked for before it under the same key has ended, well or badly. */
export type InTurn = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

/** One line for each key; keys that nobody waits for cost nothing. */
export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = last.get(key);
    const turn = before === undefined ? work() : before.then(work, work);
    last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (last.get(key) === turn) last.delete(key);
    }
  };
}
