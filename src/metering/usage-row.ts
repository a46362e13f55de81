/** One settled attempt as it is kept: what was used, and nothing of what was said. */
import type { StartReason } from '../telemetry/start-reason.ts';
import type { InvocationSettled, Phases, TelemetryEvent } from '../telemetry/telemetry.ts';
import type { AccountId } from '../util/ids.ts';

export type UsageRow = {
  requestId: string;
  attempt: number;
  timeMs: number;
  /** When it was accepted for later: it was asynchronous. */
  acceptedMs?: number;
  functionName: string;
  version: string;
  source: string;
  status: InvocationSettled['status'];
  start: InvocationSettled['start'];
  /** Why no warm environment was there. Absent on a warm start, and in rows from before it was kept, as all that follows it is. */
  startReason?: StartReason;
  environmentId?: string;
  environmentStartedMs?: number;
  /** With `initUs` and `handlerUs`, the phases; those that took nothing are left out. */
  queueUs?: number;
  placeUs?: number;
  provisionUs?: number;
  replyUs?: number;
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
export function monthOf(timeMs: number): string {
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

/** What was read and written of one table, from `timeMs` on, by one process. */
export type TableRow = { table: string; timeMs: number; readUnits: number; writeUnits: number };

type TableUsed = Extract<TelemetryEvent, { kind: 'table.used' }>;

export const tablePrefix = (account: AccountId, month: string): string => `table-usage/${account}/${month}/`;

/** What is said of it last holds. */
export const tableKey = ({ account, timeMs, counter }: TableUsed): string =>
  `${tablePrefix(account, monthOf(timeMs))}${counter}/${new Date(timeMs).toISOString()}`;

export const tableRow = ({ table, timeMs, readUnits, writeUnits }: TableUsed): TableRow => ({
  table,
  timeMs,
  readUnits,
  writeUnits,
});

/** The other phases of a row: 0 where they are left out. */
export const phasesOf = ({
  queueUs = 0,
  placeUs = 0,
  provisionUs = 0,
  initUs,
  handlerUs,
  replyUs = 0,
}: UsageRow): Phases => ({ queueUs, placeUs, provisionUs, initUs, handlerUs, replyUs });

export function usageRow(settled: InvocationSettled): UsageRow {
  const { acceptedMs, startReason, environmentStartedMs, phases } = settled;
  const row: UsageRow = {
    requestId: settled.requestId,
    attempt: settled.attempt,
    timeMs: settled.timeMs,
    functionName: settled.functionName,
    version: settled.version,
    source: settled.source,
    status: settled.status,
    start: settled.start,
    environmentId: settled.environmentId,
    memoryMb: settled.memoryMb,
    handlerUs: Math.round(phases.handlerUs),
    initUs: Math.round(phases.initUs),
    billedMs: settled.billedMs,
    requestBytes: settled.requestBytes,
    responseBytes: settled.responseBytes,
  };
  if (acceptedMs !== undefined) row.acceptedMs = acceptedMs;
  if (startReason !== undefined) row.startReason = startReason;
  if (environmentStartedMs !== undefined) row.environmentStartedMs = environmentStartedMs;
  const [queueUs, placeUs] = [Math.round(phases.queueUs), Math.round(phases.placeUs)];
  const [provisionUs, replyUs] = [Math.round(phases.provisionUs), Math.round(phases.replyUs)];
  if (queueUs > 0) row.queueUs = queueUs;
  if (placeUs > 0) row.placeUs = placeUs;
  if (provisionUs > 0) row.provisionUs = provisionUs;
  if (replyUs > 0) row.replyUs = replyUs;
  if (settled.provisioned !== undefined) row.provisioned = settled.provisioned;
  return row;
}
