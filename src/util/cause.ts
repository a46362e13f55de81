/**
 * Why something happens: carried from an event to the invocation it caused, to the calls that invocation makes, to
 * the events those produce. It stops functions that feed themselves, and joins a chain of hops into one trace.
 */
import type { FunctionArn } from './ids.ts';

export type Cause = {
  /** X-Ray's format, `Root=1-<8 hex>-<24 hex>`. https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
  traceId: string;
  /** How often each function has already run in this chain. */
  hops: Readonly<Record<FunctionArn, number>>;
};

/** `nowMs` and 24 random hex digits make a new chain. */
export function newCause(nowMs: number, randomHex: string): Cause {
  const seconds = Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, '0');
  return { traceId: `Root=1-${seconds}-${randomHex}`, hops: {} };
}

const traceRoot = /(?:^|;)\s*(Root=1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)/i;

/**
 * The chain that a caller's `X-Amzn-Trace-Id` goes on with; undefined: there is none, or it is malformed. The trace alone:
 * how often a function has run is for us to count.
 */
export function continuedCause(header: string | undefined): Cause | undefined {
  const traceId = header === undefined ? undefined : traceRoot.exec(header)?.[1];
  return traceId === undefined ? undefined : { traceId, hops: {} };
}

/** The cause of what `arn`, running because of `cause`, brings about. */
export function causedBy(cause: Cause, arn: FunctionArn): Cause {
  return { traceId: cause.traceId, hops: { ...cause.hops, [arn]: (cause.hops[arn] ?? 0) + 1 } };
}
