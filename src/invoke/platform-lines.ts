/** What the platform writes into a function's log around each invocation, in the format that its settings ask for. */
import type { LoggingSettings } from '../registry/function.ts';
import type { Pause } from '../runners/runners.ts';
import {
  initReportRecord,
  isShown,
  platformJson,
  reportRecord,
  runtimeDoneRecord,
  startRecord,
} from '../telemetry/platform-record.ts';
import type { PlatformRecord, RecordStatus, Report } from '../telemetry/platform-record.ts';
import { isWaitedFor, type InvocationSettled } from '../telemetry/telemetry.ts';
import type { RequestId } from '../util/ids.ts';
import { errorTypeOf, initReportLine, pauseText, reportLine, type FailedInitReport } from './failure.ts';

type Start = { requestId: RequestId; version: string; traceId: string; timeMs: number };

export function startLines(start: Start, logging: LoggingSettings | undefined): string[] {
  if (logging?.format === 'json') return shown([startRecord(start)], logging, start.timeMs);
  return [`START RequestId: ${start.requestId} Version: ${start.version}`];
}

export function initReportLines(
  report: FailedInitReport,
  logging: LoggingSettings | undefined,
  timeMs: number,
): string[] {
  if (logging?.format !== 'json') return [initReportLine(report)];
  const { failure, initUs, phase } = report;
  const errorType = errorTypeOf(failure);
  const record = initReportRecord('on-demand', statuses[failure.status], initUs / 1_000, { phase, errorType });
  return shown([record], logging, timeMs);
}

/** Ours alone: Lambda has no such pause. */
export function pauseLines(
  { requestId, pause, timeMs }: { requestId: RequestId; pause: Pause; timeMs: number },
  logging: LoggingSettings | undefined,
): string[] {
  if (logging?.format !== 'json') return [`INIT_PAUSED RequestId: ${requestId} ${pauseText(pause)}`];
  const record = { requestId, failures: pause.failures, nextTry: new Date(pause.untilMs).toISOString() };
  return shown([{ type: 'platform.initPaused', level: 'WARN', record }], logging, timeMs);
}

export function endLines(settled: InvocationSettled, logging: LoggingSettings | undefined): string[] {
  if (logging?.format !== 'json') return [`END RequestId: ${settled.requestId}`, reportLine(settled)];
  const { requestId, errorType, traceId, phases, responseBytes, billedMs, memoryMb, memoryBytesMax } = settled;
  const status = statuses[settled.status];
  const durationMs = phases.handlerUs / 1_000;
  const { start, startReason } = settled;
  const startMs = !isWaitedFor(start) || settled.initFailed ? undefined : (phases.provisionUs + phases.initUs) / 1_000;
  const report: Report = {
    requestId,
    status,
    errorType,
    durationMs,
    billedDurationMs: billedMs,
    memoryMb,
    memoryBytesMax,
    initDurationMs: start === 'template' ? undefined : startMs,
    restoreDurationMs: start === 'template' ? startMs : undefined,
    started: { start, ...(startReason !== undefined && { reason: startReason }), phases },
  };
  return shown(
    [
      runtimeDoneRecord({ requestId, status, errorType, durationMs, producedBytes: responseBytes, traceId }),
      reportRecord(report),
    ],
    logging,
    settled.timeMs,
  );
}

const statuses = {
  ok: 'success',
  error: 'error',
  timeout: 'timeout',
  exit: 'failure',
  out_of_memory: 'failure',
} as const satisfies Record<InvocationSettled['status'], RecordStatus>;

function shown(records: readonly PlatformRecord[], { systemLevel }: LoggingSettings, timeMs: number): string[] {
  return records.filter((record) => isShown(record, systemLevel)).map((record) => platformJson(record, timeMs));
}
