import type { ChangeMessageVisibilityRequest } from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { accessTo, missing, queueAt, wholeNumber } from './queue-url.ts';

export function changeMessageVisibility(queues: Queues): OperationEntry {
  return {
    access: (context, input: ChangeMessageVisibilityRequest) =>
      accessTo(context, 'ChangeMessageVisibility', input.QueueUrl),
    async run(context: AwsContext, input: ChangeMessageVisibilityRequest) {
      await changeVisibility(queues, context, input.QueueUrl, input);
      return {};
    },
  };
}

/** Throws InvalidParameterValue when the message is not this receiver's any more. */
export async function changeVisibility(
  queues: Queues,
  context: AwsContext,
  url: string | undefined,
  { ReceiptHandle, VisibilityTimeout }: { ReceiptHandle: string | undefined; VisibilityTimeout?: number | undefined },
): Promise<void> {
  const { account, name } = queueAt(queues, url);
  if (ReceiptHandle === undefined) throw missing('ReceiptHandle');
  const seconds = wholeNumber('VisibilityTimeout', VisibilityTimeout, 0, 43_200);
  if (seconds === undefined) throw missing('VisibilityTimeout');
  const outcome = await queues.changeVisibility(account, name, ReceiptHandle, seconds * 1_000);
  if (outcome === 'changed') return;
  if (outcome === 'not_in_flight') {
    throw new PlatformError('invalid_argument', "The specified message isn't in flight.", {
      field: 'ReceiptHandle',
      reason: 'MessageNotInflight',
    });
  }
  throw new PlatformError(
    'invalid_argument',
    `Value ${ReceiptHandle.slice(0, 80)} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    { field: 'ReceiptHandle', reason: 'InvalidParameterValue' },
  );
}
