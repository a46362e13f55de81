import type { DeleteMessageRequest } from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { accessTo, missing, queueAt } from './queue-url.ts';

/** Succeeds also when the message is gone or was received by somebody else meanwhile, as SQS does. */
export function deleteMessage(queues: Queues): OperationEntry {
  return {
    access: (context, input: DeleteMessageRequest) => accessTo(context, 'DeleteMessage', input.QueueUrl),
    async run(context: AwsContext, input: DeleteMessageRequest) {
      const { account, name } = queueAt(queues, input.QueueUrl);
      if (input.ReceiptHandle === undefined) throw missing('ReceiptHandle');
      await queues.remove(account, name, [input.ReceiptHandle]);
      return {};
    },
  };
}
