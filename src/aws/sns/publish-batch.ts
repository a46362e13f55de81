import type {
  BatchResultErrorEntry,
  PublishBatchInput,
  PublishBatchRequestEntry,
  PublishBatchResponse,
} from '@aws-sdk/client-sns';
import { topicMessageBytes, topicMessageLimits, type PublishedMessage } from '../../resources/topic-message.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { toPublished } from './publish.ts';
import type { SnsParts } from './sns-parts.ts';
import { onTopic, topicAt } from './topic-reference.ts';

/** https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html */
const entriesMax = 10;

/** All that are acceptable are written together; the others are named in the answer. */
export const publishBatch = ({ topics, keysFor }: SnsParts): OperationEntry => ({
  access: (context, input: PublishBatchInput) => onTopic(context, 'Publish', input.TopicArn),
  async run(context: AwsContext, input: PublishBatchInput): Promise<PublishBatchResponse> {
    const topic = topicAt(topics, context, input.TopicArn);
    const Failed: BatchResultErrorEntry[] = [];
    const accepted: { id: string; message: PublishedMessage }[] = [];
    for (const { Id: id = '', ...entry } of checkEntries(input.PublishBatchRequestEntries)) {
      try {
        accepted.push({ id, message: toPublished(context, topic, entry) });
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error;
        const { reason, code, message, fault } = error;
        Failed.push({ Id: id, Code: reason ?? code, Message: message, SenderFault: fault === 'caller' });
      }
    }
    const bytes = accepted.reduce((sum, { message }) => sum + topicMessageBytes(message), 0);
    if (bytes > topicMessageLimits.bytesMax)
      throw refusal('BatchRequestTooLong', 'The length of all the batch messages put together is more than the limit.');
    const messages = accepted.map(({ message }) => message);
    const { account, name } = topic;
    const published = messages.length === 0 ? [] : await topics.publish(account, name, messages, keysFor(context));
    return {
      Successful: accepted.map(({ id }, at) => ({
        Id: id,
        MessageId: published[at]?.id,
        SequenceNumber: published[at]?.sequenceNumber,
      })),
      Failed,
    };
  },
});

/** Throws what SNS answers to the batch as a whole. */
function checkEntries(entries: readonly PublishBatchRequestEntry[] | undefined): readonly PublishBatchRequestEntry[] {
  if (entries === undefined || entries.length === 0)
    throw refusal('EmptyBatchRequest', "The batch request doesn't contain any entries.");
  if (entries.length > entriesMax)
    throw refusal('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.');
  const ids = entries.map(({ Id }) => Id ?? '');
  if (ids.some((id) => !/^[A-Za-z0-9_-]{1,80}$/.test(id)))
    throw refusal(
      'InvalidBatchEntryId',
      "The Id of a batch entry in a batch request doesn't abide by the specification.",
    );
  if (new Set(ids).size < ids.length)
    throw refusal('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  return entries;
}

const refusal = (reason: string, message: string): PlatformError =>
  new PlatformError('invalid_argument', message, { field: 'PublishBatchRequestEntries', reason });
