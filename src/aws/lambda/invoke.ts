import type { InvocationRequest, InvocationResponse } from '@aws-sdk/client-lambda';
import type { InvocationResult } from '../../invoke/invoke.ts';
import type { RequestId } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingVersion, anyFunctionReference, invocationAccess } from './function-reference.ts';
import { invocationFailure, requireVariables } from './invocation-failure.ts';
import {
  asynchronousEvent,
  clientContextOf,
  invocationOf,
  receivedAt,
  refuseUnbuilt,
  synchronousEvent,
  traceHeader,
} from './invocation-input.ts';
import type { LambdaParts } from './lambda-parts.ts';

type Response = Omit<InvocationResponse, 'Payload'> & { Payload?: Uint8Array };

/**
 * RequestResponse waits for the answer, Event answers once the event is on disk, DryRun looks whether it could be. The
 * function's own failure is no failure of the call: 200, with `FunctionError` and the error as payload.
 */
export function invoke(
  parts: Pick<LambdaParts, 'registry' | 'runtimes' | 'invoker' | 'enqueue' | 'logTails'>,
): OperationEntry {
  return {
    access: invocationAccess,
    async run(context: AwsContext, input: InvocationRequest): Promise<Response> {
      const reference = anyFunctionReference(context, input.FunctionName, input.Qualifier);
      refuseUnbuilt(input);
      const clientContext = clientContextOf(input.ClientContext);
      switch (input.InvocationType) {
        case 'DryRun':
          await existingVersion(parts.registry, reference);
          return { StatusCode: 204 };
        case 'Event': {
          const event = asynchronousEvent(input.Payload);
          await existingVersion(parts.registry, reference);
          // A client context is for synchronous invocations alone.
          await parts.enqueue({ ...invocationOf(context, reference), event });
          return { StatusCode: 202 };
        }
        case 'RequestResponse':
        case undefined: {
          const event = synchronousEvent(input.Payload);
          const tail = input.LogType === 'Tail' ? parts.logTails.follow(context.requestId as RequestId) : undefined;
          try {
            const result = await parts.invoker.invoke({
              ...invocationOf(context, reference),
              event,
              attempt: 1,
              caller: context.request,
              ...receivedAt(context),
              ...(clientContext === undefined ? {} : { clientContext }),
            });
            if (result.status !== 'ok' && result.status !== 'function_error') {
              throw await invocationFailure(result, reference, parts);
            }
            await requireVariables(result, reference, parts);
            return { ...answerOf(result), ...(tail && { LogResult: Buffer.from(tail.bytes()).toString('base64') }) };
          } finally {
            tail?.stop();
          }
        }
      }
    },
    headers: (context, { Payload }) => ({
      ...traceHeader(context),
      ...(Payload === undefined ? {} : { 'content-type': 'application/json' }),
    }),
  };
}

function answerOf(result: Extract<InvocationResult, { status: 'ok' | 'function_error' }>): Response {
  const answered = { StatusCode: 200, ExecutedVersion: result.version };
  if (result.status === 'ok') return { ...answered, Payload: result.payload };
  return { ...answered, FunctionError: 'Unhandled', Payload: Buffer.from(JSON.stringify(result.error)) };
}
