/**
 * Why something happens: carried from an event to the invocation it caused, to the calls that invocation makes, to
 * the events those produce. It stops functions that feed themselves, and joins a chain of hops into one trace.
 */

export type Cause = {
  /**
   * X-Ray's format, `Root=1-<8 hex>-<24 hex>`, and `;Parent=<16 hex>;Sampled=<0 or 1>` where a caller brought them, for
   * tracers. https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
   */
  traceId: string;
  /** How often each function has already run in this chain, and each event bus been sent to by a rule, by their ARNs. */
  hops: Readonly<Record<string, number>>;
};

/** `nowMs` and 24 random hex digits make a new chain. */
export function newCause(nowMs: number, randomHex: string): Cause {
  const seconds = Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, '0');
  return { traceId: `Root=1-${seconds}-${randomHex}`, hops: {} };
}

/** What is passed on of a caller's header, in this order; the first must be there. */
const traceParts = [/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/i, /^Parent=[0-9a-f]{16}$/i, /^Sampled=[01]$/i];

/**
 * The chain that a caller's `X-Amzn-Trace-Id` goes on with; undefined: there is none, or it is malformed. The trace alone:
 * how often a function has run is for us to count.
 */
export function continuedCause(header: string | undefined): Cause | undefined {
  if (header === undefined) return undefined;
  const given = header.split(';').map((part) => part.trim());
  const [root, ...more] = traceParts.map((pattern) => given.find((part) => pattern.test(part)));
  if (root === undefined) return undefined;
  return { traceId: [root, ...more.filter((part) => part !== undefined)].join(';'), hops: {} };
}

/** The cause of what `arn`, running because of `cause`, brings about. */
export function causedBy(cause: Cause, arn: string): Cause {
  return { traceId: cause.traceId, hops: { ...cause.hops, [arn]: (cause.hops[arn] ?? 0) + 1 } };
}
