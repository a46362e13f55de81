import { isDeepStrictEqual } from 'node:util';
import type { CreateTopicInput, CreateTopicResponse } from '@aws-sdk/client-sns';
import { topicSettingsDefault, type TopicSettings } from '../../resources/topic-settings.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { SnsParts } from './sns-parts.ts';
import { readTags } from './tags.ts';
import { truth, withAttribute } from './topic-attributes.ts';
import { arnOfTopic, invalidParameter } from './topic-reference.ts';

/** Answers the ARN of a topic of that name, made now or already there with the same attributes and tags. */
export const createTopic = ({ topics }: SnsParts): OperationEntry => ({
  access: (context, { Name: name = '' }: CreateTopicInput) => [
    { action: 'sns:CreateTopic', resource: arnOfTopic(context, { account: context.account, name }) },
  ],
  async run(context: AwsContext, input: CreateTopicInput): Promise<CreateTopicResponse> {
    const { account } = context;
    const name = input.Name ?? '';
    const tags = readTags(input.Tags ?? []);
    const present = topics.get(account, name);
    if (present === undefined) {
      const topic = await topics.create(account, name, { settings: settingsOf(input), tags });
      return { TopicArn: arnOfTopic(context, topic) };
    }
    if (!isDeepStrictEqual(withAll(present.settings, input.Attributes), present.settings))
      throw invalidParameter('Attributes Reason: Topic already exists with different attributes', 'Attributes');
    if (input.Tags !== undefined && input.Tags.length > 0 && !isDeepStrictEqual({ ...present.tags }, tags))
      throw invalidParameter('Tags Reason: Topic already exists with different tags', 'Tags');
    return { TopicArn: arnOfTopic(context, present) };
  },
});

function settingsOf({ Attributes, DataProtectionPolicy }: CreateTopicInput): TopicSettings {
  const isFifo = truth('FifoTopic', Attributes?.['FifoTopic'] ?? 'false');
  const settings: TopicSettings = {
    ...topicSettingsDefault,
    ...(isFifo && { fifo: { deduplicatesByContent: false, scope: 'topic' } }),
    ...(DataProtectionPolicy !== undefined && { dataProtectionPolicy: DataProtectionPolicy }),
  };
  return withAll(settings, Attributes);
}

const withAll = (settings: TopicSettings, attributes: CreateTopicInput['Attributes']): TopicSettings =>
  Object.entries(attributes ?? {}).reduce(
    (changed, [name, value]) => withAttribute(changed, name, value, true),
    settings,
  );
