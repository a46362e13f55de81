/** Event source mappings through Lambda's API: made, run, changed, refused. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { IAM } from '@aws-sdk/client-iam';
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  PublishVersionCommand,
  UpdateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  type LambdaServiceException,
} from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { inTime } from '../harness/in-time.ts';
import { arnOf, openLambdaRig, type LambdaRig } from '../harness/lambda-rig.ts';

const queueArn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const urlOf = (name: string): string => `http://127.0.0.1:4566/000000000000/${name}`;

const code = { 'index.mjs': 'export const handler = async ({ Records }) => Records.map(({ body }) => body);' };

let rig: LambdaRig;
let sqs: SQSClient;
before(async () => {
  rig = await openLambdaRig();
  sqs = new SQSClient(awsClient(rig.mayfly));
  await rig.make('work', code);
  for (const QueueName of ['jobs', 'more']) await sqs.send(new CreateQueueCommand({ QueueName }));
});
after(async () => {
  sqs.destroy();
  await rig[Symbol.asyncDispose]();
});

async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as LambdaServiceException;
    return `${$metadata.httpStatusCode} ${name}: ${message}`;
  }
  return assert.fail('it was not refused');
}

const create = (input: Partial<CreateEventSourceMappingCommandInput>) =>
  rig.lambda.send(new CreateEventSourceMappingCommand({ FunctionName: 'work', ...input }));
const invalid = (text: string): string => `400 InvalidParameterValueException: ${text}`;

/** Until nothing of the queue waits or runs. */
const emptied = (queue: string) =>
  eventually(`${queue} emptied`, 30_000, async () => {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: urlOf(queue), AttributeNames: ['All'] }),
    );
    const left =
      Number(Attributes['ApproximateNumberOfMessages']) + Number(Attributes['ApproximateNumberOfMessagesNotVisible']);
    return left === 0 ? true : undefined;
  });

test('a mapping runs, is found and listed, pauses, changes, and is gone when deleted', async () => {
  const { lambda } = rig;
  const made = await create({
    EventSourceArn: queueArn('jobs'),
    BatchSize: 5,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  });
  const { UUID = '' } = made;
  assert.match(UUID, /^[0-9a-f-]{36}$/);
  assert.equal(made.State, 'Creating');
  const get = () => lambda.send(new GetEventSourceMappingCommand({ UUID }));
  const { $metadata: _get, LastModified, ...got } = await get();
  assert.ok(LastModified instanceof Date);
  assert.deepEqual(got, {
    UUID,
    EventSourceMappingArn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${UUID}`,
    EventSourceArn: queueArn('jobs'),
    FunctionArn: arnOf('work'),
    BatchSize: 5,
    MaximumBatchingWindowInSeconds: 0,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    State: 'Enabled',
    StateTransitionReason: 'USER_INITIATED',
  });
  await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('jobs'), MessageBody: 'one' }));
  await emptied('jobs');

  const update = (input: object) => lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...input }));
  assert.equal((await update({ Enabled: false })).State, 'Disabling');
  assert.equal((await get()).State, 'Disabled');
  await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('jobs'), MessageBody: 'two' }));
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: urlOf('jobs'), WaitTimeSeconds: 1, VisibilityTimeout: 0 }),
  );
  assert.equal(Messages.length, 1, 'a mapping that is disabled leaves messages where they are');
  assert.equal((await update({ Enabled: true, BatchSize: 1 })).State, 'Enabling');
  await emptied('jobs');
  const scaled = await update({ ScalingConfig: { MaximumConcurrency: 2 } });
  assert.deepEqual([scaled.State, scaled.ScalingConfig, scaled.BatchSize], ['Updating', { MaximumConcurrency: 2 }, 1]);

  await rig.lambda.send(new PublishVersionCommand({ FunctionName: 'work' }));
  await create({ FunctionName: 'work:1', EventSourceArn: queueArn('jobs'), Enabled: false });
  const list = async (input: object) =>
    (await lambda.send(new ListEventSourceMappingsCommand(input))).EventSourceMappings?.map((one) => one.FunctionArn);
  assert.deepEqual((await list({ EventSourceArn: queueArn('jobs') }))?.toSorted(), [arnOf('work'), arnOf('work:1')]);
  assert.deepEqual(await list({ FunctionName: 'work:1' }), [arnOf('work:1')]);
  assert.deepEqual(await list({ EventSourceArn: queueArn('more') }), []);

  assert.equal((await lambda.send(new DeleteEventSourceMappingCommand({ UUID }))).State, 'Deleting');
  assert.equal(await refusal(get()), '404 ResourceNotFoundException: The resource you requested does not exist.');
});

test('changes of a mapping at the same time all hold, and none brings back what is deleted', async () => {
  const { lambda } = rig;
  const { UUID } = await create({ EventSourceArn: queueArn('more'), Enabled: false });
  const update = (input: object) => lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...input }));
  await Promise.all([
    update({ BatchSize: 3 }),
    update({ ScalingConfig: { MaximumConcurrency: 7 } }),
    update({ FunctionResponseTypes: ['ReportBatchItemFailures'] }),
  ]);
  const get = () => lambda.send(new GetEventSourceMappingCommand({ UUID }));
  const { BatchSize, ScalingConfig, FunctionResponseTypes } = await get();
  assert.deepEqual(
    [BatchSize, ScalingConfig, FunctionResponseTypes],
    [3, { MaximumConcurrency: 7 }, ['ReportBatchItemFailures']],
  );

  await Promise.allSettled([
    lambda.send(new DeleteEventSourceMappingCommand({ UUID })),
    ...[4, 5, 6].map((BatchSize) => update({ BatchSize })),
  ]);
  assert.match(await refusal(get()), /^404 ResourceNotFoundException: /);
});

test('messages that no filter wants never reach the function', async () => {
  const { UUID, FilterCriteria } = await create({
    EventSourceArn: queueArn('more'),
    FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["wanted"]}}' }] },
  });
  const requests = async (): Promise<number> => ((await rig.mayfly.json('bill')) as { requests: number }).requests;
  const before = await requests();
  assert.deepEqual(FilterCriteria, { Filters: [{ Pattern: '{"body":{"kind":["wanted"]}}' }] });
  for (const kind of ['other', 'wanted', 'none'])
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('more'), MessageBody: JSON.stringify({ kind }) }));
  await emptied('more');
  assert.equal((await requests()) - before, 1);
  await rig.lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
});

test('what makes no mapping is refused as Lambda refuses it', async () => {
  const EventSourceArn = queueArn('more');
  const { UUID } = await create({ EventSourceArn });
  assert.equal(
    await refusal(create({ EventSourceArn })),
    `409 ResourceConflictException: An event source mapping with SQS arn (" ${EventSourceArn} ") and function (" work ") already exists. Please update or delete the existing mapping with UUID ${UUID}`,
  );
  const other = await create({ EventSourceArn, FunctionName: 'work:$LATEST' }).catch(() => undefined);
  assert.equal(other, undefined, '$LATEST is the function without a qualifier');
  const both = await Promise.allSettled([
    create({ EventSourceArn: queueArn('jobs') }),
    create({ EventSourceArn: queueArn('jobs') }),
  ]);
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  await rig.lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
  assert.equal(await refusal(create({})), invalid('Unrecognized event source.'));
  assert.equal(
    await refusal(create({ EventSourceArn, BatchSize: 11 })),
    invalid('Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10'),
  );
  assert.match(
    await refusal(create({ EventSourceArn, BatchSize: 10_001 })),
    /^400 ValidationException: .*'10001' at 'batchSize'/,
  );
  assert.equal(
    await refusal(create({ EventSourceArn, FilterCriteria: { Filters: [{ Pattern: '{"body":"x"}' }] } })),
    invalid('Invalid filter pattern definition.'),
  );
  assert.equal(
    await refusal(create({ EventSourceArn, StartingPosition: 'LATEST' })),
    invalid('Invalid request provided: StartingPosition is not valid for SQS event sources.'),
  );
  assert.equal(
    await refusal(create({ EventSourceArn, DestinationConfig: { OnSuccess: { Destination: EventSourceArn } } })),
    invalid('Unsupported DestinationConfig parameter for given event source mapping type.'),
  );
  assert.match(
    await refusal(create({ EventSourceArn, ScalingConfig: { MaximumConcurrency: 1 } })),
    /'scalingConfig.maximumConcurrency'/,
  );
  assert.equal(
    await refusal(create({ EventSourceArn: queueArn('missing') })),
    invalid(
      'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.',
    ),
  );
  assert.equal(await refusal(create({ EventSourceArn, FunctionName: 'nobody' })), invalid('Function does not exist'));
  await rig.make('slow', code, { Timeout: 60 });
  assert.equal(
    await refusal(create({ EventSourceArn, FunctionName: 'slow' })),
    invalid('Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds'),
  );
});

test('sources that are not here are checked, and then refused by name', async () => {
  const stream = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
  assert.equal(
    await refusal(create({ EventSourceArn: stream })),
    invalid(
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    ),
  );
  const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026-01-01T00:00:00.000';
  assert.equal(
    await refusal(create({ EventSourceArn: table, StartingPosition: 'AT_TIMESTAMP' })),
    invalid(`Unsupported starting position for arn type: ${table}`),
  );
  const notHere = (name: string): string =>
    invalid(
      `An event source mapping of ${name} is not available here: this platform has no such service; those of SQS queues and DynamoDB streams run here.`,
    );
  const StartingPosition = 'LATEST';
  const SourceAccessConfigurations = [
    { Type: 'BASIC_AUTH' as const, URI: 'arn:aws:secretsmanager:us-east-1:0:secret:s' },
  ];
  assert.equal(await refusal(create({ EventSourceArn: stream, StartingPosition })), notHere('Kinesis streams'));
  assert.equal(
    await refusal(create({ EventSourceArn: table, StartingPosition })),
    invalid(`Stream not found: ${table}`),
  );
  assert.equal(
    await refusal(
      create({ EventSourceArn: 'arn:aws:kafka:us-east-1:000000000000:cluster/c/1', StartingPosition, Topics: ['t1'] }),
    ),
    notHere('Amazon MSK clusters'),
  );
  const SelfManagedEventSource = { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['kafka.example:9092'] } };
  assert.equal(
    await refusal(create({ SelfManagedEventSource, StartingPosition, Topics: ['t1'] })),
    invalid("Required 'sourceAccessConfigurations' parameter is missing."),
  );
  assert.equal(
    await refusal(create({ SelfManagedEventSource, StartingPosition, Topics: ['t1'], SourceAccessConfigurations })),
    notHere('Kafka clusters'),
  );
  assert.equal(
    await refusal(
      create({
        EventSourceArn: 'arn:aws:mq:us-east-1:000000000000:broker:b:b-1',
        Queues: ['q'],
        SourceAccessConfigurations,
      }),
    ),
    notHere('Amazon MQ brokers'),
  );
});

test('a FIFO queue is mapped without a window and in batches of ten at most, and its function sees groups in order', async () => {
  const QueueName = 'ordered.fifo';
  await sqs.send(
    new CreateQueueCommand({ QueueName, Attributes: { FifoQueue: 'true', ContentBasedDeduplication: 'true' } }),
  );
  const EventSourceArn = queueArn(QueueName);
  assert.equal(
    await refusal(create({ EventSourceArn, BatchSize: 11, MaximumBatchingWindowInSeconds: 1 })),
    invalid('Maximum batch size for the FIFO queue ordered.fifo is 10: it is 11.'),
  );
  assert.equal(
    await refusal(create({ EventSourceArn, MaximumBatchingWindowInSeconds: 1 })),
    invalid('Batching window is not supported for the FIFO queue ordered.fifo.'),
  );
  const { UUID } = await create({ EventSourceArn });
  for (const MessageBody of ['1', '2', '3'])
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf(QueueName), MessageBody, MessageGroupId: 'g' }));
  await emptied(QueueName);
  await rig.lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
});

test('a mapping is on its way until what ran before has ended', async () => {
  const QueueName = 'sluggish';
  await sqs.send(new CreateQueueCommand({ QueueName }));
  const sluggish = {
    'index.mjs':
      'export const handler = ({ Records }) => new Promise((done) => setTimeout(done, Number(Records[0].body)));',
  };
  await rig.make('sluggish', sluggish, { Timeout: 30 });
  const make = async (): Promise<string | undefined> =>
    (await create({ FunctionName: 'sluggish', EventSourceArn: queueArn(QueueName) })).UUID;
  let UUID = await make();
  const state = async (): Promise<string | undefined> => {
    try {
      return (await rig.lambda.send(new GetEventSourceMappingCommand({ UUID }))).State;
    } catch {
      return undefined;
    }
  };
  /** It is, or has been already. */
  const running = async (lastsMs: number): Promise<void> => {
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf(QueueName), MessageBody: String(lastsMs) }));
    await eventually('the message is taken', 60_000, async () => {
      const asked = new GetQueueAttributesCommand({ QueueUrl: urlOf(QueueName), AttributeNames: ['All'] });
      return (await sqs.send(asked)).Attributes?.['ApproximateNumberOfMessages'] === '0' ? true : undefined;
    });
  };
  const until = (wanted: string | undefined) =>
    eventually(`it is ${wanted}`, 30_000, async () => ((await state()) === wanted ? true : undefined));

  await inTime(700, async (lastsMs) => {
    await running(lastsMs);
    await rig.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
    const meanwhile = await state();
    await until('Disabled');
    await rig.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
    await until('Enabled');
    if (meanwhile === 'Disabled') return false;
    assert.equal(meanwhile, 'Disabling');
    return true;
  });
  await inTime(700, async (lastsMs) => {
    UUID ??= await make();
    await running(lastsMs);
    await rig.lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
    const meanwhile = await state();
    await until(undefined);
    UUID = undefined;
    if (meanwhile === undefined) return false;
    assert.equal(meanwhile, 'Deleting');
    return true;
  });
});

test('a function whose role may not read the queue is given nothing of it, and is told when it may again', async () => {
  const QueueName = 'guarded';
  const iam = new IAM(awsClient(rig.mayfly));
  await sqs.send(new CreateQueueCommand({ QueueName }));
  const document = (statement: object): string =>
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
  const trust = { Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  await iam.createRole({ RoleName: 'reader', AssumeRolePolicyDocument: document(trust) });
  await rig.make('guarded', code, { Role: 'arn:aws:iam::000000000000:role/reader' });
  const mapping = { FunctionName: 'guarded', EventSourceArn: queueArn(QueueName) };
  const lacks = (action: string): string =>
    `The function execution role does not have permissions to call ${action} on SQS`;
  const policy = { RoleName: 'reader', PolicyName: 'read' };
  const allow = (...Action: readonly string[]) =>
    iam.putRolePolicy({ ...policy, PolicyDocument: document({ Action, Resource: queueArn(QueueName) }) });

  assert.equal(await refusal(create(mapping)), invalid(lacks('ReceiveMessage')));
  await allow('sqs:ReceiveMessage', 'sqs:DeleteMessage');
  assert.equal(await refusal(create(mapping)), invalid(lacks('GetQueueAttributes')));
  const enough = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
  await allow(...enough);
  const { UUID } = await create(mapping);
  const send = (): Promise<unknown> =>
    sqs.send(new SendMessageCommand({ QueueUrl: urlOf(QueueName), MessageBody: 'm' }));
  const result = async (): Promise<string | undefined> =>
    (await rig.lambda.send(new GetEventSourceMappingCommand({ UUID }))).LastProcessingResult;
  await send();
  await emptied(QueueName);
  assert.equal(await result(), undefined);

  await iam.deleteRolePolicy(policy);
  assert.equal(await result(), `PROBLEM: ${lacks('ReceiveMessage')}.`);
  await send();
  // Nobody takes it meanwhile but who asks for it.
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: urlOf(QueueName), WaitTimeSeconds: 5, VisibilityTimeout: 0 }),
  );
  assert.deepEqual(
    Messages.map(({ Body }) => Body),
    ['m'],
  );
  await allow(...enough);
  assert.equal(await result(), undefined);
  await emptied(QueueName);
  await rig.lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
  iam.destroy();
});
