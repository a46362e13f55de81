/**
 * Where an event goes that is given up: to the queue that the function names, with the attributes that Lambda gives
 * such a message, and to the destination for failures, as Lambda's record; or else, as the same record, to the function's
 * own dead letters. Never nowhere, and never silently: the function's log says so.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
import type { Queues } from '../resources/queue.ts';
import type { Log } from '../store/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Cause } from '../util/cause.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError } from '../util/errors.ts';
import { latestVersion, type AccountId, type EnvironmentId } from '../util/ids.ts';
import { requireDelivery } from './deliver-permission.ts';
import type { DestinationParts } from './destination.ts';
import { noMessagingKeys } from './keys-for.ts';
import {
  recordOfFailure,
  statusCode,
  type GivenUp,
  type InvocationRecord,
  type RecordedEvent,
} from './invocation-record.ts';
import type { Report } from './source.ts';

export type DeadLetter = RecordedEvent & {
  source: string;
  cause: Cause;
  givenUp: GivenUp;
  /** By name. Where it goes besides a destination; with neither, to the function's own dead letters. */
  deadLetterQueue?: string;
  /** Of a message of a FIFO queue, whose dead-letter queue is one too. */
  group?: string;
  /** Where Lambda's record of it goes. Answers where that is, for people; rejects when it did not take it. */
  destination?: { name: string; send(record: InvocationRecord): Promise<string> };
};

type Parts = Pick<DestinationParts, 'delivering' | 'keys'> & {
  region: string;
  log: Log;
  queues: Queues;
  telemetry: Telemetry;
  clock: Clock;
  report: Report;
};

export function deadLettersTopic(account: AccountId, functionName: string): string {
  return `dead/${account}/${functionName}`;
}

/** Durable once resolved. Burying the same letter again changes nothing while it still lies there. */
export async function bury(letter: DeadLetter, parts: Parts): Promise<void> {
  const taken = [await sendToQueue(letter, parts), await sendToDestination(letter, parts)];
  const places = taken.filter((place) => place !== undefined);
  if (places.length === 0) places.push(await keepWithFunction(letter, parts));
  const where = places.join(' and ');
  const { account, functionName, requestId, givenUp } = letter;
  const common = { timeMs: parts.clock.now(), account, functionName, requestId };
  parts.telemetry.emit({ kind: 'event.dead', ...common, reason: givenUp.condition, deadLetters: where });
  parts.telemetry.emit({
    kind: 'log',
    ...common,
    version: givenUp.response?.version ?? latestVersion,
    environmentId: 'platform' as EnvironmentId,
    origin: 'platform',
    text: `GIVEN UP RequestId: ${requestId} ${givenUp.condition}: ${givenUp.message.replace(/[^.!?]$/, '$&.')} The event now lies in ${where}.`,
  });
}

/** Undefined when there is no destination, or it cannot take the record. */
async function sendToDestination(letter: DeadLetter, parts: Parts): Promise<string | undefined> {
  const { destination, functionName, requestId, givenUp } = letter;
  if (destination === undefined) return undefined;
  try {
    return await destination.send(recordOfFailure(letter, givenUp, parts.region));
  } catch (cause) {
    if (cause instanceof PlatformError && cause.code === 'unavailable') throw cause;
    parts.report(
      `the destination ${destination.name} of ${functionName} did not take the record of event ${requestId}`,
      cause,
    );
    return undefined;
  }
}

/** Undefined when the function names no queue, or that queue cannot take it. */
async function sendToQueue(letter: DeadLetter, parts: Parts): Promise<string | undefined> {
  const queue = letter.deadLetterQueue;
  if (queue === undefined) return undefined;
  const { region, keys = noMessagingKeys } = parts;
  try {
    requireDelivery(parts.delivering, letter, `arn:aws:sqs:${region}:${letter.account}:${queue}`);
    const message = {
      id: letter.requestId,
      body: letter.event,
      attributes: {
        RequestID: { type: 'String', text: letter.requestId },
        ErrorCode: { type: 'Number', text: String(statusCode(letter.givenUp)) },
        ErrorMessage: { type: 'String', text: errorMessage(letter.givenUp) },
      },
      senderId: `function:${letter.functionName}`,
      ...(letter.group !== undefined && { group: letter.group, deduplicationId: letter.requestId }),
      cause: letter.cause,
    };
    await parts.queues.send(letter.account, queue, [message], keys.queues.function(letter));
    return `the queue ${queue}`;
  } catch (cause) {
    parts.report(
      `the dead-letter queue "${queue}" of ${letter.functionName} did not take event ${letter.requestId}`,
      cause,
    );
    return undefined;
  }
}

async function keepWithFunction(letter: DeadLetter, parts: Parts): Promise<string> {
  const topic = deadLettersTopic(letter.account, letter.functionName);
  await parts.log.append(topic, [
    { id: letter.requestId, body: JSON.stringify(recordOfFailure(letter, letter.givenUp, parts.region)) },
  ]);
  return `the dead letters of ${letter.functionName}`;
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
