/** Functions that call functions through Lambda's API, with their own credentials. */
import {
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  type InvocationType,
} from '@aws-sdk/client-lambda';
import type { Writable } from 'node:stream';

declare const awslambda: {
  streamifyResponse<Event>(handler: (event: Event, responseStream: Writable) => Promise<void>): unknown;
};

const lambda = new LambdaClient({ maxAttempts: 1 });
const traceId = (): string | undefined => process.env['_X_AMZN_TRACE_ID'];
const failure = (error: unknown): unknown =>
  error instanceof Error ? { name: error.name, message: error.message } : String(error);

export async function asks(event: { FunctionName: string; stream?: boolean }): Promise<unknown> {
  const { FunctionName } = event;
  try {
    return event.stream === true ? await readStream(FunctionName) : await askOnce(FunctionName);
  } catch (error) {
    return failure(error);
  }
}

async function askOnce(FunctionName: string): Promise<unknown> {
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName, Payload: '{"from":"inside"}' }));
  return { mine: traceId(), answer: JSON.parse(Payload?.transformToString() ?? '') as unknown };
}

async function readStream(FunctionName: string): Promise<unknown> {
  const { EventStream } = await lambda.send(new InvokeWithResponseStreamCommand({ FunctionName }));
  const chunks: string[] = [];
  for await (const { PayloadChunk } of EventStream ?? []) {
    if (PayloadChunk?.Payload !== undefined) chunks.push(Buffer.from(PayloadChunk.Payload).toString());
  }
  return { chunks };
}

export const answers = (event: unknown): Promise<unknown> => Promise.resolve({ event, trace: traceId() });

export const streams = awslambda.streamifyResponse(async (_event, responseStream) => {
  responseStream.write('one');
  await new Promise((resolve) => setTimeout(resolve, 50));
  responseStream.end('two');
});

/** Feeds itself: by events, and the last time by asking, which tells it what became of that. */
export async function again({ n }: { n: number }): Promise<void> {
  console.log(`step ${n}`);
  const type: InvocationType = n >= 15 ? 'RequestResponse' : 'Event';
  try {
    await lambda.send(
      new InvokeCommand({ FunctionName: 'again', InvocationType: type, Payload: JSON.stringify({ n: n + 1 }) }),
    );
  } catch (error) {
    console.log(`stopped: ${JSON.stringify(failure(error))}`);
  }
}
