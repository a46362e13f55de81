import type { DeleteMessageBatchRequest, DeleteMessageBatchResult } from '@aws-sdk/client-sqs';
import type { Queues } from '../../resources/queue.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { checkEntries, forEachEntry } from './batch.ts';
import { accessTo, missing, queueAt } from './queue-url.ts';

export function deleteMessageBatch(queues: Queues): OperationEntry {
  return {
    access: (context, input: DeleteMessageBatchRequest) => accessTo(context, 'DeleteMessage', input.QueueUrl),
    async run(context: AwsContext, input: DeleteMessageBatchRequest): Promise<DeleteMessageBatchResult> {
      const { account, name } = queueAt(queues, context, input.QueueUrl);
      const { Successful, Failed } = await forEachEntry(checkEntries(input.Entries), async ({ ReceiptHandle }) => {
        if (ReceiptHandle === undefined) throw missing('ReceiptHandle');
        await queues.remove(account, name, [ReceiptHandle]);
      });
      return {
        Successful: Successful.map(({ entry }) => ({ Id: entry.Id })),
        Failed: Failed.length > 0 ? Failed : undefined,
      };
    },
  };
}
