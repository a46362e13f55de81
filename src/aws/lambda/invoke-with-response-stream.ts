import type {
  InvokeWithResponseStreamRequest,
  InvokeWithResponseStreamResponse,
  InvokeWithResponseStreamResponseEvent,
} from '@aws-sdk/client-lambda';
import type { InvocationResult } from '../../invoke/invoke.ts';
import { invokeStreaming, type StreamedInvocation } from '../../invoke/invoke-streaming.ts';
import type { LogTail } from '../../telemetry/log-tail.ts';
import { assert } from '../../util/assert.ts';
import type { RequestId } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingVersion, anyFunctionReference, invocationAccess } from './function-reference.ts';
import { invocationFailure, requireVariables } from './invocation-failure.ts';
import {
  clientContextOf,
  invocationOf,
  receivedAt,
  refuseUnbuilt,
  synchronousEvent,
  traceHeader,
} from './invocation-input.ts';
import type { LambdaParts } from './lambda-parts.ts';

/**
 * The answer as a stream of events: chunks as the handler writes them, or one where it answers whole, and at the end
 * what went wrong, if anything did. https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */
export function invokeWithResponseStream(
  parts: Pick<LambdaParts, 'registry' | 'runtimes' | 'invoker' | 'logTails'>,
): OperationEntry {
  return {
    access: invocationAccess,
    async run(context: AwsContext, input: InvokeWithResponseStreamRequest): Promise<InvokeWithResponseStreamResponse> {
      const reference = anyFunctionReference(context, input.FunctionName, input.Qualifier);
      refuseUnbuilt(input);
      const clientContext = clientContextOf(input.ClientContext);
      if (input.InvocationType === 'DryRun') {
        await existingVersion(parts.registry, reference);
        return { StatusCode: 204 };
      }
      const event = synchronousEvent(input.Payload);
      const tail = input.LogType === 'Tail' ? parts.logTails.follow(context.requestId as RequestId) : undefined;
      const invocation = {
        ...invocationOf(context, reference),
        event,
        attempt: 1,
        ...receivedAt(context),
        ...(clientContext === undefined ? {} : { clientContext }),
      };
      const streamed = await invokeStreaming(parts.invoker, invocation, context.request.signal);
      if (streamed.status === 'streaming') {
        const stop = (): void => tail?.stop();
        streamed.result.then(stop, stop);
        return { StatusCode: 200, ExecutedVersion: streamed.version, EventStream: writtenEvents(streamed, tail) };
      }
      tail?.stop();
      const { result } = streamed;
      if (result.status !== 'ok' && result.status !== 'function_error') {
        throw await invocationFailure(result, reference, parts);
      }
      await requireVariables(result, reference, parts);
      return { StatusCode: 200, ExecutedVersion: result.version, EventStream: wholeEvents(result, tail) };
    },
    headers: traceHeader,
  };
}

type Ran = Extract<InvocationResult, { status: 'ok' | 'function_error' }>;

async function* wholeEvents(
  result: Ran,
  tail: LogTail | undefined,
): AsyncGenerator<InvokeWithResponseStreamResponseEvent> {
  if (result.status === 'ok') yield { PayloadChunk: { Payload: result.payload } };
  yield complete(result, tail);
}

async function* writtenEvents(
  { bytes, result }: Extract<StreamedInvocation, { status: 'streaming' }>,
  tail: LogTail | undefined,
): AsyncGenerator<InvokeWithResponseStreamResponseEvent> {
  for await (const Payload of bytes) yield { PayloadChunk: { Payload } };
  yield complete(await result, tail);
}

/**
 * Clients know two codes: `Unhandled`, whose details are the error as Invoke's payload has it, and that the process ended
 * while it wrote.
 */
function complete(result: InvocationResult, tail: LogTail | undefined): InvokeWithResponseStreamResponseEvent {
  const log = tail && { LogResult: Buffer.from(tail.bytes()).toString('base64') };
  if (result.status === 'ok') return { InvokeComplete: { ...log } };
  assert(result.status === 'function_error', 'an answer that has begun is one of an invocation that ran');
  const hasEnded = result.settled.status === 'exit' || result.settled.status === 'out_of_memory';
  return {
    InvokeComplete: {
      ErrorCode: hasEnded ? 'Runtime.TruncatedResponse' : 'Unhandled',
      ErrorDetails: JSON.stringify(result.error),
      ...log,
    },
  };
}
