/**
 * The one error type that crosses folders. Each edge (AWS wire, control API, command line) translates a code in one
 * table of its own. An expected outcome is a return value, not an error; a bug is an assertion.
 */

/** What each code means, and whose fault it is: `caller` (bad request), `platform` (ours). */
export const errorCodes = {
  invalid_argument: { fault: 'caller', means: 'a field has a value that is not accepted' },
  unauthenticated: { fault: 'caller', means: 'no valid signature or token' },
  permission_denied: { fault: 'caller', means: 'who asks is known and may not' },
  not_found: { fault: 'caller', means: 'the named thing does not exist' },
  already_exists: { fault: 'caller', means: 'the name is taken' },
  conflict: { fault: 'caller', means: 'somebody else changed it meanwhile, or its state does not allow this' },
  precondition_failed: { fault: 'caller', means: 'a condition that the caller set does not hold' },
  too_large: { fault: 'caller', means: 'over a named limit of size' },
  throttled: { fault: 'caller', means: 'over a named limit of rate or concurrency; try again later' },
  timeout: { fault: 'platform', means: 'not finished within its deadline' },
  unavailable: { fault: 'platform', means: 'cannot serve now (starting, stopping, disk full)' },
  not_implemented: { fault: 'platform', means: 'a documented operation that is not built yet' },
  internal: { fault: 'platform', means: 'a bug of ours' },
} as const satisfies Record<string, { fault: 'caller' | 'platform'; means: string }>;

export type ErrorCode = keyof typeof errorCodes;

export type ErrorDetails = {
  cause?: unknown;
  /** The field of the request that is wrong, in the caller's own words (`functions.hello.memory`). */
  field?: string;
  /** The name that the edge should use where its protocol has a finer one (AWS: `NoSuchKey`, `BucketNotEmpty`). */
  reason?: string;
  retryAfterMs?: number;
  /** Further facts for the edge to put in its answer (AWS: `<Key>`, `<BucketName>`). */
  facts?: Readonly<Record<string, string>>;
  /** Members of the error that are more than text, as the edge's model has them (DynamoDB: `Item`, `CancellationReasons`). */
  members?: Readonly<Record<string, unknown>>;
};

export class PlatformError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly facts: Readonly<Record<string, string>>;
  readonly members: Readonly<Record<string, unknown>>;

  /** `message` says what was tried, with the value, and what would be accepted. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PlatformError';
    this.code = code;
    this.field = details.field;
    this.reason = details.reason;
    this.retryAfterMs = details.retryAfterMs;
    this.facts = details.facts ?? {};
    this.members = details.members ?? {};
  }

  get fault(): 'caller' | 'platform' {
    return errorCodes[this.code].fault;
  }
}

/** What there is to say of anything that was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
