/**
 * Where Lambda sends the record of an asynchronous event: one kind of destination for each service that takes one, known
 * by the service in its ARN. A new kind is a file in destinations/ and one more line here.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
import type { Buckets } from '../resources/bucket.ts';
import type { EventBuses } from '../resources/event-bus/event-buses.ts';
import type { Queues } from '../resources/queue.ts';
import type { Topics } from '../resources/topic.ts';
import { parseArn, type Arn } from '../util/arn.ts';
import type { Cause } from '../util/cause.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId, RequestId } from '../util/ids.ts';
import type { AsyncInvocation } from './asynchronous.ts';
import { requireDelivery, type DeliverPermission } from './deliver-permission.ts';
import type { MessagingKeys } from './keys-for.ts';
import { bucketDestination } from './destinations/bucket-destination.ts';
import { busDestination } from './destinations/bus-destination.ts';
import { functionDestination } from './destinations/function-destination.ts';
import { queueDestination } from './destinations/queue-destination.ts';
import { topicDestination } from './destinations/topic-destination.ts';

/** What is sent, and on whose behalf. */
export type Sending = {
  account: AccountId;
  functionName: string;
  qualifier: string;
  /** Of the event that the record is of: with it, sending again after a crash is known for what it is. */
  requestId: RequestId;
  decidedMs: number;
  /** The record as JSON. */
  record: string;
  /** Of whatever the record brings about. */
  cause: Cause;
  /** Where objects of its kind lie; absent: with those of asynchronous events of the function. */
  folder?: string;
};

export type DestinationParts = {
  queues: Queues;
  buckets: Pick<Buckets, 'put'>;
  topics: Pick<Topics, 'publish'>;
  buses: Pick<EventBuses, 'putEvents'>;
  enqueue(invocation: AsyncInvocation): Promise<void>;
  /** Whether functions' roles let their records be sent; absent: nobody has a role. */
  delivering?: DeliverPermission | undefined;
  /** For queues and topics that are encrypted with keys; absent: none is. */
  keys?: MessagingKeys | undefined;
};

export type DestinationKind = {
  /** As in its ARN. */
  service: string;
  /** Whether records of events that succeeded are taken, too. */
  takesSuccesses: boolean;
  /**
   * Durable once resolved; answers where it is, for people. Sent again it changes nothing as long as the first is there.
   * Throws what the destination says.
   */
  send(destination: Arn, sending: Sending, parts: DestinationParts): Promise<string>;
};

const destinationKinds: readonly DestinationKind[] = [
  queueDestination,
  topicDestination,
  functionDestination,
  bucketDestination,
  busDestination,
];

export function destinationKind(service: string): DestinationKind | undefined {
  return destinationKinds.find((kind) => kind.service === service);
}

/** Errors: those of the destination; `permission_denied` where the function's role does not allow it. */
export async function sendToDestination(arn: string, sending: Sending, parts: DestinationParts): Promise<string> {
  const destination = parseArn(arn);
  const kind = destination === undefined ? undefined : destinationKind(destination.service);
  if (destination === undefined || kind === undefined) {
    const built = destinationKinds.map(({ service }) => service).join(', ');
    throw new PlatformError('invalid_argument', `'${arn}' is no destination; accepted: an ARN of ${built}`);
  }
  requireDelivery(parts.delivering, sending, arn);
  return kind.send(destination, sending, parts);
}
