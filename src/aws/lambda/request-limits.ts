/** How large a request may be, operation by operation; Lambda says so in the refusal. */
import { limits } from '../../util/limits.ts';
import type { DocumentLimit } from '../service.ts';
import { requestTooLarge } from './lambda-errors.ts';

/** A zip that is sent and not named in a bucket. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const zipBytesMax = 50 * 1024 * 1024;

/** What Lambda accepts with such a zip in base64, and room for the rest. */
const createBytesMax = 70_167_211;
const updateBytesMax = 69_905_067;
const byOperation: Readonly<Record<string, { bytesMax: number; calledIn?: string }>> = {
  CreateFunction: { bytesMax: createBytesMax },
  // Of an event for later, less: that is for the operation to see.
  Invoke: { bytesMax: limits.syncPayloadBytesMax, calledIn: 'InvokeFunction' },
  InvokeWithResponseStream: { bytesMax: limits.syncPayloadBytesMax, calledIn: 'InvokeFunction' },
  PublishLayerVersion: { bytesMax: createBytesMax },
  UpdateFunctionCode: { bytesMax: updateBytesMax },
};

export function requestLimit(operation: string | undefined): DocumentLimit | undefined {
  if (operation === undefined) return undefined;
  const limit = byOperation[operation];
  if (limit === undefined) return undefined;
  const { bytesMax, calledIn = operation } = limit;
  return { bytesMax, refusal: () => requestTooLarge(bytesMax, calledIn) };
}
