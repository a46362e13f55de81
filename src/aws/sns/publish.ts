import type { MessageAttributeValue, PublishInput, PublishResponse } from '@aws-sdk/client-sns';
import type { MessageAttribute } from '../../resources/queue-message.ts';
import { checkTopicMessage, type PublishedMessage } from '../../resources/topic-message.ts';
import type { Topic } from '../../resources/topic.ts';
import { assert } from '../../util/assert.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { SnsParts } from './sns-parts.ts';
import { invalidParameter, onTopic, topicAt } from './topic-reference.ts';

export const publish = ({ topics, keysFor }: SnsParts): OperationEntry => ({
  access: (context, input: PublishInput) => onTopic(context, 'Publish', targetOf(input), 'TopicArn'),
  async run(context: AwsContext, input: PublishInput): Promise<PublishResponse> {
    const topic = topicAt(topics, context, targetOf(input));
    const message = toPublished(context, topic, input);
    const [published] = await topics.publish(topic.account, topic.name, [message], keysFor(context));
    assert(published !== undefined, 'one message published has one id');
    return { MessageId: published.id, SequenceNumber: published.sequenceNumber };
  },
});

/** Throws for telephones and applications, which nothing is sent to from here. */
function targetOf({ TopicArn, TargetArn, PhoneNumber }: PublishInput): string | undefined {
  if (PhoneNumber !== undefined)
    throw new PlatformError('not_implemented', 'Text messages to telephones are not built; publish to a topic.');
  if (TargetArn !== undefined && /:(endpoint|app)\//.test(TargetArn))
    throw new PlatformError('not_implemented', 'Platform applications are not built; publish to a topic.');
  return TopicArn ?? TargetArn;
}

type Sent = Pick<
  PublishInput,
  'Message' | 'Subject' | 'MessageStructure' | 'MessageAttributes' | 'MessageGroupId' | 'MessageDeduplicationId'
>;

/** As the engine takes it. Throws what SNS answers to one that it does not take. */
export function toPublished(context: AwsContext, topic: Topic, sent: Sent): PublishedMessage {
  const { MessageStructure: structure, MessageGroupId: groupId, MessageDeduplicationId: deduplicationId } = sent;
  if (structure !== undefined && structure !== '' && structure !== 'json') throw invalidParameter('MessageStructure');
  checkPlace(topic, groupId, deduplicationId);
  const traceHeader = context.request.headers['x-amzn-trace-id'];
  const message: PublishedMessage = {
    message: sent.Message ?? '',
    attributes: Object.fromEntries(
      Object.entries(sent.MessageAttributes ?? {}).map(([name, value]) => [name, toAttribute(name, value)]),
    ),
    cause: context.cause,
    ...(structure === 'json' && { hasTextByProtocol: true }),
    ...(sent.Subject !== undefined && { subject: sent.Subject }),
    ...(groupId !== undefined && { groupId }),
    ...(deduplicationId !== undefined && { deduplicationId }),
    ...(traceHeader !== undefined && { traceHeader }),
  };
  checkTopicMessage(message);
  return message;
}

function checkPlace(
  { settings: { fifo } }: Topic,
  groupId: string | undefined,
  deduplicationId: string | undefined,
): void {
  if (fifo === undefined) {
    if (deduplicationId === undefined) return;
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
      'MessageDeduplicationId',
    );
  }
  if (groupId === undefined)
    throw invalidParameter('The MessageGroupId parameter is required for FIFO topics', 'MessageGroupId');
  if (deduplicationId === undefined && !fifo.deduplicatesByContent) {
    throw invalidParameter(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
      'MessageDeduplicationId',
    );
  }
}

function toAttribute(name: string, value: MessageAttributeValue): MessageAttribute {
  const type = value.DataType ?? '';
  if (value.BinaryValue !== undefined) return { type, base64: Buffer.from(value.BinaryValue).toString('base64') };
  if (value.StringValue !== undefined) return { type, text: value.StringValue };
  throw new PlatformError(
    'invalid_argument',
    `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
    { field: `MessageAttributes.${name}`, reason: 'ParameterValueInvalid' },
  );
}
