import type { ListQueuesRequest, ListQueuesResult } from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { pageOf } from './page.ts';
import { queueArn, queueUrl } from './queue-url.ts';

export function listQueues(queues: Queues): OperationEntry {
  return {
    access: (context) => [
      { action: 'sqs:ListQueues', resource: queueArn(context, { account: context.account, name: '*' }) },
    ],
    async run(context: AwsContext, input: ListQueuesRequest): Promise<ListQueuesResult> {
      const prefix = input.QueueNamePrefix ?? '';
      const found = queues.list(context.account).filter(({ name }) => name.startsWith(prefix));
      const { page, ...next } = pageOf(found, input);
      return { ...(page.length > 0 && { QueueUrls: page.map((queue) => queueUrl(context, queue)) }), ...next };
    },
  };
}
