import prices from './prices.json' with { type: 'json' };
import { trillionths, type Plan } from './price.ts';

export type PlanName = keyof typeof prices.plans;

export const defaultPlan = prices.default as PlanName;

/** A price plan of prices.json. */
export function planOf(name: PlanName): Plan {
  const plan = prices.plans[name];
  return {
    name,
    currency: plan.currency,
    granularityMs: plan.granularityMs,
    // Published for a million; one request costs a millionth of it.
    requestTrillionths: trillionths(plan.perMillionRequests) / 1_000_000n,
    gbSecondTrillionths: trillionths(plan.perGbSecond),
    provisionedGbSecondTrillionths: trillionths(plan.perProvisionedGbSecond),
    keptGbSecondTrillionths: trillionths(plan.perKeptGbSecond),
    halfReadUnitTrillionths: trillionths(plan.perMillionReadUnits) / 2_000_000n,
    writeUnitTrillionths: trillionths(plan.perMillionWriteUnits) / 1_000_000n,
    freeRequests: BigInt(plan.freeRequests),
    freeGbSeconds: BigInt(plan.freeGbSeconds),
  };
}
