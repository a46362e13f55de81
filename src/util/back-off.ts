/**
 * How long to leave alone what failed `failures` times running (from 1): doubling from `firstMs` to `maxMs`, of which
 * `fraction` (0 to 1, random) decides the second half, so that many who wait do not come back together.
 */
export function backOffMs(failures: number, fraction: number, bounds: { firstMs: number; maxMs: number }): number {
  const fullMs = Math.min(bounds.maxMs, bounds.firstMs * 2 ** Math.min(failures - 1, 30));
  return fullMs / 2 + (fullMs / 2) * fraction;
}
