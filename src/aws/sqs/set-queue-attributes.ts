import type { SetQueueAttributesRequest } from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { parseAttributes } from './queue-attributes.ts';
import { accessTo, missing, ownQueueAt } from './queue-url.ts';

export function setQueueAttributes(queues: Queues): OperationEntry {
  return {
    access: (context, input: SetQueueAttributesRequest) => accessTo(context, 'SetQueueAttributes', input.QueueUrl),
    async run(context: AwsContext, input: SetQueueAttributesRequest) {
      const queue = ownQueueAt(queues, context, input.QueueUrl);
      if (input.Attributes === undefined) throw missing('Attributes');
      await queues.update(queue.account, queue.name, parseAttributes(queues, context, queue, input.Attributes));
      return {};
    },
  };
}
