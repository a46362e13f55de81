/** One settled attempt as it is kept: what was used, and nothing of what was said. */
import type { InvocationSettled, TelemetryEvent } from '../telemetry/telemetry.ts';
import type { AccountId } from '../util/ids.ts';

export type UsageRow = {
  requestId: string;
  attempt: number;
  timeMs: number;
  functionName: string;
  version: string;
  source: string;
  status: InvocationSettled['status'];
  start: InvocationSettled['start'];
  memoryMb: number;
  /** What the handler took, before rounding. */
  handlerUs: number;
  initUs: number;
  billedMs: number;
  requestBytes: number;
  responseBytes: number;
  /** It ran in an environment of provisioned concurrency, which has a price of its own. */
  provisioned?: true;
};

/** Environments of one version that were kept ready, in one slot of time. */
export type KeptRow = {
  functionName: string;
  version: string;
  timeMs: number;
  slotMs: number;
  memoryMb: number;
  count: number;
};

type Kept = Extract<TelemetryEvent, { kind: 'environments.provisioned' }>;

/** `2026-01`, in UTC. */
function monthOf(timeMs: number): string {
  const date = new Date(timeMs);
  const month = date.getUTCMonth() + 1;
  return `${date.getUTCFullYear()}-${month < 10 ? '0' : ''}${month}`;
}

export const usagePrefix = (account: AccountId, month: string): string => `usage/${account}/${month}/`;

/**
 * One key for each attempt of each request: an event that is delivered again after a crash repeats both, and so
 * overwrites its row instead of adding one.
 */
export function usageKey(settled: InvocationSettled): string {
  return `${usagePrefix(settled.account, monthOf(settled.timeMs))}${settled.requestId}/${settled.attempt}`;
}

export const keptPrefix = (account: AccountId, month: string): string => `provisioned/${account}/${month}/`;

/** One key for each version and slot: what is said of it last holds. */
export function keptKey({ account, functionName, version, timeMs, slotMs }: Kept): string {
  const slot = new Date(timeMs - (timeMs % slotMs)).toISOString();
  return `${keptPrefix(account, monthOf(timeMs))}${functionName}/${version}/${slot}`;
}

export function keptRow({ functionName, version, timeMs, slotMs, memoryMb, count }: Kept): KeptRow {
  return { functionName, version, timeMs: timeMs - (timeMs % slotMs), slotMs, memoryMb, count };
}

export function usageRow(settled: InvocationSettled): UsageRow {
  const { requestId, attempt, timeMs, functionName, version, source, status, start, memoryMb, phases, billedMs } =
    settled;
  const { requestBytes, responseBytes } = settled;
  const handlerUs = Math.round(phases.handlerUs);
  const initUs = Math.round(phases.initUs);
  return {
    requestId,
    attempt,
    timeMs,
    functionName,
    version,
    source,
    status,
    start,
    memoryMb,
    handlerUs,
    initUs,
    billedMs,
    requestBytes,
    responseBytes,
    ...(settled.provisioned === undefined ? {} : { provisioned: settled.provisioned }),
  };
}
