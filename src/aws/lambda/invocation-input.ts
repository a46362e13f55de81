/** What Invoke, InvokeAsync and InvokeWithResponseStream share: their input, checked as Lambda checks it before anything runs. */
import { isUtf8 } from 'node:buffer';
import { PlatformError, messageOf } from '../../util/errors.ts';
import type { RequestId } from '../../util/ids.ts';
import { limits } from '../../util/limits.ts';
import type { AwsContext } from '../service.ts';
import type { FunctionReference } from './function-reference.ts';
import { notHere } from './lambda-errors.ts';

/** Of the header, in base64. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const clientContextLengthMax = 3_583;

/** What a handler gets that is called without an event. */
const noEvent = Buffer.from('{}');

/** How metering and logs name this entrance. */
const source = 'api';

/** What the request is to every way of running it. */
export function invocationOf(context: AwsContext, { account, name, qualifier }: FunctionReference) {
  return {
    // The call's own id, as on Lambda: what the caller sees is what stands in the log.
    requestId: context.requestId as RequestId,
    account,
    functionName: name,
    ...(qualifier === undefined ? {} : { qualifier }),
    source,
    cause: context.cause,
  };
}

/** Of what is run at once, and not kept for later: the clock is this process's. */
export const receivedAt = ({ request }: AwsContext): { receivedMs?: number } =>
  request.receivedMs === undefined ? {} : { receivedMs: request.receivedMs };

/** Lambda's answers to invocations name their trace. */
export const traceHeader = ({ cause }: AwsContext): Record<string, string> => ({ 'x-amzn-trace-id': cause.traceId });

function invalidContent(message: string, cause?: unknown): PlatformError {
  return new PlatformError('invalid_argument', message, { reason: 'InvalidRequestContentException', cause });
}

/** Errors: RequestEntityTooLargeException, InvalidRequestContentException. */
export function asynchronousEvent(payload: Uint8Array | undefined): string {
  const bytes = payload?.byteLength ?? 0;
  if (bytes > limits.asyncPayloadBytesMax) {
    throw new PlatformError(
      'too_large',
      `${bytes} byte payload is too large for the Event invocation type (limit ${limits.asyncPayloadBytesMax} bytes)`,
      { reason: 'RequestEntityTooLargeException', field: 'Payload' },
    );
  }
  return Buffer.from(synchronousEvent(payload)).toString();
}

/** JSON, whose size request-limits.ts has seen to. Errors: InvalidRequestContentException. */
export function synchronousEvent(payload: Uint8Array | undefined): Uint8Array {
  if (payload === undefined || payload.byteLength === 0) return noEvent;
  const complain = (how: string, cause?: unknown): PlatformError =>
    invalidContent(`Could not parse request body into json: Could not parse payload into json: ${how}`, cause);
  if (!isUtf8(payload)) throw complain('Invalid UTF-8');
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString();
  try {
    JSON.parse(text);
  } catch (error) {
    throw complain(complaintOf(text, error), error);
  }
  return payload;
}

/** As Lambda's parser says it of what people send most: a word without quotes. */
function complaintOf(text: string, error: unknown): string {
  const [, token] = /^\s*([A-Za-z_$][\w$]*)/.exec(text) ?? [];
  if (token !== undefined && !['null', 'true', 'false'].includes(token)) {
    return `Unrecognized token '${token.slice(0, 100)}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`;
  }
  return messageOf(error);
}

/** JSON, or undefined where none was sent. Errors: InvalidRequestContentException. */
export function clientContextOf(encoded: string | undefined): string | undefined {
  if (encoded === undefined || encoded === '') return undefined;
  if (encoded.length > clientContextLengthMax) {
    throw invalidContent(
      `Client context must have at most ${clientContextLengthMax} bytes in Base64: it has ${encoded.length}.`,
    );
  }
  const text = Buffer.from(encoded, 'base64').toString();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw invalidContent('Client context must be a valid Base64-encoded JSON object.');
  }
  return text;
}

/** Errors: InvalidParameterValueException for what this platform's functions cannot be. */
export function refuseUnbuilt(input: {
  TenantId?: string | undefined;
  DurableExecutionName?: string | undefined;
}): void {
  if (input.TenantId !== undefined) {
    throw notHere('TenantId', 'no function here has tenant isolation, invoke it without a tenant ID.');
  }
  if (input.DurableExecutionName !== undefined) {
    throw notHere('DurableExecutionName', 'no function here is durable, invoke it without a name.');
  }
}
