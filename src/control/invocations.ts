import type { InvocationResult } from '../invoke/invoke.ts';
import { liveQualifier, type FunctionRecord } from '../registry/function.ts';
import type { InvocationSettled, Sink } from '../telemetry/telemetry.ts';
import { never } from '../util/assert.ts';
import { newCause } from '../util/cause.ts';
import { PlatformError } from '../util/errors.ts';
import type { RequestId } from '../util/ids.ts';
import { limits } from '../util/limits.ts';
import { jsonResponse, numberQuery, readBytes, type Call, type ControlContext, type Endpoint } from './endpoint.ts';
import { explainStart } from './explain-start.ts';
import { functionOf } from './functions.ts';
import type { InvocationView } from './views.ts';

/** Lines of one invocation that its answer carries; the rest is in the logs. */
const logLinesMax = 1_000;
/** Their characters together: a line may have 256 KB, and a thousand of those would be too much for one answer. */
const logCharactersMax = 1024 * 1024;

function qualifierOf(record: FunctionRecord, call: Call): string | undefined {
  const asked = call.query.get('qualifier');
  if (asked !== null && asked !== '') return asked;
  return liveQualifier(record);
}

async function readEvent(call: Call, bytesMax: number): Promise<Buffer> {
  const bytes = await readBytes(call.request, bytesMax);
  if (bytes.byteLength === 0) return Buffer.from('{}');
  try {
    JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new PlatformError('invalid_argument', `the event is not JSON: ${(error as Error).message}`, {
      field: 'body',
      cause: error,
    });
  }
  return bytes;
}

type Facts = Pick<
  InvocationView,
  'phases' | 'billedMs' | 'start' | 'startReason' | 'why' | 'advice' | 'memoryBytesMax'
>;

function facts(settled: InvocationSettled): Facts {
  const { phases, billedMs, start, startReason, memoryBytesMax } = settled;
  return {
    phases,
    billedMs,
    start,
    ...(startReason !== undefined && { startReason }),
    ...explainStart({ ...settled, reason: startReason }),
    memoryBytesMax,
  };
}

function parsed(payload: Uint8Array): unknown {
  const text = Buffer.from(payload).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function viewOf(result: InvocationResult, requestId: RequestId, log: readonly string[]): InvocationView {
  const { status } = result;
  switch (status) {
    case 'ok': {
      const { version, payload, settled } = result;
      return { status, requestId, version, payload: parsed(payload), log, ...facts(settled) };
    }
    case 'function_error': {
      const { version, error, settled } = result;
      return { status, requestId, version, error, log, ...facts(settled) };
    }
    case 'throttled':
      return { status, requestId, reason: result.reason, retryAfterMs: result.retryAfterMs, log };
    case 'recursion':
      return { status, requestId, hops: result.hops, message: result.message, log };
    case 'not_found':
    case 'unavailable':
      return { status, requestId, message: result.message, log };
    default:
      return never(result);
  }
}

/** Lines that telemetry carries for one request while it runs. */
function collectLines(context: ControlContext, requestId: RequestId): { lines: string[]; stop(): void } {
  const lines: string[] = [];
  let room = logCharactersMax;
  const sink: Sink = {
    take: (event) => {
      if (event.kind !== 'log' || event.requestId !== requestId || lines.length >= logLinesMax) return;
      if (event.text.length > room) return;
      room -= event.text.length;
      lines.push(event.text);
    },
    flush: () => Promise.resolve(),
  };
  const attached = context.telemetry.attach(sink);
  return { lines, stop: () => attached.detach() };
}

export const postInvocation: Endpoint = async (context, call) => {
  const record = functionOf(context, call);
  const { account, name } = record;
  const type = call.query.get('type') ?? 'request';
  const requestId = context.ids.uuid() as RequestId;
  const qualifier = qualifierOf(record, call);
  const cause = newCause(context.clock.now(), context.ids.hex(12));
  const common = {
    requestId,
    account,
    functionName: name,
    ...(qualifier === undefined ? {} : { qualifier }),
    source: 'api',
    cause,
  };
  switch (type) {
    case 'request': {
      const event = await readEvent(call, limits.syncPayloadBytesMax);
      const collected = collectLines(context, requestId);
      try {
        const result = await context.invoker.invoke({
          ...common,
          event,
          attempt: 1,
          ...(call.request.receivedMs !== undefined && { receivedMs: call.request.receivedMs }),
        });
        return jsonResponse(viewOf(result, requestId, collected.lines));
      } finally {
        collected.stop();
      }
    }
    case 'event': {
      const event = await readEvent(call, limits.asyncPayloadBytesMax);
      if (qualifier !== undefined && context.registry.resolve(account, name, qualifier, requestId) === undefined) {
        throw new PlatformError('not_found', `function '${name}' has no version or alias '${qualifier}'`, {
          field: 'qualifier',
        });
      }
      await context.enqueue({ ...common, event: event.toString('utf8') });
      return jsonResponse({ requestId }, 202);
    }
    default:
      throw new PlatformError('invalid_argument', `the query's type is '${type}'; accepted: request, event`, {
        field: 'type',
      });
  }
};

export const listInvocations: Endpoint = async (context, call) => {
  const limit = numberQuery(call, 'limit', { min: 1, max: 1_000, otherwise: 100 });
  const name = call.query.get('function') ?? undefined;
  const recent = context.recent.list(call.account, name, limit);
  const left = limit - recent.length;
  const earlier = left === 0 ? [] : await context.earlier.list(call.account, name, left);
  return jsonResponse({ invocations: [...recent, ...earlier] });
};
