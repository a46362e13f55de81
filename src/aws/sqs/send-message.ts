import type { SendMessageRequest, SendMessageResult } from '@aws-sdk/client-sqs';
import { assert } from '../../util/assert.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { sendResult, toOutgoing } from './message.ts';
import type { SqsParts } from './sqs-parts.ts';
import { accessTo, queueAt } from './queue-url.ts';

export function sendMessage({ queues, keysFor }: SqsParts): OperationEntry {
  return {
    access: (context, input: SendMessageRequest) => accessTo(context, 'SendMessage', input.QueueUrl),
    async run(context: AwsContext, input: SendMessageRequest): Promise<SendMessageResult> {
      const { account, name } = queueAt(queues, input.QueueUrl);
      const message = toOutgoing(context, input);
      const [sent] = await queues.send(account, name, [message], keysFor(context));
      assert(sent !== undefined, 'one message sent has one id');
      return sendResult(sent, message);
    },
  };
}
