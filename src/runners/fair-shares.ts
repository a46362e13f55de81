/**
 * How many environments each function is due when all that the machine may have are taken: an equal share for each account,
 * and of that for each of its functions; what one does not need goes to the others (max–min fairness). Pure.
 */
import type { AccountId } from '../util/ids.ts';

/** `present`: environments that it has, or that are on their way; `demand`: those that it could use now. */
export type Tenant = { account: AccountId; present: number; demand: number };

/** Whole shares of `capacity`, in the order of the demands: none above its demand, and a smaller one only where its demand is. */
export function fairShares(capacity: number, demands: readonly number[]): number[] {
  const shares = demands.map(() => 0);
  const byDemand = demands.map((_, at) => at).toSorted((a, b) => (demands[a] ?? 0) - (demands[b] ?? 0));
  let left = Math.max(0, Math.floor(capacity));
  let claimants = byDemand.length;
  for (const at of byDemand) {
    const share = Math.min(demands[at] ?? 0, Math.floor(left / claimants));
    shares[at] = share;
    left -= share;
    claimants -= 1;
  }
  return shares;
}

/** The same, first between accounts. */
export function tenantShares(capacity: number, tenants: readonly Tenant[]): number[] {
  const accounts = [...Map.groupBy(tenants, ({ account }) => account).values()];
  const ofAccounts = fairShares(
    capacity,
    accounts.map((own) => own.reduce((sum, { demand }) => sum + demand, 0)),
  );
  const shares = new Map<Tenant, number>();
  for (const [at, own] of accounts.entries()) {
    const ofFunctions = fairShares(
      ofAccounts[at] ?? 0,
      own.map(({ demand }) => demand),
    );
    for (const [index, tenant] of own.entries()) shares.set(tenant, ofFunctions[index] ?? 0);
  }
  return tenants.map((tenant) => shares.get(tenant) ?? 0);
}

/**
 * Whether `one` is to give up an environment that has become free, though others of its own callers wait: it has more than
 * its share, and somebody has less. Once all have their shares nobody gives up any more: each change costs a start.
 */
export function shouldYield(capacity: number, tenants: readonly Tenant[], one: Tenant): boolean {
  const shares = tenantShares(capacity, tenants);
  if (one.present <= (shares[tenants.indexOf(one)] ?? 0)) return false;
  return tenants.some(({ present, demand }, at) => present < Math.min(demand, shares[at] ?? 0));
}
