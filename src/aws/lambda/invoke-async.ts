import type { InvokeAsyncRequest, InvokeAsyncResponse } from '@aws-sdk/client-lambda';
import { limits } from '../../util/limits.ts';
import { readWhole } from '../../util/read-whole.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { existingVersion, anyFunctionReference, invocationAccess } from './function-reference.ts';
import { asynchronousEvent, invocationOf } from './invocation-input.ts';
import { requestTooLarge } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** The older form of Invoke with the type Event, which old clients still use. */
export function invokeAsync(parts: Pick<LambdaParts, 'registry' | 'enqueue'>): OperationEntry {
  return {
    access: invocationAccess,
    async run(
      context: AwsContext,
      input: Pick<InvokeAsyncRequest, 'FunctionName'> & { InvokeArgs: AsyncIterable<Uint8Array> },
    ): Promise<InvokeAsyncResponse> {
      const reference = anyFunctionReference(context, input.FunctionName);
      const payload = await readWhole(input.InvokeArgs, limits.asyncPayloadBytesMax);
      if (payload === undefined) throw requestTooLarge(limits.asyncPayloadBytesMax, 'InvokeAsync');
      const event = asynchronousEvent(payload);
      await existingVersion(parts.registry, reference);
      await parts.enqueue({ ...invocationOf(context, reference), event });
      return { Status: 202 };
    },
  };
}
