/**
 * The last step of an asynchronous event whose outcome is decided and on disk: whoever is to hear of it does. Repeated
 * after a crash it changes nothing (docs/decisions/061-destinations.md).
 */
import { destinationName, type HttpDestination } from '../registry/http-destination.ts';
import type { Queues } from '../resources/queue.ts';
import type { Log } from '../store/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { causedBy, type Cause } from '../util/cause.ts';
import type { Clock } from '../util/clock.ts';
import { PlatformError, messageOf } from '../util/errors.ts';
import { functionArn, latestVersion, type EnvironmentId, type VersionId } from '../util/ids.ts';
import { limits } from '../util/limits.ts';
import type { AsyncInvocation } from './asynchronous.ts';
import { bury } from './dead-letter.ts';
import { sendToDestination, type DestinationParts } from './destination.ts';
import {
  recordOfSuccess,
  type GivenUp,
  type InvocationRecord,
  type RecordedEvent,
  type Succeeded,
} from './invocation-record.ts';
import type { RecordPosts } from './record-posts.ts';
import type { Report } from './source.ts';

/** `decidedMs`: when; absent in what an earlier release decided. */
export type DecidedEvent = AsyncInvocation & { decidedMs?: number };

/** An ARN, or an address. */
export type OutcomePlace = string | HttpDestination;

export const placeName = (place: OutcomePlace): string => (typeof place === 'string' ? place : destinationName(place));

/** `deadLetterQueue`: by name. */
export type FailurePlaces = { deadLetterQueue?: string; onFailure?: OutcomePlace };

export type TellParts = DestinationParts & {
  region: string;
  log: Log;
  queues: Queues;
  posts: Pick<RecordPosts, 'enqueue'>;
  telemetry: Telemetry;
  clock: Clock;
  report: Report;
};

export function tellFailure(
  event: DecidedEvent,
  givenUp: GivenUp,
  { deadLetterQueue, onFailure }: FailurePlaces,
  parts: TellParts,
): Promise<void> {
  const send = (record: InvocationRecord): Promise<string> => sendRecord(onFailure ?? '', event, record, parts);
  return bury(
    {
      ...recorded(event, parts),
      source: event.source,
      cause: causeOfRecord(event, givenUp.attempts, parts),
      givenUp,
      ...(deadLetterQueue !== undefined && { deadLetterQueue }),
      ...(onFailure !== undefined && { destination: { name: placeName(onFailure), send } }),
    },
    parts,
  );
}

/** A destination that cannot take the record is no reason to run the event again: the function's log has it. */
export async function tellSuccess(
  event: DecidedEvent,
  succeeded: Succeeded,
  destination: OutcomePlace,
  parts: TellParts,
): Promise<void> {
  try {
    await sendRecord(destination, event, recordOfSuccess(recorded(event, parts), succeeded, parts.region), parts);
  } catch (cause) {
    if (cause instanceof PlatformError && cause.code === 'unavailable') throw cause;
    const why = messageOf(cause);
    sayUntold(event, succeeded.version, destination, why, parts);
  }
}

/** An answer that no destination takes is not kept until it is refused there; the function's log says so. */
export function canBeTold(
  answer: Uint8Array,
  event: AsyncInvocation,
  version: VersionId,
  destination: OutcomePlace,
  parts: TellParts,
): boolean {
  if (answer.byteLength <= limits.asyncPayloadBytesMax) return true;
  sayUntold(event, version, destination, `an answer of ${answer.byteLength} bytes is too large for it`, parts);
  return false;
}

function sayUntold(
  { account, functionName, requestId }: AsyncInvocation,
  version: VersionId,
  destination: OutcomePlace,
  why: string,
  { telemetry, clock }: TellParts,
): void {
  telemetry.emit({
    kind: 'log',
    timeMs: clock.now(),
    account,
    functionName,
    requestId,
    version,
    environmentId: 'platform' as EnvironmentId,
    origin: 'platform',
    text: `DESTINATION RequestId: ${requestId} ${placeName(destination)} did not take the record of this success: ${why}`,
  });
}

async function sendRecord(
  destination: OutcomePlace,
  event: DecidedEvent,
  record: InvocationRecord,
  parts: TellParts,
): Promise<string> {
  const { account, functionName, qualifier, requestId, decidedMs } = recorded(event, parts);
  if (typeof destination !== 'string') {
    const post = { account, functionName, qualifier, requestId, decidedMs, destination };
    await parts.posts.enqueue({ ...post, record: JSON.stringify(record) });
    return `what is posted to ${placeName(destination)}`;
  }
  const cause = causeOfRecord(event, record.requestContext.approximateInvokeCount, parts);
  const sending = { account, functionName, qualifier, requestId, decidedMs, record: JSON.stringify(record), cause };
  return sendToDestination(destination, sending, parts);
}

function recorded(event: DecidedEvent, { clock }: TellParts): RecordedEvent {
  const { account, functionName, qualifier = latestVersion, requestId, decidedMs = clock.now() } = event;
  return { account, functionName, qualifier, requestId, event: event.event, decidedMs };
}

/** Where it ran, what comes of its record comes of the function, too: a loop over a destination is one. */
function causeOfRecord({ cause, account, functionName }: DecidedEvent, attempts: number, { region }: TellParts): Cause {
  return attempts === 0 ? cause : causedBy(cause, functionArn(region, account, functionName));
}
