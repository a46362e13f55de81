import { derivedUuid, type AccountId } from '../../util/ids.ts';
import type { DestinationKind } from '../destination.ts';

/** A message that is the record, in a group of the function's own where the topic keeps an order. */
export const topicDestination: DestinationKind = {
  service: 'sns',
  takesSuccesses: true,
  async send({ account, resource }, { requestId, functionName, record, cause }, { topics }) {
    const id = derivedUuid('destination', requestId, resource);
    const place = resource.endsWith('.fifo') ? { groupId: functionName, deduplicationId: id } : {};
    await topics.publish(account as AccountId, resource, [{ id, message: record, attributes: {}, cause, ...place }]);
    return `the topic ${resource}`;
  },
};
