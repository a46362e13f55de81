/** How an environment's end is told to the caller: Lambda's error types and texts. */
import type { Pause } from '../runners/runners.ts';
import type { Failure, FunctionError } from '../sandbox/sandbox.ts';
import { isWaitedFor, type InvocationSettled, type Phases } from '../telemetry/telemetry.ts';
import { never } from '../util/assert.ts';
import type { RequestId } from '../util/ids.ts';

/** Told by the platform itself, not by the function's code or its runtime. */
const isOwn = (errorType: string): boolean =>
  errorType === 'Runtime.InvalidEntrypoint' || /^Extension\.[A-Z]/.test(errorType);

/** https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html */
export function functionError(failure: Failure, requestId: RequestId, timeoutMs: number): FunctionError {
  const prefix = `RequestId: ${requestId} Error: `;
  const errorType = errorTypeOf(failure);
  switch (failure.status) {
    case 'error': {
      const { error } = failure;
      return isOwn(error.errorType) ? { ...error, errorMessage: `${prefix}${error.errorMessage}` } : error;
    }
    case 'timeout':
      return { errorType, errorMessage: `${prefix}Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds` };
    case 'out_of_memory':
      return { errorType, errorMessage: `${prefix}Runtime exited with error: signal: killed` };
    case 'exit':
      return { errorType, errorMessage: `${prefix}${exitText(failure.code, failure.signal)}` };
    default:
      return never(failure);
  }
}

/** The last failure of several, told instead of another start. */
export function pausedError(error: FunctionError, pause: Pause): FunctionError {
  return { ...error, errorMessage: `${error.errorMessage} (${pauseText(pause)})` };
}

export const pauseText = ({ failures, untilMs }: Pause): string =>
  `not started: its initialisation failed ${failures} times in a row; the next try is at ${new Date(untilMs).toISOString()}`;

function exitText(code: number | undefined, signal: string | undefined): string {
  if (signal !== undefined) return `Runtime exited with error: signal: ${signalNames[signal] ?? signal}`;
  if (code === undefined || code === 0) return 'Runtime exited without providing a reason';
  return `Runtime exited with error: exit status ${code}`;
}

/** As Go's os package words them, which is what Lambda prints. */
const signalNames: Readonly<Record<string, string>> = {
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGILL: 'illegal instruction',
  SIGTERM: 'terminated',
  SIGTRAP: 'trace/breakpoint trap',
  SIGSYS: 'bad system call',
  SIGHUP: 'hangup',
  SIGINT: 'interrupt',
  SIGPIPE: 'broken pipe',
  SIGXCPU: 'CPU time limit exceeded',
};

/**
 * The REPORT line: its fields as Lambda prints them, and after them ours: how the invocation's environment was come by, why,
 * and what took how long besides the handler. https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
 */
export function reportLine(settled: InvocationSettled): string {
  const { requestId, phases, billedMs, memoryMb, memoryBytesMax, start, status, errorType, initFailed } = settled;
  const usedMb =
    memoryBytesMax === undefined
      ? ''
      : `\tMax Memory Used: ${Math.min(memoryMb, Math.ceil(memoryBytesMax / 1048576))} MB`;
  const init = !isWaitedFor(start) || initFailed ? '' : `\t${startDuration(settled)}`;
  const why = settled.startReason === undefined ? '' : `\tReason: ${settled.startReason.kind}`;
  const failed =
    status === 'ok' || (status === 'error' && !initFailed)
      ? ''
      : `\tStatus: ${status === 'timeout' ? 'timeout' : 'error'}\tError Type: ${errorType}`;
  return `REPORT RequestId: ${requestId}\tDuration: ${milliseconds(phases.handlerUs)} ms\tBilled Duration: ${billedMs} ms\tMemory Size: ${memoryMb} MB${usedMb}${init}${failed}\tStart: ${start}${why}${ownPhases(phases)}`;
}

/** A copy of a template is what Lambda calls restored. https://docs.aws.amazon.com/lambda/latest/dg/snapstart-monitoring.html */
function startDuration({ start, phases }: InvocationSettled): string {
  const duration = milliseconds(phases.provisionUs + phases.initUs);
  // Of that, nothing is billed.
  return start === 'template'
    ? `Restore Duration: ${duration} ms\tBilled Restore Duration: 0 ms`
    : `Init Duration: ${duration} ms`;
}

/** Not called durations: programs look for the first field with that in its name. What rounds to nothing is left out. */
function ownPhases(phases: Phases): string {
  const { queueUs, placeUs, provisionUs, initUs, replyUs } = phases;
  return (
    ownPhase('Queue', queueUs) +
    ownPhase('Place', placeUs) +
    ownPhase('Provision', provisionUs) +
    ownPhase('Init', initUs) +
    ownPhase('Reply', replyUs)
  );
}

const ownPhase = (name: string, us: number): string => (us >= 5 ? `\t${name}: ${milliseconds(us)} ms` : '');

const milliseconds = (us: number): string => (us / 1000).toFixed(2);

/** An initialisation that failed: `init` before the invocation, `invoke` in its time. */
export type FailedInitReport = { phase: 'init' | 'invoke'; initUs: number; failure: Failure };

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib */
export function initReportLine({ phase, initUs, failure }: FailedInitReport): string {
  const status = failure.status === 'timeout' ? 'timeout' : `error\tError Type: ${errorTypeOf(failure)}`;
  return `INIT_REPORT Init Duration: ${milliseconds(initUs)} ms\tPhase: ${phase}\tStatus: ${status}`;
}

export function errorTypeOf(failure: Failure): string {
  switch (failure.status) {
    case 'error':
      return failure.error.errorType;
    case 'timeout':
      return 'Sandbox.Timedout';
    case 'out_of_memory':
      return 'Runtime.OutOfMemory';
    case 'exit':
      return 'Runtime.ExitError';
    default:
      return never(failure);
  }
}
