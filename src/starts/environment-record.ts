/** An environment's life as it is kept: why it was started, what that took, what it did, and why it ended. */
import type { EndReason, StartReason } from '../telemetry/start-reason.ts';
import type { EnvironmentStarted, StartKind } from '../telemetry/telemetry.ts';
import type { AccountId } from '../util/ids.ts';

export type EnvironmentRecord = {
  id: string;
  functionName: string;
  version: string;
  runtime: string;
  memoryMb: number;
  /** Of its code and layers, zipped; absent where that is not known. */
  packageBytes?: number;
  start: StartKind;
  reason: StartReason;
  startedMs: number;
  placeUs: number;
  provisionUs: number;
  /** Absent until its code is loaded. */
  initUs?: number;
  /** The invocation that ran in it first. */
  first?: { requestId: string; attempt: number; timeMs: number; coldUs: number };
  invocations: number;
  /** In its handler, altogether. */
  handlerUs: number;
  memoryBytesMax?: number;
  lastMs?: number;
  ended?: { timeMs: number; reason: EndReason; detail?: string };
};

export const environmentPrefix = (account: AccountId): string => `environment/${account}/`;

/** Later than this no clock goes (the year 2286); what is left until then sorts the newest first. */
const timeMax = 9_999_999_999_999;

/** The newest are first in the order of keys, and `id` '' stands before all of its millisecond. */
export const environmentKey = (account: AccountId, startedMs: number, id: string): string =>
  `${environmentPrefix(account)}${String(timeMax - Math.floor(startedMs)).padStart(13, '0')}/${id}`;

export function environmentRecord(started: EnvironmentStarted, packageBytes: number | undefined): EnvironmentRecord {
  const { environmentId, functionName, version, runtime, memoryMb, start, reason, timeMs } = started;
  return {
    id: environmentId,
    functionName,
    version,
    runtime,
    memoryMb,
    ...(packageBytes !== undefined && { packageBytes }),
    start,
    reason,
    startedMs: timeMs,
    placeUs: Math.round(started.placeUs),
    provisionUs: Math.round(started.provisionUs),
    invocations: 0,
    handlerUs: 0,
  };
}
