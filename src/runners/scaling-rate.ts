/**
 * How fast the environments of one function may become more: 1,000 each ten seconds, refilled continuously, and nothing
 * is saved up beyond that. Pure. https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html
 */
export const scalingRate = { environmentsMax: 1_000, perMs: 10_000 } as const;

/** `left`: starts that may be made at once, with fractions, as of `atMs`. */
export type Allowance = { left: number; atMs: number };

export const fullAllowance = (nowMs: number): Allowance => ({ left: scalingRate.environmentsMax, atMs: nowMs });

function refilled({ left, atMs }: Allowance, nowMs: number): Allowance {
  const { environmentsMax, perMs } = scalingRate;
  const gained = (Math.max(0, nowMs - atMs) * environmentsMax) / perMs;
  return { left: Math.min(environmentsMax, left + gained), atMs: Math.max(atMs, nowMs) };
}

/** After one start; undefined: it may not be made yet. */
export function spent(allowance: Allowance, nowMs: number): Allowance | undefined {
  const now = refilled(allowance, nowMs);
  return now.left < 1 ? undefined : { ...now, left: now.left - 1 };
}

export const isFull = (allowance: Allowance, nowMs: number): boolean =>
  refilled(allowance, nowMs).left >= scalingRate.environmentsMax;
