/** TagQueue, UntagQueue and ListQueueTags. */
import type {
  ListQueueTagsRequest,
  ListQueueTagsResult,
  TagQueueRequest,
  UntagQueueRequest,
} from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { accessTo, missing, ownQueueAt } from './queue-url.ts';

export function tagQueue(queues: Queues): OperationEntry {
  return {
    access: (context, input: TagQueueRequest) => accessTo(context, 'TagQueue', input.QueueUrl),
    async run(context: AwsContext, input: TagQueueRequest) {
      const { account, name } = ownQueueAt(queues, context, input.QueueUrl);
      const added = input.Tags ?? {};
      if (Object.keys(added).length === 0) throw missing('Tags');
      await queues.retag(account, name, (tags) => ({ ...tags, ...added }));
      return {};
    },
  };
}

export function untagQueue(queues: Queues): OperationEntry {
  return {
    access: (context, input: UntagQueueRequest) => accessTo(context, 'UntagQueue', input.QueueUrl),
    async run(context: AwsContext, input: UntagQueueRequest) {
      const { account, name } = ownQueueAt(queues, context, input.QueueUrl);
      const keys = input.TagKeys ?? [];
      if (keys.length === 0) throw missing('TagKeys');
      await queues.retag(account, name, (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key))),
      );
      return {};
    },
  };
}

export function listQueueTags(queues: Queues): OperationEntry {
  return {
    access: (context, input: ListQueueTagsRequest) => accessTo(context, 'ListQueueTags', input.QueueUrl),
    async run(context: AwsContext, input: ListQueueTagsRequest): Promise<ListQueueTagsResult> {
      const { tags } = ownQueueAt(queues, context, input.QueueUrl);
      return tags === undefined ? {} : { Tags: { ...tags } };
    },
  };
}
