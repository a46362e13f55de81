import { derivedUuid, type AccountId } from '../../util/ids.ts';
import type { DestinationKind } from '../destination.ts';
import { noMessagingKeys } from '../keys-for.ts';

/** A message that is the record, in a group of the function's own where the topic keeps an order. */
export const topicDestination: DestinationKind = {
  service: 'sns',
  takesSuccesses: true,
  async send({ account, resource }, sending, { topics, keys = noMessagingKeys }) {
    const { requestId, functionName, record, cause } = sending;
    const id = derivedUuid('destination', requestId, resource);
    const place = resource.endsWith('.fifo') ? { groupId: functionName, deduplicationId: id } : {};
    const message = { id, message: record, attributes: {}, cause, ...place };
    await topics.publish(account as AccountId, resource, [message], keys.topics.function(sending));
    return `the topic ${resource}`;
  },
};
