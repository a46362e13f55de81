import type { GetQueueAttributesRequest, GetQueueAttributesResult } from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { attributesOf, pickAttributes } from './queue-attributes.ts';
import { accessTo, queueAt } from './queue-url.ts';

export function getQueueAttributes(queues: Queues): OperationEntry {
  return {
    access: (context, input: GetQueueAttributesRequest) => accessTo(context, 'GetQueueAttributes', input.QueueUrl),
    async run(context: AwsContext, input: GetQueueAttributesRequest): Promise<GetQueueAttributesResult> {
      const queue = queueAt(queues, input.QueueUrl);
      const depth = await queues.depth(queue.account, queue.name);
      const picked = pickAttributes(attributesOf(context, queue, depth), input.AttributeNames ?? []);
      return Object.keys(picked).length === 0 ? {} : { Attributes: picked };
    },
  };
}
