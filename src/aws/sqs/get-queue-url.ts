import type { GetQueueUrlRequest, GetQueueUrlResult } from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { missing, noSuchQueue, queueArn, queueUrl } from './queue-url.ts';

export function getQueueUrl(queues: Queues): OperationEntry {
  return {
    access: (context, { QueueName: name = '' }: GetQueueUrlRequest) => [
      { action: 'sqs:GetQueueUrl', resource: queueArn(context, { account: context.account, name }) },
    ],
    async run(context: AwsContext, input: GetQueueUrlRequest): Promise<GetQueueUrlResult> {
      if (input.QueueName === undefined || input.QueueName === '') throw missing('QueueName');
      const owner = input.QueueOwnerAWSAccountId ?? context.account;
      const queue = owner === context.account ? queues.get(context.account, input.QueueName) : undefined;
      if (queue === undefined) throw noSuchQueue();
      return { QueueUrl: queueUrl(context, queue) };
    },
  };
}
