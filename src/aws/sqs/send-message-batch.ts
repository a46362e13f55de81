import type { SendMessageBatchRequest, SendMessageBatchResult } from '@aws-sdk/client-sqs';
import { checkMessage, messageBytes, messageLimits } from '../../resources/queue-message.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { checkEntries, forEachEntry } from './batch.ts';
import { sendResult, toOutgoing } from './message.ts';
import type { SqsParts } from './sqs-parts.ts';
import { accessTo, queueAt } from './queue-url.ts';

/** All that are acceptable are written together; the others are named in the answer. */
export function sendMessageBatch({ queues, keysFor }: SqsParts): OperationEntry {
  return {
    access: (context, input: SendMessageBatchRequest) => accessTo(context, 'SendMessage', input.QueueUrl),
    async run(context: AwsContext, input: SendMessageBatchRequest): Promise<SendMessageBatchResult> {
      const { account, name, settings } = queueAt(queues, input.QueueUrl);
      const { Successful, Failed } = await forEachEntry(checkEntries(input.Entries), (entry) => {
        const message = toOutgoing(context, entry);
        checkMessage(message, settings);
        return message;
      });
      const bytes = Successful.reduce((sum, { result }) => sum + messageBytes(result), 0);
      if (bytes > messageLimits.bytesMax) {
        throw new PlatformError(
          'too_large',
          `Batch requests cannot be longer than ${messageLimits.bytesMax} bytes. You have sent ${bytes} bytes.`,
          {
            field: 'Entries',
            reason: 'BatchRequestTooLong',
          },
        );
      }
      const messages = Successful.map(({ result }) => result);
      const sent = messages.length === 0 ? [] : await queues.send(account, name, messages, keysFor(context));
      return {
        Successful: Successful.flatMap(({ entry, result }, at) => {
          const one = sent[at];
          return one === undefined ? [] : [{ Id: entry.Id, ...sendResult(one, result) }];
        }),
        Failed: Failed.length > 0 ? Failed : undefined,
      };
    },
  };
}
