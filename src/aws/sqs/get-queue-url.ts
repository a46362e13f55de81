import type { GetQueueUrlRequest, GetQueueUrlResult } from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import type { AccountId } from '../../util/ids.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { missing, noSuchQueue, queueArn, queueUrl } from './queue-url.ts';

export function getQueueUrl(queues: Queues): OperationEntry {
  return {
    access: (context, input: GetQueueUrlRequest) => [
      {
        action: 'sqs:GetQueueUrl',
        resource: queueArn(context, { account: ownerOf(context, input), name: input.QueueName ?? '' }),
      },
    ],
    async run(context: AwsContext, input: GetQueueUrlRequest): Promise<GetQueueUrlResult> {
      if (input.QueueName === undefined || input.QueueName === '') throw missing('QueueName');
      const queue = queues.get(ownerOf(context, input), input.QueueName);
      if (queue === undefined) throw noSuchQueue();
      return { QueueUrl: queueUrl(context, queue) };
    },
  };
}

const ownerOf = ({ account }: AwsContext, { QueueOwnerAWSAccountId: owner }: GetQueueUrlRequest): AccountId =>
  owner === undefined || owner === '' ? account : (owner as AccountId);
