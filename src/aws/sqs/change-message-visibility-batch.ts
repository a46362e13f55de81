import type { ChangeMessageVisibilityBatchRequest, ChangeMessageVisibilityBatchResult } from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { checkEntries, forEachEntry } from './batch.ts';
import { changeVisibility } from './change-message-visibility.ts';
import { accessTo, queueAt } from './queue-url.ts';

export function changeMessageVisibilityBatch(queues: Queues): OperationEntry {
  return {
    access: (context, input: ChangeMessageVisibilityBatchRequest) =>
      accessTo(context, 'ChangeMessageVisibility', input.QueueUrl),
    async run(
      context: AwsContext,
      input: ChangeMessageVisibilityBatchRequest,
    ): Promise<ChangeMessageVisibilityBatchResult> {
      queueAt(queues, input.QueueUrl);
      const { Successful, Failed } = await forEachEntry(checkEntries(input.Entries), (entry) =>
        changeVisibility(queues, context, input.QueueUrl, entry),
      );
      return {
        Successful: Successful.map(({ entry }) => ({ Id: entry.Id })),
        Failed: Failed.length > 0 ? Failed : undefined,
      };
    },
  };
}
