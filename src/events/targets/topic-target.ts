import { derivedUuid, type AccountId } from '../../util/ids.ts';
import { checkPermission } from '../check-permission.ts';
import { noMessagingKeys } from '../keys-for.ts';
import type { TargetKind } from '../target.ts';

/** A message that is what was sent. */
export const topicTarget: TargetKind = {
  service: 'sns',
  async send({ account, resource }, sending, { topics, mayPublish, roles, keys = noMessagingKeys }) {
    const { id, text, behalf, cause, groupId, traceHeader } = sending;
    checkPermission(mayPublish(account as AccountId, resource, behalf), `the topic ${resource}`, sending, {
      action: 'sns:Publish',
      roles,
    });
    const messageId = derivedUuid('target', id, resource);
    const message = {
      id: messageId,
      message: text,
      attributes: {},
      cause,
      ...(traceHeader !== undefined && { traceHeader }),
      ...(resource.endsWith('.fifo') && { groupId: groupId ?? messageId, deduplicationId: messageId }),
    };
    await topics.publish(account as AccountId, resource, [message], keys.topics.service(behalf, sending.roleArn));
  },
};
