import { derivedUuid, type AccountId } from '../../util/ids.ts';
import type { DestinationKind } from '../destination.ts';

/** A message whose body is the record. Its id is not the event's: the same queue may be the function's dead-letter queue. */
export const queueDestination: DestinationKind = {
  service: 'sqs',
  takesSuccesses: true,
  async send({ account, resource }, { requestId, functionName, record, cause }, { queues }) {
    await queues.send(account as AccountId, resource, [
      { id: derivedUuid('destination', requestId), body: record, senderId: `function:${functionName}`, cause },
    ]);
    return `the queue ${resource}`;
  },
};
