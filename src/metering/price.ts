/** From usage to money. Pure, and exact: usage in whole megabyte-milliseconds, money in whole trillionths (10^-12). */
import { isWaitedFor } from '../telemetry/telemetry.ts';
import type { KeptRow, UsageRow } from './usage-row.ts';

export type Plan = {
  name: string;
  currency: string;
  /** A started so many milliseconds count in full. */
  granularityMs: number;
  requestTrillionths: bigint;
  gbSecondTrillionths: bigint;
  /** What runs in environments of provisioned concurrency, which the free tier does not cover. */
  provisionedGbSecondTrillionths: bigint;
  /** Half a read unit of a table is the least that is counted. */
  halfReadUnitTrillionths: bigint;
  writeUnitTrillionths: bigint;
  /** Those environments themselves, whether anything runs or not. */
  keptGbSecondTrillionths: bigint;
  /** For each account and calendar month. */
  freeRequests: bigint;
  freeGbSeconds: bigint;
};

export type FunctionUsage = {
  functionName: string;
  requests: bigint;
  errors: bigint;
  coldStarts: bigint;
  billedMs: bigint;
  mbMs: bigint;
  /** Of `requests` and `mbMs`: what ran in environments of provisioned concurrency. */
  provisionedRequests: bigint;
  provisionedMbMs: bigint;
  /** Environments of provisioned concurrency, from when they were ready until they were given up. */
  keptMbMs: bigint;
  initUs: bigint;
  requestBytes: bigint;
  responseBytes: bigint;
};

/** 1 GB is 1,024 MB here, as on Lambda's bill. */
export const mbMsPerGbSecond = 1_024_000n;

export type Priced = {
  /** `keptTrillionths` is apart from `amountTrillionths`. */
  functions: readonly (FunctionUsage & { amountTrillionths: bigint; keptTrillionths: bigint })[];
  /** What the free tier takes off; zero or less. Attributed to the account, not to any one function. */
  free: { requests: bigint; mbMs: bigint; requestsTrillionths: bigint; durationTrillionths: bigint };
  totalTrillionths: bigint;
};

export function emptyUsage(functionName: string): FunctionUsage {
  return {
    functionName,
    requests: 0n,
    errors: 0n,
    coldStarts: 0n,
    billedMs: 0n,
    mbMs: 0n,
    provisionedRequests: 0n,
    provisionedMbMs: 0n,
    keptMbMs: 0n,
    initUs: 0n,
    requestBytes: 0n,
    responseBytes: 0n,
  };
}

/** What the plan counts of a row: its billed time, as the REPORT line shows it, in whole steps of the plan. */
export const plannedMs = (row: UsageRow, plan: Plan): bigint =>
  BigInt(Math.ceil(row.billedMs / plan.granularityMs) * plan.granularityMs);

/** What a row adds under a plan. */
export function addUsage(usage: FunctionUsage, row: UsageRow, plan: Plan): FunctionUsage {
  const billedMs = plannedMs(row, plan);
  const mbMs = billedMs * BigInt(row.memoryMb);
  const isProvisioned = row.provisioned === true;
  return {
    ...usage,
    requests: usage.requests + 1n,
    errors: usage.errors + (row.status === 'ok' ? 0n : 1n),
    coldStarts: usage.coldStarts + (isWaitedFor(row.start) ? 1n : 0n),
    billedMs: usage.billedMs + billedMs,
    mbMs: usage.mbMs + mbMs,
    provisionedRequests: usage.provisionedRequests + (isProvisioned ? 1n : 0n),
    provisionedMbMs: usage.provisionedMbMs + (isProvisioned ? mbMs : 0n),
    initUs: usage.initUs + BigInt(row.initUs),
    requestBytes: usage.requestBytes + BigInt(row.requestBytes),
    responseBytes: usage.responseBytes + BigInt(row.responseBytes),
  };
}

/** What a slot adds. A started slot counts in full. */
export function addKept(usage: FunctionUsage, { count, memoryMb, slotMs }: KeptRow): FunctionUsage {
  return { ...usage, keptMbMs: usage.keptMbMs + BigInt(count) * BigInt(memoryMb) * BigInt(slotMs) };
}

const durationAmount = (mbMs: bigint, gbSecondTrillionths: bigint): bigint =>
  (mbMs * gbSecondTrillionths) / mbMsPerGbSecond;

export function price(functions: readonly FunctionUsage[], plan: Plan): Priced {
  const { requestTrillionths, gbSecondTrillionths, provisionedGbSecondTrillionths, keptGbSecondTrillionths } = plan;
  let [requests, onDemandMbMs, provisionedRequests, provisionedMbMs, keptMbMs] = [0n, 0n, 0n, 0n, 0n];
  for (const usage of functions) {
    requests += usage.requests;
    onDemandMbMs += usage.mbMs - usage.provisionedMbMs;
    provisionedRequests += usage.provisionedRequests;
    provisionedMbMs += usage.provisionedMbMs;
    keptMbMs += usage.keptMbMs;
  }
  const freeRequests = smaller(requests - provisionedRequests, plan.freeRequests);
  const freeMbMs = smaller(onDemandMbMs, plan.freeGbSeconds * mbMsPerGbSecond);
  const priced = functions.map((usage) => ({
    ...usage,
    amountTrillionths:
      usage.requests * requestTrillionths +
      durationAmount(usage.mbMs - usage.provisionedMbMs, gbSecondTrillionths) +
      durationAmount(usage.provisionedMbMs, provisionedGbSecondTrillionths),
    keptTrillionths: durationAmount(usage.keptMbMs, keptGbSecondTrillionths),
  }));
  // The total is counted from what is charged, not from the lines' rounded amounts; the free tier is what is between them.
  const totalTrillionths =
    (requests - freeRequests) * requestTrillionths +
    durationAmount(onDemandMbMs - freeMbMs, gbSecondTrillionths) +
    durationAmount(provisionedMbMs, provisionedGbSecondTrillionths) +
    durationAmount(keptMbMs, keptGbSecondTrillionths);
  const requestsTrillionths = -freeRequests * requestTrillionths;
  const gross = priced.reduce((sum, line) => sum + line.amountTrillionths + line.keptTrillionths, 0n);
  return {
    functions: priced,
    free: {
      requests: freeRequests,
      mbMs: freeMbMs,
      requestsTrillionths,
      durationTrillionths: totalTrillionths - gross - requestsTrillionths,
    },
    totalTrillionths,
  };
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

const decimals = 12;

/** `0.0000166667` to 16,666,700. Throws for what is not a decimal with at most twelve places. */
export function trillionths(decimal: string): bigint {
  const match = /^(\d+)(?:\.(\d{1,12}))?$/.exec(decimal);
  if (match === null)
    throw new Error(`'${decimal}' is not a price: a decimal with at most ${decimals} places is accepted, such as 0.20`);
  return BigInt(match[1] ?? '0') * 10n ** BigInt(decimals) + BigInt((match[2] ?? '').padEnd(decimals, '0'));
}

/** Twelve places without the zeros at their end, so that lines add up to the total to the last one. */
export const decimalText = (amount: bigint): string => decimal(amount, decimals, 2);

/** `scaled` / 10^`places`, without zeros at the end beyond `placesMin`. */
export function decimal(scaled: bigint, places: number, placesMin: number): string {
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(places + 1, '0');
  const kept = digits.slice(-places).replace(/0+$/, '').padEnd(placesMin, '0');
  return `${scaled < 0n ? '-' : ''}${digits.slice(0, -places)}.${kept}`;
}
