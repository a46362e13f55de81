import { InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { assert as check, asyncProperty, array, constant, oneof, record, string, uint8Array } from 'fast-check';
import { lambdaModel } from '../model/lambda.ts';
import { encodeMessage, eventStreamType } from './event-stream.ts';
import { restJson } from './rest-json.ts';
import { linkModel } from './shape.ts';

const model = linkModel(lambdaModel);
const operation = model.operations.get('InvokeWithResponseStream');
assert.ok(operation !== undefined);

type LambdaEvent =
  | { PayloadChunk: { Payload: Uint8Array } }
  | { InvokeComplete: { ErrorCode?: string; ErrorDetails?: string; LogResult?: string } };

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

async function encoded(events: readonly LambdaEvent[]): Promise<Buffer> {
  assert.ok(operation !== undefined);
  const output = { StatusCode: 200, ExecutedVersion: '7', EventStream: each(events) };
  const response = restJson(model).encode(operation, output, { requestId: 'r', method: 'POST', resource: '/' });
  assert.equal(response.headers['content-type'], eventStreamType);
  return Buffer.concat(await Array.fromAsync(response.body as AsyncIterable<Uint8Array>));
}

/** What the official client makes of the bytes, in pieces of `pieceBytes`. */
async function decoded(bytes: Buffer, pieceBytes: number): Promise<LambdaEvent[]> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  const client = new LambdaClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
    requestHandler: {
      handle: () =>
        Promise.resolve({
          response: {
            statusCode: 200,
            headers: { 'content-type': eventStreamType },
            body: Readable.from(pieces, { objectMode: false }),
          },
        }),
    } as never,
  });
  const { EventStream } = await client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'f' }));
  return (await Array.fromAsync(EventStream ?? [])) as LambdaEvent[];
}

const chunk = record({ PayloadChunk: record({ Payload: uint8Array({ maxLength: 300 }) }) });
const complete = record({
  InvokeComplete: record(
    { ErrorCode: string(), ErrorDetails: string({ unit: 'grapheme' }), LogResult: string() },
    { requiredKeys: [] },
  ),
});

/** Bytes as hex, and every object an ordinary one. */
function plain(events: readonly LambdaEvent[]): unknown {
  return events.map((event) =>
    'PayloadChunk' in event ? Buffer.from(event.PayloadChunk.Payload).toString('hex') : { ...event.InvokeComplete },
  );
}

test('the official client reads what is written, in whatever pieces it comes', async () => {
  await check(
    asyncProperty(
      array(oneof(chunk, complete), { maxLength: 6 }),
      oneof(constant(1), constant(7), constant(1_000)),
      async (events, pieceBytes) => {
        const back = await decoded(await encoded(events), pieceBytes);
        assert.deepEqual(plain(back), plain(events));
      },
    ),
    { numRuns: 60 },
  );
});

test('one bit that falls over is found out', async () => {
  const bytes = await encoded([{ PayloadChunk: { Payload: Buffer.from('hello') } }]);
  for (const at of [3, 9, 20, bytes.length - 8, bytes.length - 1]) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    await assert.rejects(decoded(damaged, 1_000), `byte ${at}`);
  }
});

test('headers have their types', () => {
  const message = Buffer.from(
    encodeMessage(
      { a: 'x', b: true, c: false, d: 5, e: 2 ** 40, f: new Date(1_000), g: Buffer.from([9]) },
      Buffer.alloc(0),
    ),
  );
  assert.equal(
    message.subarray(12, -4).toString('hex'),
    [
      ['0161', '07', '0001', '78'],
      ['0162', '00'],
      ['0163', '01'],
      ['0164', '04', '00000005'],
      ['0165', '05', '0000010000000000'],
      ['0166', '08', '00000000000003e8'],
      ['0167', '06', '0001', '09'],
    ]
      .flat()
      .join(''),
  );
});
