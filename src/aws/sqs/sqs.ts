/**
 * Amazon SQS over the queue engine (resources/queue.ts): standard and FIFO queues, all of its operations.
 *
 * By design: counts are exact, not approximate; FIFO queues are not throttled; a policy's denials do not keep the
 * account's administrator from changing that policy.
 *
 * Client quirks: a receive without messages has no `Messages` at all, and a list without queues no `QueueUrls`, as
 * boto3 code expects; clients reach a queue by the host in its URL, so the URL has the host that they asked with.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
 */
import { sqsModel, type SqsOperationName } from '../model/sqs.ts';
import type { AwsService, OperationTable } from '../service.ts';
import { changeMessageVisibilityBatch } from './change-message-visibility-batch.ts';
import { changeMessageVisibility } from './change-message-visibility.ts';
import { createQueue } from './create-queue.ts';
import { deleteMessageBatch } from './delete-message-batch.ts';
import { deleteMessage } from './delete-message.ts';
import { deleteQueue } from './delete-queue.ts';
import { getQueueAttributes } from './get-queue-attributes.ts';
import { getQueueUrl } from './get-queue-url.ts';
import { listDeadLetterSourceQueues } from './list-dead-letter-source-queues.ts';
import { listQueues } from './list-queues.ts';
import { cancelMessageMoveTask, listMessageMoveTasks, startMessageMoveTask } from './move-operations.ts';
import { addPermission, removePermission } from './permission-operations.ts';
import { purgeQueue } from './purge-queue.ts';
import { receiveMessage } from './receive-message.ts';
import { sendMessageBatch } from './send-message-batch.ts';
import { sendMessage } from './send-message.ts';
import { setQueueAttributes } from './set-queue-attributes.ts';
import type { SqsParts } from './sqs-parts.ts';
import { listQueueTags, tagQueue, untagQueue } from './tag-operations.ts';

/** Of its answers in the older protocol, which today's SDK says nothing of. */
const xmlNamespace = 'http://queue.amazonaws.com/doc/2012-11-05/';

export function createSqsService(parts: SqsParts): AwsService {
  const { queues } = parts;
  const operations: OperationTable<SqsOperationName> = {
    AddPermission: addPermission(queues),
    CancelMessageMoveTask: cancelMessageMoveTask(parts),
    ChangeMessageVisibility: changeMessageVisibility(queues),
    ChangeMessageVisibilityBatch: changeMessageVisibilityBatch(queues),
    CreateQueue: createQueue(queues),
    DeleteMessage: deleteMessage(queues),
    DeleteMessageBatch: deleteMessageBatch(queues),
    DeleteQueue: deleteQueue(queues),
    GetQueueAttributes: getQueueAttributes(queues),
    GetQueueUrl: getQueueUrl(queues),
    ListDeadLetterSourceQueues: listDeadLetterSourceQueues(queues),
    ListMessageMoveTasks: listMessageMoveTasks(parts),
    ListQueueTags: listQueueTags(queues),
    ListQueues: listQueues(queues),
    PurgeQueue: purgeQueue(queues),
    ReceiveMessage: receiveMessage(parts),
    RemovePermission: removePermission(queues),
    SendMessage: sendMessage(parts),
    SendMessageBatch: sendMessageBatch(parts),
    SetQueueAttributes: setQueueAttributes(queues),
    StartMessageMoveTask: startMessageMoveTask(parts),
    TagQueue: tagQueue(queues),
    UntagQueue: untagQueue(queues),
  };
  return {
    name: 'sqs',
    signingNames: ['sqs'],
    protocols: ['json-1.0', 'query'],
    model: { ...sqsModel, xmlNamespace },
    operations,
  };
}
