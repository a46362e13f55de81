/**
 * Explores every state of a small model: breadth first, so that what refutes it is refuted by a shortest story. States are
 * plain data; two that read the same are the same.
 */
export type Model<State> = {
  initial: State;
  /** Every step that is possible in a state, by name. */
  steps(state: State): Iterable<readonly [name: string, next: State]>;
  /** What is wrong with a state; undefined: nothing. */
  wrong(state: State): string | undefined;
};

export type Explored =
  | { outcome: 'holds'; states: number }
  | { outcome: 'refuted'; why: string; story: readonly string[]; states: number };

/** More than a model that is meant to be small has: it has a mistake then, or is too large. */
const statesMax = 2_000_000;

export function explore<State>(model: Model<State>): Explored {
  /** By state, how it came about first. */
  const origins = new Map<string, { from: string | undefined; name: string }>();
  const first = JSON.stringify(model.initial);
  origins.set(first, { from: undefined, name: '' });
  let frontier = [first];
  while (frontier.length > 0) {
    const found: string[] = [];
    for (const key of frontier) {
      const state = JSON.parse(key) as State;
      const why = model.wrong(state);
      if (why !== undefined) return { outcome: 'refuted', why, story: storyOf(origins, key), states: origins.size };
      for (const [name, next] of model.steps(state)) {
        const nextKey = JSON.stringify(next);
        if (origins.has(nextKey)) continue;
        origins.set(nextKey, { from: key, name });
        found.push(nextKey);
      }
    }
    if (origins.size > statesMax) throw new Error(`the model has more than ${statesMax} states`);
    frontier = found;
  }
  return { outcome: 'holds', states: origins.size };
}

function storyOf(origins: ReadonlyMap<string, { from: string | undefined; name: string }>, last: string): string[] {
  const story: string[] = [];
  for (let key: string | undefined = last; key !== undefined;) {
    const origin = origins.get(key);
    if (origin?.from === undefined) break;
    story.unshift(origin.name);
    key = origin.from;
  }
  return story;
}
