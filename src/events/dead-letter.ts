/**
 * Where an event goes that is given up: to the queue that the function names, with the attributes that Lambda gives
 * such a message, or else to the function's own dead letters, in the format of Lambda's destinations. Never nowhere,
 * and never silently: the function's log says so.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
import type { Queues } from '../resources/queue.ts';
import type { FunctionError } from '../sandbox/sandbox.ts';
import type { Log } from '../store/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { never } from '../util/assert.ts';
import type { Cause } from '../util/cause.ts';
import type { Clock } from '../util/clock.ts';
import {
  functionArn,
  latestVersion,
  type AccountId,
  type EnvironmentId,
  type RequestId,
  type VersionId,
} from '../util/ids.ts';
import type { GiveUpCondition } from './next-retry.ts';
import type { Report } from './source.ts';

/** Why, and what the last attempt answered if there was one. Kept as JSON in the message while it is on its way out. */
export type GivenUp = {
  condition: GiveUpCondition | 'RecursiveLoopDetected' | 'FunctionNotFound';
  /** For people. */
  message: string;
  /** Attempts that ran. */
  attempts: number;
  response?: { version: VersionId; error: FunctionError };
};

export type DeadLetter = {
  account: AccountId;
  functionName: string;
  qualifier: string;
  requestId: RequestId;
  source: string;
  /** The event's JSON, as the function would have received it. */
  event: string;
  cause: Cause;
  givenUp: GivenUp;
  /** By name; absent: the function's own dead letters. */
  deadLetterQueue?: string;
};

/** One of the function's own dead letters, as `list` answers it. */
export type DeadLetterRecord = {
  version: '1.0';
  /** ISO 8601. */
  timestamp: string;
  requestContext: { requestId: string; functionArn: string; condition: string; approximateInvokeCount: number };
  requestPayload: unknown;
  responseContext?: { statusCode: number; executedVersion: string; functionError: string };
  responsePayload?: unknown;
};

type Parts = { region: string; log: Log; queues: Queues; telemetry: Telemetry; clock: Clock; report: Report };

export function deadLettersTopic(account: AccountId, functionName: string): string {
  return `dead/${account}/${functionName}`;
}

/** Durable once resolved. Burying the same letter again changes nothing while it still lies there. */
export async function bury(letter: DeadLetter, parts: Parts): Promise<void> {
  const where = (await sendToQueue(letter, parts)) ?? (await keepWithFunction(letter, parts));
  const { account, functionName, requestId, givenUp } = letter;
  const common = { timeMs: parts.clock.now(), account, functionName, requestId };
  parts.telemetry.emit({ kind: 'event.dead', ...common, reason: givenUp.condition, deadLetters: where });
  parts.telemetry.emit({
    kind: 'log',
    ...common,
    version: givenUp.response?.version ?? latestVersion,
    environmentId: 'platform' as EnvironmentId,
    origin: 'platform',
    text: `GIVEN UP RequestId: ${requestId} ${givenUp.condition}: ${givenUp.message} The event now lies in ${where}.`,
  });
}

/** Undefined when the function names no queue, or that queue cannot take it. */
async function sendToQueue(letter: DeadLetter, parts: Parts): Promise<string | undefined> {
  const queue = letter.deadLetterQueue;
  if (queue === undefined) return undefined;
  try {
    await parts.queues.send(letter.account, queue, [
      {
        id: letter.requestId,
        body: letter.event,
        attributes: {
          RequestID: { type: 'String', text: letter.requestId },
          ErrorCode: { type: 'Number', text: String(statusCode(letter.givenUp)) },
          ErrorMessage: { type: 'String', text: errorMessage(letter.givenUp) },
        },
        senderId: `function:${letter.functionName}`,
        cause: letter.cause,
      },
    ]);
    return `the queue ${queue}`;
  } catch (cause) {
    parts.report(
      `the dead-letter queue "${queue}" of ${letter.functionName} did not take event ${letter.requestId}, so the function's own dead letters keep it`,
      cause,
    );
    return undefined;
  }
}

async function keepWithFunction(letter: DeadLetter, parts: Parts): Promise<string> {
  const topic = deadLettersTopic(letter.account, letter.functionName);
  await parts.log.append(topic, [{ id: letter.requestId, body: JSON.stringify(recordOf(letter, parts)) }]);
  return `the dead letters of ${letter.functionName}`;
}

function recordOf(letter: DeadLetter, parts: Parts): DeadLetterRecord {
  const { givenUp } = letter;
  const arn = functionArn(parts.region, letter.account, letter.functionName);
  const record: DeadLetterRecord = {
    version: '1.0',
    timestamp: new Date(parts.clock.now()).toISOString(),
    requestContext: {
      requestId: letter.requestId,
      functionArn: `${arn}:${letter.qualifier}`,
      condition: givenUp.condition,
      approximateInvokeCount: givenUp.attempts,
    },
    requestPayload: jsonOr(letter.event),
  };
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

/** What Lambda's API would have answered to the last attempt: 200 stands for a function that ran and failed. */
function statusCode(givenUp: GivenUp): number {
  if (givenUp.response !== undefined) return 200;
  switch (givenUp.condition) {
    case 'RetriesExhausted':
    case 'EventAgeExceeded':
      return 429;
    case 'RecursiveLoopDetected':
      return 400;
    case 'FunctionNotFound':
      return 404;
    default:
      return never(givenUp.condition);
  }
}

/** Lambda gives the first kilobyte. */
const errorMessageBytesMax = 1_024;

function errorMessage(givenUp: GivenUp): string {
  const text = givenUp.response?.error.errorMessage ?? givenUp.message;
  // A queue takes neither control characters nor an empty value in an attribute; a cut may not split a character.
  const clean = text.replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
  let cut = '';
  let bytes = 0;
  for (const character of clean) {
    bytes += Buffer.byteLength(character);
    if (bytes > errorMessageBytesMax) break;
    cut += character;
  }
  return cut === '' ? givenUp.condition : cut;
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
