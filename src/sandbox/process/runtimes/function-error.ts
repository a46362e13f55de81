import type { FunctionError } from '../../sandbox.ts';

/** An error as runtimes report it (JSON); undefined when it is not one. */
export function parseFunctionError(json: Uint8Array): FunctionError | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.length).toString());
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  const { errorType, errorMessage, stackTrace, trace, ...rest } = parsed as Record<string, unknown>;
  if (typeof errorType !== 'string' || typeof errorMessage !== 'string') return undefined;
  return {
    errorType,
    errorMessage,
    ...rest,
    ...(Array.isArray(stackTrace) && { stackTrace: stackTrace.filter(isString) }),
    ...(Array.isArray(trace) && { trace: trace.filter(isString) }),
  };
}

const isString = (value: unknown): value is string => typeof value === 'string';
