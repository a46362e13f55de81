import { derivedUuid, type AccountId } from '../../util/ids.ts';
import type { DestinationKind } from '../destination.ts';
import { noMessagingKeys } from '../keys-for.ts';

/** A message whose body is the record. Its id is not the event's: the same queue may be the function's dead-letter queue. */
export const queueDestination: DestinationKind = {
  service: 'sqs',
  takesSuccesses: true,
  async send({ account, resource }, sending, { queues, keys = noMessagingKeys }) {
    const { requestId, functionName, record, cause } = sending;
    const id = derivedUuid('destination', requestId);
    const message = { id, body: record, senderId: `function:${functionName}`, cause };
    await queues.send(account as AccountId, resource, [message], keys.queues.function(sending));
    return `the queue ${resource}`;
  },
};
