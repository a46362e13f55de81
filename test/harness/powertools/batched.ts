import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';

type SqsEvent = Parameters<typeof processPartialResponse>[0];
type Options = Parameters<typeof processPartialResponse>[3];

const processor = new BatchProcessor(EventType.SQS);

const take = async (record: { body: string; messageId: string }): Promise<void> => {
  if (record.body.startsWith('poison')) throw new Error(`cannot take ${record.body}`);
  console.log(`took ${record.body}`);
};

export const handler = async (event: SqsEvent, context: Options): Promise<unknown> => {
  const answer = await processPartialResponse(event, take, processor, {
    context: (context ?? {}) as never,
    // Of a batch in which everything fails the processor throws otherwise, as its documentation says.
    throwOnFullBatchFailure: false,
  });
  console.log(`answered ${JSON.stringify(answer)}`);
  return answer;
};
