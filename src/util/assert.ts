/** An invariant of ours that broke: a bug in Mayfly, never somebody's bad input. It is meant to crash. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}

/** The end of a `switch` over a union: does not compile while a case is missing. */
export function never(value: never): never {
  throw new Error(`invariant broken: unexpected value ${JSON.stringify(value)}`);
}
