/**
 * What became of an asynchronous event, as Lambda tells it to a destination. Pure.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
import type { FunctionError } from '../sandbox/sandbox.ts';
import { never } from '../util/assert.ts';
import { functionArn, type AccountId, type RequestId, type VersionId } from '../util/ids.ts';
import type { GiveUpCondition } from './next-retry.ts';

/** Why, and what the last attempt answered if there was one. Kept as JSON in the message while it is on its way out. */
export type GivenUp = {
  condition:
    | GiveUpCondition
    | 'RecursiveLoopDetected'
    | 'FunctionNotFound'
    | 'ZeroReservedConcurrency'
    /** Of what is read from a stream. */
    | 'RetryAttemptsExhausted'
    | 'RecordAgeExceeded';
  /** For people. */
  message: string;
  /** Attempts that ran. */
  attempts: number;
  response?: { version: VersionId; error: FunctionError };
};

/** Kept as `GivenUp` is. */
export type Succeeded = {
  attempts: number;
  version: VersionId;
  /** JSON, as the function answered. */
  payload: string;
};

export type InvocationRecord = {
  version: '1.0';
  /** ISO 8601. */
  timestamp: string;
  requestContext: { requestId: string; functionArn: string; condition: string; approximateInvokeCount: number };
  requestPayload: unknown;
  responseContext?: { statusCode: number; executedVersion: string; functionError?: string };
  responsePayload?: unknown;
};

export type RecordedEvent = {
  account: AccountId;
  functionName: string;
  qualifier: string;
  requestId: RequestId;
  /** The event's JSON, as the function would have received it. */
  event: string;
  /** When it was decided, epoch ms. */
  decidedMs: number;
};

export function recordOfFailure(event: RecordedEvent, givenUp: GivenUp, region: string): InvocationRecord {
  const record = recordOf(event, givenUp.condition, givenUp.attempts, region);
  if (givenUp.response === undefined) return { ...record, responsePayload: { errorMessage: givenUp.message } };
  return {
    ...record,
    responseContext: {
      statusCode: statusCode(givenUp),
      executedVersion: givenUp.response.version,
      functionError: 'Unhandled',
    },
    responsePayload: givenUp.response.error,
  };
}

export function recordOfSuccess(event: RecordedEvent, succeeded: Succeeded, region: string): InvocationRecord {
  return {
    ...recordOf(event, 'Success', succeeded.attempts, region),
    responseContext: { statusCode: 200, executedVersion: succeeded.version },
    responsePayload: jsonOr(succeeded.payload),
  };
}

function recordOf(event: RecordedEvent, condition: string, attempts: number, region: string): InvocationRecord {
  return {
    version: '1.0',
    timestamp: new Date(event.decidedMs).toISOString(),
    requestContext: {
      requestId: event.requestId,
      functionArn: `${functionArn(region, event.account, event.functionName)}:${event.qualifier}`,
      condition,
      approximateInvokeCount: attempts,
    },
    requestPayload: jsonOr(event.event),
  };
}

/** What Lambda's API would have answered to the last attempt: 200 stands for a function that ran and failed. */
export function statusCode(givenUp: GivenUp): number {
  if (givenUp.response !== undefined) return 200;
  switch (givenUp.condition) {
    case 'RetriesExhausted':
    case 'EventAgeExceeded':
    case 'ZeroReservedConcurrency':
    case 'RetryAttemptsExhausted':
    case 'RecordAgeExceeded':
      return 429;
    case 'RecursiveLoopDetected':
      return 400;
    case 'FunctionNotFound':
      return 404;
    default:
      return never(givenUp.condition);
  }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
