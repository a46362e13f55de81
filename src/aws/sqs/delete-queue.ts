import type { DeleteQueueRequest } from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { accessTo, ownQueueAt } from './queue-url.ts';

export function deleteQueue(queues: Queues): OperationEntry {
  return {
    access: (context, input: DeleteQueueRequest) => accessTo(context, 'DeleteQueue', input.QueueUrl),
    async run(context: AwsContext, input: DeleteQueueRequest) {
      const { account, name } = ownQueueAt(queues, context, input.QueueUrl);
      await queues.delete(account, name);
      return {};
    },
  };
}
