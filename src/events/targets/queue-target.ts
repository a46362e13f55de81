import { derivedUuid, type AccountId } from '../../util/ids.ts';
import { checkPermission } from '../check-permission.ts';
import { noMessagingKeys } from '../keys-for.ts';
import type { TargetKind } from '../target.ts';

/** A message whose body is what was sent. */
export const queueTarget: TargetKind = {
  service: 'sqs',
  async send({ account, resource }, sending, { queues, maySend, roles, keys = noMessagingKeys }) {
    const { id, text, behalf, cause, groupId, traceHeader } = sending;
    checkPermission(maySend(account as AccountId, resource, behalf), `the queue ${resource}`, sending, {
      action: 'sqs:SendMessage',
      roles,
    });
    const messageId = derivedUuid('target', id, resource);
    const message = {
      id: messageId,
      body: text,
      senderId: behalf.service,
      cause,
      ...(traceHeader !== undefined && { traceHeader }),
      ...(groupId !== undefined && { groupId }),
      ...(resource.endsWith('.fifo') && { deduplicationId: messageId }),
    };
    await queues.send(account as AccountId, resource, [message], keys.queues.service(behalf, sending.roleArn));
  },
};
