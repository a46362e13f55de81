/**
 * Amazon SQS over the queue engine (resources/queue.ts): standard queues.
 *
 * Gaps, each answered by name: FIFO queues (`.fifo`), tags, access policies (Policy, AddPermission, RemovePermission),
 * encryption settings, dead-letter redrive tasks (StartMessageMoveTask and its like), RedriveAllowPolicy, and other
 * accounts' queues. MessageGroupId is accepted and has no effect (standard queues here share nothing out by group).
 * A receipt ends with its visibility: a message that became visible again is deleted only by receiving it again, where
 * AWS would often still delete it.
 *
 * By design: a queue may be purged again at once, and made again right after it was deleted (AWS: 60 seconds each);
 * counts are exact, not approximate; a message past its retention is dropped when it would be received, and counted
 * until then; there is no bound on messages in flight (AWS: 120,000).
 *
 * Client quirks: a receive without messages has no `Messages` at all, and a list without queues no `QueueUrls`, as
 * boto3 code expects; clients reach a queue by the host in its URL, so the URL has the host that they asked with.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
 */
import type { Queues } from '../../resources/queue.ts';
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
import { listQueues } from './list-queues.ts';
import { purgeQueue } from './purge-queue.ts';
import { receiveMessage } from './receive-message.ts';
import { sendMessageBatch } from './send-message-batch.ts';
import { sendMessage } from './send-message.ts';
import { setQueueAttributes } from './set-queue-attributes.ts';

export function createSqsService({ queues }: { queues: Queues }): AwsService {
  const operations: OperationTable<SqsOperationName> = {
    AddPermission: 'not built',
    CancelMessageMoveTask: 'not built',
    ChangeMessageVisibility: changeMessageVisibility(queues),
    ChangeMessageVisibilityBatch: changeMessageVisibilityBatch(queues),
    CreateQueue: createQueue(queues),
    DeleteMessage: deleteMessage(queues),
    DeleteMessageBatch: deleteMessageBatch(queues),
    DeleteQueue: deleteQueue(queues),
    GetQueueAttributes: getQueueAttributes(queues),
    GetQueueUrl: getQueueUrl(queues),
    ListDeadLetterSourceQueues: 'not built',
    ListMessageMoveTasks: 'not built',
    ListQueueTags: 'not built',
    ListQueues: listQueues(queues),
    PurgeQueue: purgeQueue(queues),
    ReceiveMessage: receiveMessage(queues),
    RemovePermission: 'not built',
    SendMessage: sendMessage(queues),
    SendMessageBatch: sendMessageBatch(queues),
    SetQueueAttributes: setQueueAttributes(queues),
    StartMessageMoveTask: 'not built',
    TagQueue: 'not built',
    UntagQueue: 'not built',
  };
  return {
    name: 'sqs',
    signingNames: ['sqs'],
    protocols: ['json-1.0', 'query'],
    model: sqsModel,
    operations,
  };
}
