/**
 * How often a property of a parser is tried: `usual` times, or as often as MAYFLY_FUZZ_RUNS says. A failure prints the seed
 * and the path that repeat it; MAYFLY_FUZZ_SEED begins with that seed.
 */
export function fuzzRuns(usual: number): { numRuns: number; seed?: number } {
  const { MAYFLY_FUZZ_RUNS: runs, MAYFLY_FUZZ_SEED: seed } = process.env;
  return { numRuns: runs === undefined ? usual : Number(runs), ...(seed !== undefined && { seed: Number(seed) }) };
}
