import type { CreateQueueRequest, CreateQueueResult } from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import { isFifoName, type QueueSettings } from '../../resources/queue-settings.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { attributeName, parseAttributes } from './queue-attributes.ts';
import { invalid, missing, queueArn, queueUrl } from './queue-url.ts';

/** The engine names a setting as it calls it. */
function inWordsOfSqs(error: unknown): never {
  if (!(error instanceof PlatformError) || error.reason !== 'QueueNameExists') throw error;
  const attribute = attributeName(error.field ?? '');
  throw new PlatformError(
    error.code,
    `A queue already exists with the same name and a different value for attribute ${attribute}`,
    { reason: error.reason, field: attribute },
  );
}

/** Answers the address of a queue of that name, made now or already there with the same attributes. */
export function createQueue(queues: Queues): OperationEntry {
  return {
    access: (context, { QueueName: name = '', tags }: CreateQueueRequest) => {
      const resource = queueArn(context, { account: context.account, name });
      const actions = ['sqs:CreateQueue', ...(tags === undefined ? [] : ['sqs:TagQueue'])];
      return actions.map((action) => ({ action, resource }));
    },
    async run(context: AwsContext, input: CreateQueueRequest): Promise<CreateQueueResult> {
      const { QueueName: name = '', Attributes: attributes = {}, tags } = input;
      if (name === '') throw missing('QueueName');
      if (isFifoName(name) && attributes.FifoQueue !== 'true')
        throw invalid(
          'QueueName',
          name,
          'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
        );
      const change = parseAttributes(queues, context, { name }, attributes);
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      const settings = Object.fromEntries(given) as Partial<QueueSettings>;
      const queue = await queues.create(context.account, name, settings, tags).catch(inWordsOfSqs);
      return { QueueUrl: queueUrl(context, queue) };
    },
  };
}
