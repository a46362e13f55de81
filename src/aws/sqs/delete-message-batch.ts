import type { DeleteMessageBatchRequest, DeleteMessageBatchResult } from '@aws-sdk/client-sqs';
import { decodeReceipt } from '../../resources/queue/receipt.ts';
import type { Queues } from '../../resources/queue.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import { checkEntries, forEachEntry } from './batch.ts';
import { accessTo, missing, queueAt } from './queue-url.ts';

export function deleteMessageBatch(queues: Queues): OperationEntry {
  return {
    access: (context, input: DeleteMessageBatchRequest) => accessTo(context, 'DeleteMessage', input.QueueUrl),
    async run(context: AwsContext, input: DeleteMessageBatchRequest): Promise<DeleteMessageBatchResult> {
      const { account, name, settings } = queueAt(queues, input.QueueUrl);
      const { Successful, Failed } = await forEachEntry(checkEntries(input.Entries), async ({ ReceiptHandle }) => {
        if (ReceiptHandle === undefined) throw missing('ReceiptHandle');
        // Of a FIFO queue each may be too late by itself; a standard queue has none to refuse but what never was one.
        if (settings.fifo === undefined) decodeReceipt(ReceiptHandle);
        else await queues.remove(account, name, [ReceiptHandle]);
        return ReceiptHandle;
      });
      const receipts = Successful.map(({ result }) => result);
      if (settings.fifo === undefined && receipts.length > 0) await queues.remove(account, name, receipts);
      return {
        Successful: Successful.map(({ entry }) => ({ Id: entry.Id })),
        Failed: Failed.length > 0 ? Failed : undefined,
      };
    },
  };
}
