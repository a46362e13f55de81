import type { PurgeQueueRequest } from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { accessTo, queueAt } from './queue-url.ts';

export function purgeQueue(queues: Queues): OperationEntry {
  return {
    access: (context, input: PurgeQueueRequest) => accessTo(context, 'PurgeQueue', input.QueueUrl),
    async run(context: AwsContext, input: PurgeQueueRequest) {
      const { account, name } = queueAt(queues, input.QueueUrl);
      await queues.purge(account, name);
      return {};
    },
  };
}
