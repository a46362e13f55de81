import { derivedUuid, type AccountId } from '../../util/ids.ts';
import { checkPermission } from '../check-permission.ts';
import type { TargetKind } from '../target.ts';

/** A message that is what was sent. */
export const topicTarget: TargetKind = {
  service: 'sns',
  async send({ account, resource }, sending, { topics, mayPublish, roles }) {
    const { id, text, behalf, cause, groupId, traceHeader } = sending;
    checkPermission(mayPublish(account as AccountId, resource, behalf), `the topic ${resource}`, sending, {
      action: 'sns:Publish',
      roles,
    });
    const messageId = derivedUuid('target', id, resource);
    await topics.publish(account as AccountId, resource, [
      {
        id: messageId,
        message: text,
        attributes: {},
        cause,
        ...(traceHeader !== undefined && { traceHeader }),
        ...(resource.endsWith('.fifo') && { groupId: groupId ?? messageId, deduplicationId: messageId }),
      },
    ]);
  },
};
