import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-sns';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { SnsParts } from './sns-parts.ts';
import { limited, readTags, resourceNotFound, writeTags } from './tags.ts';
import { onTopic, topicAt } from './topic-reference.ts';

export const tagResource = ({ topics }: SnsParts): OperationEntry => ({
  access: (context, input: TagResourceRequest) => onTopic(context, 'TagResource', input.ResourceArn, 'ResourceArn'),
  async run(context: AwsContext, input: TagResourceRequest): Promise<object> {
    const { account, name } = existing(() => topicAt(topics, context, input.ResourceArn, 'ResourceArn'));
    const added = readTags(input.Tags ?? []);
    await topics.update(account, name, ({ tags }) => ({ tags: limited({ ...tags, ...added }) }));
    return {};
  },
});

export const untagResource = ({ topics }: SnsParts): OperationEntry => ({
  access: (context, input: UntagResourceRequest) => onTopic(context, 'UntagResource', input.ResourceArn, 'ResourceArn'),
  async run(context: AwsContext, input: UntagResourceRequest): Promise<object> {
    const { account, name } = existing(() => topicAt(topics, context, input.ResourceArn, 'ResourceArn'));
    const gone = new Set(input.TagKeys);
    await topics.update(account, name, ({ tags }) => ({
      tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key))),
    }));
    return {};
  },
});

export const listTagsForResource = ({ topics }: SnsParts): OperationEntry => ({
  access: (context, input: ListTagsForResourceRequest) =>
    onTopic(context, 'ListTagsForResource', input.ResourceArn, 'ResourceArn'),
  run: (context: AwsContext, input: ListTagsForResourceRequest): Promise<ListTagsForResourceResponse> =>
    Promise.resolve({
      Tags: writeTags(existing(() => topicAt(topics, context, input.ResourceArn, 'ResourceArn')).tags),
    }),
});

function existing<Found>(find: () => Found): Found {
  try {
    return find();
  } catch (error) {
    throw resourceNotFound(error);
  }
}
