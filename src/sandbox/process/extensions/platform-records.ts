import type { FunctionVersion } from '../../../registry/function.ts';
import type { RequestId } from '../../../util/ids.ts';
import type { InvokeRequest, Usage } from '../../sandbox.ts';
import type { Extension } from './extensions.ts';
import type { TelemetryRecord } from './telemetry-record.ts';

type Said = Pick<TelemetryRecord, 'type' | 'record'>;

const initializationType = 'on-demand';
const phase = 'init';

/**
 * What the platform has to say of one version's environment, as the Telemetry API words it.
 * https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
 */
export function platformRecords(version: FunctionVersion | undefined) {
  let initMs: number | undefined;
  return {
    initStart: (): Said => ({
      type: 'platform.initStart',
      record: {
        initializationType,
        phase,
        functionName: version?.name,
        functionVersion: version?.version,
        runtimeVersion: version?.settings.runtime,
      },
    }),
    initRuntimeDone: (): Said => ({
      type: 'platform.initRuntimeDone',
      record: { initializationType, phase, status: 'success' },
    }),
    initReport(tookMs: number): Said {
      initMs = tookMs;
      return {
        type: 'platform.initReport',
        record: { initializationType, phase, status: 'success', metrics: { durationMs: rounded(tookMs) } },
      };
    },
    extension: ({ name, state, events, errorType }: Extension): Said => ({
      type: 'platform.extension',
      record: { name, state, events, ...(errorType !== undefined && { errorType }) },
    }),
    telemetrySubscription: (name: string, types: readonly string[]): Said => ({
      type: 'platform.telemetrySubscription',
      record: { name, state: 'Subscribed', types },
    }),
    start: ({ requestId, traceId }: InvokeRequest): Said => ({
      type: 'platform.start',
      record: { requestId, version: version?.version, tracing: tracingOf(traceId) },
    }),
    runtimeDone: (status: string, request: InvokeRequest, took: { ms: number; bytes: number }): Said => ({
      type: 'platform.runtimeDone',
      record: {
        requestId: request.requestId,
        status,
        metrics: { durationMs: rounded(took.ms), producedBytes: took.bytes },
        tracing: tracingOf(request.traceId),
      },
    }),
    report(status: string, requestId: RequestId, tookMs: number, { memoryBytesMax }: Usage): Said {
      const memorySizeMB = version?.settings.memoryMb ?? 0;
      const initDurationMs = initMs;
      initMs = undefined;
      return {
        type: 'platform.report',
        record: {
          requestId,
          status,
          metrics: {
            durationMs: rounded(tookMs),
            billedDurationMs: Math.max(1, Math.ceil(tookMs)),
            memorySizeMB,
            ...(memoryBytesMax !== undefined && {
              maxMemoryUsedMB: Math.min(memorySizeMB, Math.ceil(memoryBytesMax / 1_048_576)),
            }),
            ...(initDurationMs !== undefined && { initDurationMs: rounded(initDurationMs) }),
          },
        },
      };
    },
    /** As a line of a log whose format is JSON. */
    json: ({ type, record }: Said, timeMs: number): string =>
      JSON.stringify({ time: new Date(timeMs).toISOString(), type, record }),
  };
}

const tracingOf = (value: string): unknown => ({ type: 'X-Amzn-Trace-Id', value });
const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000;
