/**
 * A month's bill: one line for each function, one more for its provisioned concurrency, one for each free tier, and a total
 * that reconciles to the rows.
 *
 * The free tier is the account's, not a function's: functions' lines show what their usage costs by the price list, and
 * the free tier's two lines take off what the account as a whole has free. So what a function costs does not
 * depend on which function ran first in the month.
 */
import type { AccountId } from '../util/ids.ts';
import {
  addKept,
  addUsage,
  decimal,
  decimalText,
  emptyUsage,
  plannedMs,
  price,
  type FunctionUsage,
  type Plan,
} from './price.ts';
import { addTableRow, tableTrillionths, type TableUsage } from './table-usage.ts';
import type { KeptRow, TableRow, UsageRow } from './usage-row.ts';

export type BillLine =
  | {
      kind: 'function';
      functionName: string;
      requests: number;
      errors: number;
      coldStarts: number;
      billedMs: number;
      /** Decimal text, exact. */
      gbSeconds: string;
      initMs: number;
      requestBytes: number;
      responseBytes: number;
      /** Decimal text in the bill's currency. */
      amount: string;
    }
  /** Provisioned concurrency: environments that were kept ready, in started slots of five minutes. */
  | { kind: 'provisioned'; functionName: string; gbSeconds: string; amount: string }
  /** A table that is paid for by request. */
  | { kind: 'table'; table: string; readUnits: number; writeUnits: number; amount: string }
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
  /** Usage rows behind it; each is one request. Those of provisioned concurrency and of tables are not counted. */
  rows: number;
  /** The lines' requests and time are those of the rows, counted apart from them, and the lines' amounts are the total. */
  reconciles: boolean;
};

export async function makeBill(
  {
    rows,
    kept,
    tables,
  }: { rows: AsyncIterable<UsageRow>; kept: AsyncIterable<KeptRow>; tables: AsyncIterable<TableRow> },
  about: { account: AccountId; month: string; plan: Plan },
): Promise<Bill> {
  const { account, month, plan } = about;
  const usages = new Map<string, FunctionUsage>();
  let [count, mbMs] = [0, 0n];
  for await (const row of rows) {
    count += 1;
    mbMs += plannedMs(row, plan) * BigInt(row.memoryMb);
    usages.set(row.functionName, addUsage(usages.get(row.functionName) ?? emptyUsage(row.functionName), row, plan));
  }
  let keptMbMs = 0n;
  for await (const row of kept) {
    keptMbMs += BigInt(row.count) * BigInt(row.memoryMb) * BigInt(row.slotMs);
    usages.set(row.functionName, addKept(usages.get(row.functionName) ?? emptyUsage(row.functionName), row));
  }
  const tableUsages = new Map<string, TableUsage>();
  let allTables: TableUsage = { table: '', halfReadUnits: 0n, writeUnits: 0n };
  for await (const row of tables) {
    tableUsages.set(row.table, addTableRow(tableUsages.get(row.table), row));
    allTables = addTableRow(allTables, row);
  }
  const tableLines = [...tableUsages.values()].sort((a, b) => (a.table < b.table ? -1 : 1));
  const tablesTrillionths = tableLines.reduce((total, usage) => total + tableTrillionths(usage, plan), 0n);
  const byName = [...usages.values()].sort((a, b) => (a.functionName < b.functionName ? -1 : 1));
  const { functions, free, totalTrillionths: functionsTrillionths } = price(byName, plan);
  const totalTrillionths = functionsTrillionths + tableTrillionths(allTables, plan);
  const requests = functions.reduce((total, usage) => total + usage.requests, 0n);
  const linesMbMs = functions.reduce((total, usage) => total + usage.mbMs, 0n);
  const linesKeptMbMs = functions.reduce((total, usage) => total + usage.keptMbMs, 0n);
  const sum = functions.reduce(
    (total, usage) => total + usage.amountTrillionths + usage.keptTrillionths,
    free.requestsTrillionths + free.durationTrillionths + tablesTrillionths,
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
      ...functions
        .filter((usage) => usage.keptMbMs > 0n)
        .map((usage): BillLine => ({
          kind: 'provisioned',
          functionName: usage.functionName,
          gbSeconds: gbSeconds(usage.keptMbMs),
          amount: decimalText(usage.keptTrillionths),
        })),
      ...tableLines.map((usage): BillLine => ({
        kind: 'table',
        table: usage.table,
        readUnits: Number(usage.halfReadUnits) / 2,
        writeUnits: Number(usage.writeUnits),
        amount: decimalText(tableTrillionths(usage, plan)),
      })),
      { kind: 'free_requests', requests: Number(free.requests), amount: decimalText(free.requestsTrillionths) },
      { kind: 'free_duration', gbSeconds: gbSeconds(free.mbMs), amount: decimalText(free.durationTrillionths) },
    ],
    requests: Number(requests),
    gbSeconds: gbSeconds(mbMs),
    total: decimalText(totalTrillionths),
    rows: count,
    reconciles:
      requests === BigInt(count) && linesMbMs === mbMs && linesKeptMbMs === keptMbMs && sum === totalTrillionths,
  };
}

/** Exact: one MB-ms is 0.0000009765625 GB-s. At least six places are shown, and thirteen are always enough. */
const gbSeconds = (mbMs: bigint): string => decimal(mbMs * 9_765_625n, 13, 6);
