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
  const { errorType, errorMessage, stackTrace, ...rest } = parsed as Record<string, unknown>;
  if (typeof errorType !== 'string' || typeof errorMessage !== 'string') return undefined;
  const lines = Array.isArray(stackTrace) ? stackTrace.filter((line) => typeof line === 'string') : undefined;
  return { errorType, errorMessage, ...rest, ...(lines !== undefined && { stackTrace: lines }) };
}
