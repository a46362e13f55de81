/**
 * What the platform has to say of an environment and of an invocation, as records: the lines of a log whose format is
 * JSON, and the events of the Telemetry API. How grave each is decides whether a log shows it.
 * https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html, and for the levels
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
import type { StartReason } from './start-reason.ts';
import type { Phases, StartKind } from './telemetry.ts';

export type PlatformRecord = {
  type: `platform.${string}`;
  level: SystemLevel;
  record: Readonly<Record<string, unknown>>;
};

export const systemLevels = ['DEBUG', 'INFO', 'WARN'] as const;
export type SystemLevel = (typeof systemLevels)[number];

export type RecordStatus = 'success' | 'error' | 'failure' | 'timeout';

/** As the function's own variable has it: `on-demand`, `provisioned-concurrency`, `snap-start`. */
export type InitializationType = string;
const phase = 'init';

export function initStartRecord(
  initializationType: InitializationType,
  of: { name: string; version: string; runtime: string },
): PlatformRecord {
  const { name: functionName, version: functionVersion, runtime: runtimeVersion } = of;
  const record = { initializationType, phase, runtimeVersion, functionName, functionVersion };
  return { type: 'platform.initStart', level: 'INFO', record };
}

export const initRuntimeDoneRecord = (
  initializationType: InitializationType,
  status: RecordStatus,
): PlatformRecord => ({
  type: 'platform.initRuntimeDone',
  level: levelOf(status, 'DEBUG'),
  record: { initializationType, phase, status },
});

/** `phase`: `invoke` for one that was done again in the time of an invocation. */
export const initReportRecord = (
  initializationType: InitializationType,
  status: RecordStatus,
  durationMs: number,
  more: { phase?: 'init' | 'invoke'; errorType?: string } = {},
): PlatformRecord => ({
  type: 'platform.initReport',
  level: levelOf(status, 'DEBUG'),
  record: { initializationType, phase, status, ...more, metrics: { durationMs: rounded(durationMs) } },
});

export const startRecord = (of: { requestId: string; version: string; traceId: string }): PlatformRecord => ({
  type: 'platform.start',
  level: 'INFO',
  record: { requestId: of.requestId, version: of.version, tracing: tracingOf(of.traceId) },
});

export type Done = {
  requestId: string;
  status: RecordStatus;
  errorType?: string | undefined;
  durationMs: number;
  producedBytes: number;
  traceId: string;
};

export function runtimeDoneRecord(done: Done): PlatformRecord {
  const { requestId, status, errorType, durationMs, producedBytes, traceId } = done;
  return {
    type: 'platform.runtimeDone',
    level: levelOf(status, 'DEBUG'),
    record: {
      requestId,
      status,
      ...(errorType !== undefined && { errorType }),
      metrics: { durationMs: rounded(durationMs), producedBytes },
      tracing: tracingOf(traceId),
    },
  };
}

export type Report = {
  requestId: string;
  status: RecordStatus;
  errorType?: string | undefined;
  durationMs: number;
  billedDurationMs: number;
  memoryMb: number;
  memoryBytesMax: number | undefined;
  /** Of the invocation that waited for an environment. */
  initDurationMs: number | undefined;
  /** The same, where that was made from a template. */
  restoreDurationMs?: number | undefined;
  /** What a log is told beyond Lambda's members; the Telemetry API, whose readers know its schema, is not. */
  started?: Started;
};

/** How an invocation came by its environment, why, and where its time went. */
export type Started = { start: StartKind; reason?: StartReason; phases: Phases };

export function reportRecord(report: Report): PlatformRecord {
  const { requestId, status, errorType, durationMs, memoryMb, memoryBytesMax, initDurationMs } = report;
  const { restoreDurationMs, started } = report;
  return {
    type: 'platform.report',
    level: levelOf(status, 'INFO'),
    record: {
      requestId,
      metrics: {
        durationMs: rounded(durationMs),
        billedDurationMs: report.billedDurationMs,
        memorySizeMB: memoryMb,
        ...(memoryBytesMax !== undefined && {
          maxMemoryUsedMB: Math.min(memoryMb, Math.ceil(memoryBytesMax / 1_048_576)),
        }),
        ...(initDurationMs !== undefined && { initDurationMs: rounded(initDurationMs) }),
        ...(restoreDurationMs !== undefined && {
          restoreDurationMs: rounded(restoreDurationMs),
          billedRestoreDurationMs: 0,
        }),
      },
      status,
      ...(errorType !== undefined && { errorType }),
      ...(started !== undefined && { mayfly: { ...started, phases: roundedPhases(started.phases) } }),
    },
  };
}

export type ExtensionState = {
  name: string;
  state: string;
  events: readonly string[];
  errorType?: string | undefined;
};

export function extensionRecord({ name, state, events, errorType }: ExtensionState): PlatformRecord {
  return {
    type: 'platform.extension',
    level: errorType === undefined ? 'INFO' : 'WARN',
    record: { name, state, events, ...(errorType !== undefined && { errorType }) },
  };
}

export const telemetrySubscriptionRecord = (name: string, types: readonly string[]): PlatformRecord => ({
  type: 'platform.telemetrySubscription',
  level: 'INFO',
  record: { name, state: 'Subscribed', types },
});

export const logsDroppedRecord = (droppedRecords: number, droppedBytes: number): PlatformRecord => ({
  type: 'platform.logsDropped',
  level: 'WARN',
  record: {
    reason: 'Consumer seems to have fallen behind as it has not acknowledged receipt of logs.',
    droppedRecords,
    droppedBytes,
  },
});

/** Whether a log shows it from which everything less grave than `from` is left out. */
export const isShown = ({ level }: PlatformRecord, from: SystemLevel = 'INFO'): boolean =>
  systemLevels.indexOf(level) >= systemLevels.indexOf(from);

/** As one line. */
export const platformJson = ({ type, record }: Pick<PlatformRecord, 'type' | 'record'>, timeMs: number): string =>
  JSON.stringify({ time: new Date(timeMs).toISOString(), type, record });

const levelOf = (status: RecordStatus, onSuccess: SystemLevel): SystemLevel =>
  status === 'success' ? onSuccess : 'WARN';
const tracingOf = (value: string): unknown => ({ type: 'X-Amzn-Trace-Id', value });
const roundedPhases = (phases: Phases): Record<string, number> =>
  Object.fromEntries(Object.entries(phases).map(([name, us]) => [name, Math.round(us)]));
/** To microseconds, as the text lines have less and AWS's records no more. */
const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000;
