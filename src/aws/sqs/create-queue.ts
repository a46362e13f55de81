import type { CreateQueueRequest, CreateQueueResult } from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import type { QueueSettings } from '../../resources/queue-settings.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { parseAttributes } from './queue-attributes.ts';
import { missing, queueArn, queueUrl } from './queue-url.ts';

/** Answers the address of a queue of that name, made now or already there with the same attributes. */
export function createQueue(queues: Queues): OperationEntry {
  return {
    access: (context, { QueueName: name = '' }: CreateQueueRequest) => [
      { action: 'sqs:CreateQueue', resource: queueArn(context, { account: context.account, name }) },
    ],
    async run(context: AwsContext, input: CreateQueueRequest): Promise<CreateQueueResult> {
      if (input.QueueName === undefined || input.QueueName === '') throw missing('QueueName');
      if (Object.keys(input.tags ?? {}).length > 0) {
        throw new PlatformError('not_implemented', 'Tags of queues are not built; create the queue without them.', {
          field: 'tags',
          reason: 'UnsupportedOperation',
        });
      }
      const change = parseAttributes(queues, context, input.Attributes ?? {});
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      const queue = await queues.create(
        context.account,
        input.QueueName,
        Object.fromEntries(given) as Partial<QueueSettings>,
      );
      return { QueueUrl: queueUrl(context, queue) };
    },
  };
}
