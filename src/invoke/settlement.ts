import type { Resolved } from '../registry/registry.ts';
import type { Origin } from '../runners/runners.ts';
import type { InvocationSettled, Phases, StartKind } from '../telemetry/telemetry.ts';
import type { EnvironmentId } from '../util/ids.ts';
import type { Invocation } from './invoke.ts';

/** An invocation that has run, and where. */
export type Run = {
  invocation: Invocation;
  resolved: Resolved;
  environmentId: EnvironmentId;
  start: StartKind;
  /** In one of the environments that are kept ready. */
  provisioned: boolean;
  origin: Origin;
  initFailed?: true;
  phases: Phases;
  /** Of its time, what is billed, where its environment ran others beside it; absent: all of it. */
  sharedUs?: number;
  memoryBytesMax: number | undefined;
  /** What a taker has been given, whatever became of the rest. */
  streamedBytes: number;
};

/** What came of it. */
export type RunOutcome = Pick<InvocationSettled, 'status' | 'responseBytes' | 'timeMs'> & {
  errorType: string | undefined;
};

/** What there is to tell of it, and to bill. */
export function settlementOf(run: Run, { status, errorType, responseBytes, timeMs }: RunOutcome): InvocationSettled {
  const { invocation, resolved, environmentId, phases } = run;
  const { version } = resolved;
  const { acceptedMs } = invocation;
  const settled: InvocationSettled = {
    kind: 'invocation.settled',
    timeMs,
    account: invocation.account,
    functionName: version.name,
    functionArn: version.arn,
    version: version.version,
    runtime: version.settings.runtime,
    requestId: invocation.requestId,
    attempt: invocation.attempt,
    source: invocation.source,
    status,
    start: run.start,
    environmentId,
    environmentStartedMs: run.origin.startedMs,
    phases,
    billedMs: billedMsOf(run),
    memoryMb: version.settings.memoryMb,
    memoryBytesMax: run.memoryBytesMax,
    requestBytes: invocation.event.byteLength,
    responseBytes,
    traceId: invocation.cause.traceId,
  };
  if (acceptedMs !== undefined) settled.acceptedMs = acceptedMs;
  if (errorType !== undefined) settled.errorType = errorType;
  if (run.start !== 'warm' || run.initFailed !== undefined) settled.startReason = run.origin.reason;
  if (run.provisioned) settled.provisioned = true;
  if (run.initFailed) settled.initFailed = true;
  return settled;
}

/** Up to its time-out: what it takes to end an environment is not the function's. */
export const billedMsOf = ({ resolved, sharedUs, phases }: Run): number =>
  Math.max(1, Math.min(resolved.version.settings.timeoutMs, Math.ceil((sharedUs ?? phases.handlerUs) / 1_000)));
