/** Invocation through Lambda's API, in every mode, as the official client sees it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  InvokeAsyncCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  type InvokeCommandInput,
  type InvokeWithResponseStreamCommandInput,
} from '@aws-sdk/client-lambda';
import { eventually } from '../harness/eventually.ts';
import { inTime } from '../harness/in-time.ts';
import { arnOf, openLambdaRig, type LambdaRig } from '../harness/lambda-rig.ts';

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const main = `
export const handler = async (event, context) => {
  if (event === null) return 'nothing';
  if (event.print) for (let n = 0; n < event.print; n++) console.log('line ' + n + ' ' + 'x'.repeat(40));
  if (event.throw) throw new TypeError(event.throw);
  if (event.exit !== undefined) process.exit(event.exit);
  if (event.sleepMs) await new Promise((resolve) => setTimeout(resolve, event.sleepMs));
  if (event.answerBytes) return 'x'.repeat(event.answerBytes - 2);
  return { event, clientContext: context.clientContext, arn: context.invokedFunctionArn, id: context.awsRequestId, trace: process.env._X_AMZN_TRACE_ID };
};
`;

const streaming = `
export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const http = event.requestContext?.http;
  const out = http === undefined ? responseStream : awslambda.HttpResponseStream.from(responseStream, { statusCode: 207, headers: { 'content-type': 'text/event-stream', 'x-own': 'yes' }, cookies: ['a=b'] });
  console.log('begins');
  out.write('first,');
  await new Promise((resolve) => setTimeout(resolve, event.waitMs ?? event.queryStringParameters?.waitMs ?? 200));
  if (event.throw) throw new RangeError(event.throw);
  if (event.exit !== undefined) process.exit(event.exit);
  out.end('last');
});
`;

describe('invocation', () => {
  let rig: LambdaRig;
  before(async () => {
    rig = await openLambdaRig();
    await Promise.all([
      rig.make('main', { 'index.mjs': main }, { Timeout: 2 }),
      rig.make('streaming', { 'index.mjs': streaming }, { Timeout: 2 }),
      rig.make('patient', { 'index.mjs': streaming }, { Timeout: 60 }),
    ]);
  });
  after(() => rig[Symbol.asyncDispose]());

  const invoke = (input: Partial<InvokeCommandInput> = {}) =>
    rig.lambda.send(new InvokeCommand({ FunctionName: 'main', ...input }));
  const refused = async (input: Partial<InvokeCommandInput>) => {
    const error = (await invoke(input).then(
      () => assert.fail('it was accepted'),
      (thrown: unknown) => thrown,
    )) as { name: string; message: string; $metadata: { httpStatusCode?: number } };
    return [error.$metadata.httpStatusCode, error.name, error.message];
  };

  test('a synchronous one answers with the status, the version and the request id that its log has', async () => {
    const answer = await invoke({ Payload: bytes({ a: 1 }), LogType: 'Tail' });
    const { event, arn, id } = JSON.parse(answer.Payload?.transformToString() ?? '') as Record<string, unknown>;
    assert.deepEqual([answer.StatusCode, answer.ExecutedVersion, answer.FunctionError], [200, '$LATEST', undefined]);
    assert.deepEqual([event, arn, id], [{ a: 1 }, arnOf('main'), answer.$metadata.requestId]);
    const log = Buffer.from(answer.LogResult ?? '', 'base64').toString();
    assert.match(
      log,
      new RegExp(
        `^START RequestId: ${String(id)} Version: \\$LATEST\nEND RequestId: ${String(id)}\nREPORT RequestId: ${String(id)}\t`,
      ),
    );
  });

  test('without an event the handler gets an empty object, and null is null', async () => {
    assert.deepEqual((await rig.ask('main', null)).payload, 'nothing');
    const answer = await invoke();
    assert.deepEqual(JSON.parse(answer.Payload?.transformToString() ?? '').event, {});
  });

  test('the tail of the log is its last 4 KB', async () => {
    const { log } = await rig.ask('main', { print: 200 }, { LogType: 'Tail' });
    assert.equal(Buffer.byteLength(log), 4096);
    assert.match(log, /line 199 x+\nEND RequestId: .*\nREPORT RequestId: .*\n$/);
    assert.doesNotMatch(log, /START/);
    assert.equal((await rig.ask('main', { print: 1 })).log, '');
  });

  test("a function's own failure is an answer", async () => {
    const thrown = await rig.ask('main', { throw: 'no such thing' }, { LogType: 'Tail' });
    assert.deepEqual([thrown.status, thrown.functionError, thrown.version], [200, 'Unhandled', '$LATEST']);
    const { errorType, errorMessage } = thrown.payload as Record<string, unknown>;
    assert.deepEqual([errorType, errorMessage], ['TypeError', 'no such thing']);
    assert.match(thrown.log, /ERROR\tInvoke Error/);
    const ended = await rig.ask('main', { exit: 3 });
    assert.equal(ended.functionError, 'Unhandled');
    assert.match(JSON.stringify(ended.payload), /Runtime\.ExitError.*exit status 3/);
    const late = await rig.ask('main', { sleepMs: 5_000 });
    assert.match(JSON.stringify(late.payload), /Sandbox\.Timedout.*Task timed out after 2\.00 seconds/);
  });

  test('versions and aliases are called by qualifier, by name and by ARN', async () => {
    const { Version } = await rig.lambda.send(new PublishVersionCommand({ FunctionName: 'main' }));
    await rig.lambda.send(new CreateAliasCommand({ FunctionName: 'main', Name: 'prod', FunctionVersion: Version }));
    for (const [input, arn] of [
      [{ Qualifier: Version }, `${arnOf('main')}:${Version}`],
      [{ Qualifier: 'prod' }, `${arnOf('main')}:prod`],
      [{ FunctionName: 'main:prod' }, `${arnOf('main')}:prod`],
      [{ FunctionName: `${arnOf('main')}:prod` }, `${arnOf('main')}:prod`],
      [{ FunctionName: '000000000000:function:main:prod', Qualifier: 'prod' }, `${arnOf('main')}:prod`],
    ] as const) {
      const answer = await invoke(input as Partial<InvokeCommandInput>);
      assert.equal(answer.ExecutedVersion, Version);
      assert.equal(JSON.parse(answer.Payload?.transformToString() ?? '').arn, arn);
    }
    assert.deepEqual(await refused({ Qualifier: 'test' }), [
      404,
      'ResourceNotFoundException',
      `Function not found: ${arnOf('main')}:test`,
    ]);
  });

  test("a caller's trace goes on in the handler", async () => {
    const command = new InvokeCommand({ FunctionName: 'main' });
    const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
    command.middlewareStack.add(
      (next) => (call) => {
        (call.request as { headers: Record<string, string> }).headers['X-Amzn-Trace-Id'] = trace;
        return next(call);
      },
      { step: 'build' },
    );
    let headers: Record<string, string> = {};
    command.middlewareStack.add(
      (next) => async (call) => {
        const done = await next(call);
        headers = (done.response as { headers: Record<string, string> }).headers;
        return done;
      },
      { step: 'deserialize', priority: 'low' },
    );
    const answer = await rig.lambda.send(command);
    assert.equal(JSON.parse(answer.Payload?.transformToString() ?? '').trace, trace);
    assert.deepEqual([headers['x-amzn-trace-id'], headers['content-type']], [trace, 'application/json']);
  });

  test('a client context reaches the handler', async () => {
    const ClientContext = bytes({ custom: { a: 'ü' } }).toString('base64');
    const answer = await invoke({ ClientContext });
    assert.deepEqual(JSON.parse(answer.Payload?.transformToString() ?? '').clientContext, { custom: { a: 'ü' } });
  });

  const badContent = 'Could not parse request body into json: Could not parse payload into json: ';
  const expectJson = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
  const wrong: [string, Partial<InvokeCommandInput>, number, string, string | RegExp][] = [
    [
      'a function that is not there',
      { FunctionName: 'nobody' },
      404,
      'ResourceNotFoundException',
      `Function not found: ${arnOf('nobody')}`,
    ],
    [
      'a dry run of none',
      { FunctionName: 'nobody', InvocationType: 'DryRun' },
      404,
      'ResourceNotFoundException',
      `Function not found: ${arnOf('nobody')}`,
    ],
    [
      'an event for none',
      { FunctionName: 'nobody', InvocationType: 'Event' },
      404,
      'ResourceNotFoundException',
      `Function not found: ${arnOf('nobody')}`,
    ],
    [
      'a word',
      { Payload: Buffer.from('hello') },
      400,
      'InvalidRequestContentException',
      `${badContent}Unrecognized token 'hello': was expecting ${expectJson}`,
    ],
    [
      'half an object',
      { Payload: Buffer.from('{"a":') },
      400,
      'InvalidRequestContentException',
      new RegExp(badContent),
    ],
    [
      'bytes that are no text',
      { Payload: Buffer.from([0x22, 0x87, 0x22]) },
      400,
      'InvalidRequestContentException',
      new RegExp(badContent),
    ],
    [
      'a word for later',
      { Payload: Buffer.from('hello'), InvocationType: 'Event' },
      400,
      'InvalidRequestContentException',
      new RegExp(badContent),
    ],
    [
      'more than 6 MB',
      { Payload: bytes('x'.repeat(6 * 1024 * 1024 - 1)) },
      413,
      'RequestEntityTooLargeException',
      'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    ],
    [
      'much more than 6 MB',
      { Payload: Buffer.alloc(20 * 1024 * 1024, ' ') },
      413,
      'RequestEntityTooLargeException',
      'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    ],
    [
      'more than 1 MB for later',
      { Payload: bytes('x'.repeat(1024 * 1024 - 1)), InvocationType: 'Event' },
      413,
      'RequestEntityTooLargeException',
      '1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
    ],
    [
      'a client context that is no JSON',
      { ClientContext: 'aGVsbG8=' },
      400,
      'InvalidRequestContentException',
      'Client context must be a valid Base64-encoded JSON object.',
    ],
    [
      'a client context that is too long',
      { ClientContext: 'a'.repeat(3_584) },
      400,
      'InvalidRequestContentException',
      /at most 3583 bytes/,
    ],
    [
      'a type that is none',
      { InvocationType: 'Later' as never },
      400,
      'ValidationException',
      /'Later' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set/,
    ],
    ['a tenant', { TenantId: 'blue' }, 400, 'InvalidParameterValueException', /TenantId/],
    [
      'a durable execution',
      { DurableExecutionName: 'one' },
      400,
      'InvalidParameterValueException',
      /DurableExecutionName/,
    ],
  ];
  for (const [what, input, status, name, message] of wrong) {
    test(`${what} is refused as Lambda refuses it`, async () => {
      const [gotStatus, gotName, gotMessage] = await refused(input);
      assert.deepEqual([gotStatus, gotName], [status, name]);
      if (typeof message === 'string') assert.equal(gotMessage, message);
      else assert.match(String(gotMessage), message);
    });
  }

  test('exactly as much as is allowed is accepted', async () => {
    const most = await invoke({ Payload: bytes('x'.repeat(6 * 1024 * 1024 - 2)) });
    assert.equal(most.FunctionError, 'Unhandled', 'and its answer is longer than an answer may be');
    const later = await invoke({ Payload: bytes('x'.repeat(1024 * 1024 - 2)), InvocationType: 'Event' });
    assert.equal(later.StatusCode, 202);
    const { payload, functionError } = await rig.ask('main', { answerBytes: 6 * 1024 * 1024 });
    assert.deepEqual([functionError, String(payload).length], [undefined, 6 * 1024 * 1024 - 2]);
  });

  test('a dry run runs nothing', async () => {
    const answer = await invoke({ InvocationType: 'DryRun', Payload: bytes({ print: 1 }), LogType: 'Tail' });
    assert.deepEqual([answer.StatusCode, answer.Payload?.length ?? 0, answer.LogResult], [204, 0, undefined]);
  });

  test('an event is run later, with its id, in both forms of the API', async () => {
    const lines = async (): Promise<string> => JSON.stringify(await rig.mayfly.json('logs', 'later'));
    await rig.make('later', { 'index.mjs': 'export const handler = async (event) => console.log("got " + event.n)' });
    const answer = await rig.lambda.send(
      new InvokeCommand({ FunctionName: 'later', InvocationType: 'Event', Payload: bytes({ n: 1 }) }),
    );
    assert.deepEqual([answer.StatusCode, answer.Payload?.length ?? 0], [202, 0]);
    const old = await rig.lambda.send(new InvokeAsyncCommand({ FunctionName: 'later', InvokeArgs: bytes({ n: 2 }) }));
    assert.equal(old.Status, 202);
    const log = await eventually('both events have run', 60_000, async () => {
      const found = await lines();
      return found.includes('got 1') && found.includes('got 2') ? found : undefined;
    });
    assert.match(log, new RegExp(`${answer.$metadata.requestId}[^"]*INFO[^"]*got 1`));
  });

  test('a function that may not run is throttled with the reason', async () => {
    await rig.make('none', { 'index.mjs': main });
    await rig.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'none', ReservedConcurrentExecutions: 0 }));
    const error = await rig.lambda.send(new InvokeCommand({ FunctionName: 'none' })).then(
      () => assert.fail(),
      (thrown: unknown) => thrown as Record<string, unknown>,
    );
    assert.deepEqual(
      [error['name'], error['Reason'], error['message'], Number(error['retryAfterSeconds']) > 0],
      ['TooManyRequestsException', 'ReservedFunctionConcurrentInvocationLimitExceeded', 'Rate Exceeded.', true],
    );
  });

  type Seen = { chunks: string[]; times: number[]; complete: Record<string, string | undefined> | undefined };
  async function stream(input: Partial<InvokeWithResponseStreamCommandInput> = {}) {
    const answer = await rig.lambda.send(new InvokeWithResponseStreamCommand({ FunctionName: 'streaming', ...input }));
    const seen: Seen = { chunks: [], times: [], complete: undefined };
    for await (const event of answer.EventStream ?? []) {
      if (event.PayloadChunk?.Payload !== undefined) {
        seen.chunks.push(Buffer.from(event.PayloadChunk.Payload).toString());
        seen.times.push(performance.now());
      }
      if (event.InvokeComplete !== undefined) seen.complete = { ...event.InvokeComplete };
    }
    return { answer, ...seen };
  }

  test('a streamed answer comes in the pieces in which it is written', async () => {
    await inTime(200, async (waitMs) => {
      const asked = { FunctionName: 'patient', LogType: 'Tail', Payload: bytes({ waitMs }) } as const;
      const { answer, chunks, times, complete } = await stream(asked);
      assert.deepEqual([answer.StatusCode, answer.ExecutedVersion], [200, '$LATEST']);
      assert.equal(chunks.join(''), 'first,last');
      const log = Buffer.from(complete?.['LogResult'] ?? '', 'base64').toString();
      assert.match(log, /^START .*\n.*begins\nEND .*\nREPORT .*\n$/);
      assert.equal(complete?.['ErrorCode'], undefined);
      // The first was there before the last was written.
      return chunks[0] === 'first,' && (times[1] ?? 0) - (times[0] ?? 0) > waitMs / 2;
    });
  });

  test('what goes wrong half-way is told at the end', async () => {
    const thrown = await stream({ Payload: bytes({ throw: 'dry' }) });
    assert.deepEqual([thrown.chunks, thrown.complete?.['ErrorCode']], [['first,'], 'Unhandled']);
    assert.match(thrown.complete?.['ErrorDetails'] ?? '', /"errorType":"RangeError","errorMessage":"dry"/);
    const ended = await stream({ Payload: bytes({ exit: 1 }) });
    assert.deepEqual([ended.chunks, ended.complete?.['ErrorCode']], [['first,'], 'Runtime.TruncatedResponse']);
    const late = await stream({ Payload: bytes({ waitMs: 9_000 }) });
    assert.deepEqual([late.chunks, late.complete?.['ErrorCode']], [['first,'], 'Unhandled']);
    assert.match(late.complete?.['ErrorDetails'] ?? '', /Sandbox\.Timedout/);
  });

  test('a handler that answers whole can be streamed, and one that streams can be asked whole', async () => {
    const whole = await stream({ FunctionName: 'main', Payload: bytes({ a: 1 }) });
    assert.deepEqual(JSON.parse(whole.chunks.join('')).event, { a: 1 });
    const failed = await stream({ FunctionName: 'main', Payload: bytes({ throw: 'no' }) });
    assert.deepEqual([failed.chunks, failed.complete?.['ErrorCode']], [[], 'Unhandled']);
    const asked = await rig.lambda.send(new InvokeCommand({ FunctionName: 'streaming' }));
    assert.equal(asked.Payload?.transformToString(), 'first,last');
    assert.equal((await stream({ InvocationType: 'DryRun' })).answer.StatusCode, 204);
    await assert.rejects(stream({ FunctionName: 'nobody' }), { name: 'ResourceNotFoundException' });
  });

  test('a URL streams where it is asked to, and gathers where not', async () => {
    const { FunctionUrl } = await rig.lambda.send(
      new CreateFunctionUrlConfigCommand({
        FunctionName: 'patient',
        AuthType: 'NONE',
        InvokeMode: 'RESPONSE_STREAM',
      }),
    );
    await rig.lambda.send(new PublishVersionCommand({ FunctionName: 'patient' }));
    await rig.lambda.send(new CreateAliasCommand({ FunctionName: 'patient', Name: 'whole', FunctionVersion: '1' }));
    const gathering = await rig.lambda.send(
      new CreateFunctionUrlConfigCommand({ FunctionName: 'patient', Qualifier: 'whole', AuthType: 'NONE' }),
    );
    const anybody = { FunctionName: 'patient', Principal: '*' } as const;
    for (const Qualifier of [undefined, 'whole']) {
      for (const permission of [
        { StatementId: 'url', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' },
        { StatementId: 'invoke', Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true },
      ] as const) {
        await rig.lambda.send(new AddPermissionCommand({ ...anybody, Qualifier, ...permission }));
      }
    }
    await inTime(200, async (waitMs) => {
      const response = await get(`${FunctionUrl}?waitMs=${waitMs}`);
      assert.deepEqual(
        [
          response.statusCode,
          response.headers['x-own'],
          response.headers['set-cookie'],
          response.headers['transfer-encoding'],
        ],
        [207, 'yes', ['a=b'], 'chunked'],
      );
      const [first] = (await once(response, 'data')) as [Buffer];
      const sinceMs = performance.now();
      const rest = await text(response);
      assert.equal(first.toString() + rest, 'first,last');
      return first.toString() === 'first,' && performance.now() - sinceMs > waitMs / 2;
    });
    const gathered = await get(gathering.FunctionUrl ?? '');
    assert.deepEqual(
      [gathered.statusCode, gathered.headers['content-length'], await text(gathered)],
      [207, '10', 'first,last'],
    );
  });
});

/** The hosts of URLs are names that resolve to this machine, which not every resolver knows. */
async function get(url: string): Promise<IncomingMessage> {
  const { host, port, pathname, search } = new URL(url);
  const sent = httpRequest({ host: '127.0.0.1', port, path: pathname + search, headers: { host }, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}
