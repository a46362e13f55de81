import type { ReceiveMessageRequest, ReceiveMessageResult } from '@aws-sdk/client-sqs';
import { checkId, invalidForType } from '../../resources/queue-message.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { toWireMessage } from './message.ts';
import type { SqsParts } from './sqs-parts.ts';
import { accessTo, queueAt, wholeNumber } from './queue-url.ts';

/** Waits for a first message as long as it is asked to, and no longer than the caller is there. */
export function receiveMessage({ queues, keysFor }: SqsParts): OperationEntry {
  return {
    access: (context, input: ReceiveMessageRequest) => accessTo(context, 'ReceiveMessage', input.QueueUrl),
    async run(context: AwsContext, input: ReceiveMessageRequest): Promise<ReceiveMessageResult> {
      const { account, name, settings } = queueAt(queues, input.QueueUrl);
      const { ReceiveRequestAttemptId: attemptId } = input;
      if (attemptId !== undefined) {
        checkId('ReceiveRequestAttemptId', attemptId);
        if (settings.fifo === undefined) throw invalidForType('ReceiveRequestAttemptId', attemptId);
      }
      const max = wholeNumber('MaxNumberOfMessages', input.MaxNumberOfMessages, 1, 10) ?? 1;
      const visibilitySeconds = wholeNumber('VisibilityTimeout', input.VisibilityTimeout, 0, 43_200);
      const waitSeconds = wholeNumber('WaitTimeSeconds', input.WaitTimeSeconds, 0, 20);
      const messages = await queues.receive(account, name, {
        max,
        signal: context.request.signal,
        keys: keysFor(context),
        ...(attemptId !== undefined && { attemptId }),
        ...(visibilitySeconds !== undefined && { visibilityMs: visibilitySeconds * 1_000 }),
        ...(waitSeconds !== undefined && { waitMs: waitSeconds * 1_000 }),
      });
      if (messages.length === 0) return {};
      const asked = {
        systemNames: [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])],
        attributeNames: input.MessageAttributeNames ?? [],
      };
      return {
        Messages: messages.map((message) => toWireMessage({ region: context.region, account }, message, asked)),
      };
    },
  };
}
