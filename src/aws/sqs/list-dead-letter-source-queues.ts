import type { ListDeadLetterSourceQueuesRequest, ListDeadLetterSourceQueuesResult } from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { pageOf } from './page.ts';
import { accessTo, queueAt, queueUrl } from './queue-url.ts';

export function listDeadLetterSourceQueues(queues: Queues): OperationEntry {
  return {
    access: (context, input: ListDeadLetterSourceQueuesRequest) =>
      accessTo(context, 'ListDeadLetterSourceQueues', input.QueueUrl),
    async run(
      context: AwsContext,
      input: ListDeadLetterSourceQueuesRequest,
    ): Promise<ListDeadLetterSourceQueuesResult> {
      const { page, ...next } = pageOf(queues.sourcesOf(queueAt(queues, input.QueueUrl)), input);
      return { queueUrls: page.map((queue) => queueUrl(context, queue)), ...next };
    },
  };
}
