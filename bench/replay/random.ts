/** Chance that a seed decides: the same seed, the same trace, on every machine (SplitMix32 over a counter). */
export type Random = {
  /** 0 to 1. */
  share(): number;
  /** Normal, mean 0 and deviation 1. */
  normal(): number;
  /** Exponential of this mean. */
  exponential(mean: number): number;
  /** Of these, one. */
  pick<Value>(values: readonly [Value, ...Value[]]): Value;
};

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const share = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / 2 ** 32;
  };
  const positive = (): number => 1 - share();
  return {
    share,
    normal: () => Math.sqrt(-2 * Math.log(positive())) * Math.cos(2 * Math.PI * share()),
    exponential: (mean) => -mean * Math.log(positive()),
    pick: (values) => values[Math.floor(share() * values.length)] ?? values[0],
  };
}
