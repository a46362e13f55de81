/** A month's bill: one line for each function, one for each free tier, and a total that reconciles to the rows. */
import type { AccountId } from '../util/ids.ts';
import { addUsage, decimalText, emptyUsage, mbMsPerGbSecond, price, type FunctionUsage, type Plan } from './price.ts';
import type { UsageRow } from './usage-row.ts';

export type BillLine =
  | {
      kind: 'function';
      functionName: string;
      requests: number;
      errors: number;
      coldStarts: number;
      billedMs: number;
      /** Decimal text, exact to six places. */
      gbSeconds: string;
      initMs: number;
      requestBytes: number;
      responseBytes: number;
      /** Decimal text in the bill's currency. */
      amount: string;
    }
  | { kind: 'free_requests'; requests: number; amount: string }
  | { kind: 'free_duration'; gbSeconds: string; amount: string };

export type Bill = {
  account: AccountId;
  month: string;
  plan: string;
  currency: string;
  lines: BillLine[];
  requests: number;
  gbSeconds: string;
  total: string;
  /** Usage rows behind it; each is one request. */
  rows: number;
  /** The lines' requests are the rows, and the lines' amounts are the total. */
  reconciles: boolean;
};

export async function makeBill(
  rows: AsyncIterable<UsageRow>,
  about: { account: AccountId; month: string; plan: Plan },
): Promise<Bill> {
  const { account, month, plan } = about;
  const usages = new Map<string, FunctionUsage>();
  let count = 0;
  for await (const row of rows) {
    count += 1;
    usages.set(row.functionName, addUsage(usages.get(row.functionName) ?? emptyUsage(row.functionName), row, plan));
  }
  const byName = [...usages.values()].sort((a, b) => (a.functionName < b.functionName ? -1 : 1));
  const { functions, free, totalTrillionths } = price(byName, plan);
  const requests = functions.reduce((sum, usage) => sum + usage.requests, 0n);
  const sum = functions.reduce(
    (total, usage) => total + usage.amountTrillionths,
    free.requestsTrillionths + free.durationTrillionths,
  );
  return {
    account,
    month,
    plan: plan.name,
    currency: plan.currency,
    lines: [
      ...functions.map((usage): BillLine => ({
        kind: 'function',
        functionName: usage.functionName,
        requests: Number(usage.requests),
        errors: Number(usage.errors),
        coldStarts: Number(usage.coldStarts),
        billedMs: Number(usage.billedMs),
        gbSeconds: gbSeconds(usage.mbMs),
        initMs: Number(usage.initUs) / 1_000,
        requestBytes: Number(usage.requestBytes),
        responseBytes: Number(usage.responseBytes),
        amount: decimalText(usage.amountTrillionths),
      })),
      { kind: 'free_requests', requests: Number(free.requests), amount: decimalText(free.requestsTrillionths) },
      { kind: 'free_duration', gbSeconds: gbSeconds(free.mbMs), amount: decimalText(free.durationTrillionths) },
    ],
    requests: Number(requests),
    gbSeconds: gbSeconds(functions.reduce((total, usage) => total + usage.mbMs, 0n)),
    total: decimalText(totalTrillionths),
    rows: count,
    reconciles: requests === BigInt(count) && sum === totalTrillionths,
  };
}

/** Six places: a whole millisecond of one megabyte is just visible in them. */
function gbSeconds(mbMs: bigint): string {
  const millionths = (mbMs * 1_000_000n) / mbMsPerGbSecond;
  const text = millionths.toString().padStart(7, '0');
  return `${text.slice(0, -6)}.${text.slice(-6)}`;
}
