import type {
  DeleteTopicInput,
  GetDataProtectionPolicyInput,
  GetDataProtectionPolicyResponse,
  GetTopicAttributesInput,
  GetTopicAttributesResponse,
  ListTopicsInput,
  ListTopicsResponse,
  PutDataProtectionPolicyInput,
  SetTopicAttributesInput,
} from '@aws-sdk/client-sns';
import { topicLimits } from '../../resources/topic-settings.ts';
import { isObject } from '../../util/field.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { pageOf } from './page.ts';
import type { SnsParts } from './sns-parts.ts';
import { subscriptionsOf } from './subscriptions.ts';
import { attributesOf, withAttribute } from './topic-attributes.ts';
import { arnOfTopic, invalidParameter, onAll, onTopic, parseTopicArn, topicAt } from './topic-reference.ts';

/** One that is not there is deleted, too. */
export const deleteTopic = ({ topics }: SnsParts): OperationEntry => ({
  access: (context, input: DeleteTopicInput) => onTopic(context, 'DeleteTopic', input.TopicArn),
  async run(context: AwsContext, input: DeleteTopicInput): Promise<object> {
    const { account, name } = parseTopicArn(context, input.TopicArn);
    await topics.delete(account, name);
    return {};
  },
});

export const listTopics = ({ topics }: SnsParts): OperationEntry => ({
  access: (context) => onAll(context, 'ListTopics'),
  run(context: AwsContext, input: ListTopicsInput): Promise<ListTopicsResponse> {
    const { page, ...next } = pageOf(topics.list(context.account), input.NextToken, ({ name }) => name);
    return Promise.resolve({ Topics: page.map((topic) => ({ TopicArn: arnOfTopic(context, topic) })), ...next });
  },
});

export const getTopicAttributes = (parts: SnsParts): OperationEntry => ({
  access: (context, input: GetTopicAttributesInput) => onTopic(context, 'GetTopicAttributes', input.TopicArn),
  run(context: AwsContext, input: GetTopicAttributesInput): Promise<GetTopicAttributesResponse> {
    const topic = topicAt(parts.topics, context, input.TopicArn);
    const subscriptions = subscriptionsOf(parts, context, topic);
    const pending = subscriptions.filter((one) => one.pending !== undefined).length;
    const counts = { pending, confirmed: subscriptions.length - pending };
    return Promise.resolve({ Attributes: attributesOf(context, topic, counts) });
  },
});

export const setTopicAttributes = ({ topics }: SnsParts): OperationEntry => ({
  access: (context, input: SetTopicAttributesInput) => onTopic(context, 'SetTopicAttributes', input.TopicArn),
  async run(context: AwsContext, input: SetTopicAttributesInput): Promise<object> {
    const { account, name } = topicAt(topics, context, input.TopicArn);
    const { AttributeName: attribute = '', AttributeValue: value = '' } = input;
    await topics.update(account, name, ({ settings }) => ({ settings: withAttribute(settings, attribute, value) }));
    return {};
  },
});

export const getDataProtectionPolicy = ({ topics }: SnsParts): OperationEntry => ({
  access: (context, input: GetDataProtectionPolicyInput) =>
    onTopic(context, 'GetDataProtectionPolicy', input.ResourceArn, 'ResourceArn'),
  run(context: AwsContext, input: GetDataProtectionPolicyInput): Promise<GetDataProtectionPolicyResponse> {
    const { settings } = topicAt(topics, context, input.ResourceArn, 'ResourceArn');
    return Promise.resolve({ DataProtectionPolicy: settings.dataProtectionPolicy ?? '' });
  },
});

/** Kept and given back. Nothing is looked for in messages: no managed data identifier is here. */
export const putDataProtectionPolicy = ({ topics }: SnsParts): OperationEntry => ({
  access: (context, input: PutDataProtectionPolicyInput) =>
    onTopic(context, 'PutDataProtectionPolicy', input.ResourceArn, 'ResourceArn'),
  async run(context: AwsContext, input: PutDataProtectionPolicyInput): Promise<object> {
    const { account, name } = topicAt(topics, context, input.ResourceArn, 'ResourceArn');
    const text = input.DataProtectionPolicy ?? '';
    if (text !== '' && !isPolicy(text)) throw invalidParameter('DataProtectionPolicy');
    await topics.update(account, name, ({ settings: { dataProtectionPolicy: _before, ...others } }) => ({
      settings: { ...others, ...(text !== '' && { dataProtectionPolicy: text }) },
    }));
    return {};
  },
});

function isPolicy(text: string): boolean {
  if (text.length > topicLimits.documentCharactersMax) return false;
  try {
    return isObject(JSON.parse(text));
  } catch {
    return false;
  }
}
