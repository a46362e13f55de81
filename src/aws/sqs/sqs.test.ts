/** Through the official clients: the JavaScript SDK, boto3 of today (JSON) and of Debian (Query), and the aws command. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  paginateListQueues,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  type SQSServiceException,
  TagQueueCommand,
} from '@aws-sdk/client-sqs';
import { Listener } from '../../gateway/listener.ts';
import { createAuthenticate } from '../../identity/authenticate.ts';
import { createStandings } from '../../identity/standing.ts';
import { createTemporaryCredentials } from '../../identity/temporary-credentials.ts';
import { noKeys } from '../../resources/data-keys.ts';
import { QueueMoves } from '../../resources/queue/queue-moves.ts';
import { Queues } from '../../resources/queue.ts';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import { systemClock } from '../../util/clock.ts';
import { randomIds, type AccountId } from '../../util/ids.ts';
import { createAwsHandler } from '../dispatch.ts';
import { createSqsService } from './sqs.ts';

const account = '000000000000' as AccountId;
const credentials = { accessKeyId: 'AKIAADMINISTRATOR123', secretAccessKey: 'secret/secret+secret' };
const store = openMemoryStore({ clock: systemClock });
const queues = await Queues.open({ ...store, clock: systemClock, ids: randomIds });
const failures: unknown[] = [];
const report = (message: string, cause: unknown): void => void failures.push(message, cause);
const moves = await QueueMoves.open({ ...store, queues, clock: systemClock, ids: randomIds, report });
const listener = new Listener({
  clock: systemClock,
  onError: (error) => failures.push(error),
  handler: createAwsHandler({
    services: [createSqsService({ queues, moves, keysFor: () => noKeys })],
    authenticate: createAuthenticate({
      mode: 'serve',
      administrator: credentials,
      sessions: createTemporaryCredentials(Buffer.alloc(32, 7), randomIds),
      account,
      clock: systemClock,
    }),
    standingOf: createStandings({ grantsOf: () => undefined }),
    // No queue has a policy here.
    sides: [(who) => ({ account: who.account })],
    causeOf: () => undefined,
    clock: systemClock,
    ids: randomIds,
    region: 'us-east-1',
    onError: (error) => failures.push(error),
  }),
});

let endpoint = '';
let sqs: SQSClient;

before(async () => {
  const { port } = await listener.listen(0, '127.0.0.1');
  endpoint = `http://127.0.0.1:${port}`;
  sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials });
});

after(async () => {
  sqs.destroy();
  await listener[Symbol.asyncDispose]();
  await moves[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  assert.deepEqual(failures, []);
});

let made = 0;
async function queue(Attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `queue-${++made}`, Attributes }));
  return QueueUrl ?? '';
}

/** What the call is refused with. */
async function refusal(call: Promise<unknown>): Promise<SQSServiceException> {
  try {
    await call;
  } catch (error) {
    return error as SQSServiceException;
  }
  return assert.fail('it was not refused');
}

test('a queue is made once, found by name, listed, and gone when deleted', async () => {
  const QueueUrl = await queue({ VisibilityTimeout: '45' });
  const name = `queue-${made}`;
  assert.equal(QueueUrl, `${endpoint}/000000000000/${name}`);
  assert.equal((await sqs.send(new CreateQueueCommand({ QueueName: name }))).QueueUrl, QueueUrl);
  assert.equal(
    (await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout: '45' } }))).QueueUrl,
    QueueUrl,
  );
  const different = await refusal(
    sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout: '46' } })),
  );
  assert.equal(different.name, 'QueueNameExists');
  assert.equal((await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl, QueueUrl);
  assert.deepEqual((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: name }))).QueueUrls, [QueueUrl]);
  await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  const gone = await refusal(sqs.send(new GetQueueUrlCommand({ QueueName: name })));
  assert.equal(gone.name, 'QueueDoesNotExist');
  assert.equal(gone.$metadata.httpStatusCode, 400);
  assert.equal((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: name }))).QueueUrls, undefined);
});

test('queues are listed in pages', async () => {
  for (const name of ['page-c', 'page-a', 'page-e', 'page-b', 'page-d'])
    await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const pages: string[][] = [];
  for await (const page of paginateListQueues({ client: sqs, pageSize: 2 }, { QueueNamePrefix: 'page-' })) {
    pages.push((page.QueueUrls ?? []).map((url) => url.slice(-1)));
  }
  assert.deepEqual(pages, [['a', 'b'], ['c', 'd'], ['e']]);
});

test('attributes are set, answered and checked', async () => {
  const dead = await queue();
  const QueueUrl = await queue({ DelaySeconds: '3' });
  const deadArn = (await sqs.send(new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ['QueueArn'] })))
    .Attributes?.['QueueArn'];
  const redrive = JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: '5' });
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl,
      Attributes: { VisibilityTimeout: '60', ReceiveMessageWaitTimeSeconds: '2', RedrivePolicy: redrive },
    }),
  );
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  assert.partialDeepStrictEqual(Attributes, {
    QueueArn: `arn:aws:sqs:us-east-1:000000000000:queue-${made}`,
    VisibilityTimeout: '60',
    DelaySeconds: '3',
    MaximumMessageSize: '1048576',
    MessageRetentionPeriod: '345600',
    ReceiveMessageWaitTimeSeconds: '2',
    ApproximateNumberOfMessages: '0',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: 5 }),
  });
  assert(Math.abs(Number(Attributes?.['CreatedTimestamp']) - Date.now() / 1_000) < 60);
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy: '' } }));
  const without = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy', 'VisibilityTimeout'] }),
  );
  assert.deepEqual(without.Attributes, { VisibilityTimeout: '60' });

  const refused = async (Attributes: Record<string, string>) =>
    refusal(sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes })));
  const tooLong = await refused({ VisibilityTimeout: '43201' });
  assert.equal(tooLong.name, 'InvalidAttributeValue');
  assert.match(tooLong.message, /VisibilityTimeout.* 0 to 43200/);
  assert.equal((await refused({ Colour: 'red' })).name, 'InvalidAttributeName');
  assert.equal((await refused({ SqsManagedSseEnabled: 'yes' })).name, 'InvalidAttributeValue');
  assert.equal((await refused({ KmsDataKeyReusePeriodSeconds: '59' })).name, 'InvalidAttributeValue');
  assert.match(
    (await refused({ KmsMasterKeyId: 'alias/aws/sqs', SqsManagedSseEnabled: 'true' })).message,
    /one type of server-side encryption/,
  );
  assert.equal((await refused({ Policy: '{}' })).name, 'InvalidAttributeValue');
  assert.match((await refused({ RedrivePolicy: redrive.replace(/queue-\d+/, 'nowhere') })).message, /does not exist/);
});

test('a message is sent, received with what was asked for, and deleted; its digests hold', async () => {
  const QueueUrl = await queue();
  const sent = await sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: 'Grüezi <&> 👋\n',
      MessageAttributes: {
        colour: { DataType: 'String', StringValue: 'grün' },
        'size.width': { DataType: 'Number.int', StringValue: '100' },
        'size.bytes': { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255, 1]) },
      },
      MessageSystemAttributes: {
        AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' },
      },
    }),
  );
  // The SDK itself compares the digests of body and attributes, on the way there and back.
  const all = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
      VisibilityTimeout: 0,
    }),
  );
  const [message] = all.Messages ?? [];
  assert.equal(message?.MessageId, sent.MessageId);
  assert.equal(message?.Body, 'Grüezi <&> 👋\n');
  assert.equal(message?.MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
  assert.deepEqual(Object.keys(message?.MessageAttributes ?? {}).sort(), ['colour', 'size.bytes', 'size.width']);
  assert.deepEqual([...(message?.MessageAttributes?.['size.bytes']?.BinaryValue ?? [])], [0, 255, 1]);
  assert.partialDeepStrictEqual(message?.Attributes, {
    SenderId: credentials.accessKeyId,
    ApproximateReceiveCount: '1',
    AWSTraceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793',
  });
  const some = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      MessageAttributeNames: ['size.*'],
    }),
  );
  const [again] = some.Messages ?? [];
  assert.deepEqual(again?.Attributes, { ApproximateReceiveCount: '2' });
  assert.deepEqual(Object.keys(again?.MessageAttributes ?? {}).sort(), ['size.bytes', 'size.width']);
  assert.equal((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages, undefined);
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
  assert.deepEqual(await queues.depth(account, `queue-${made}`), { ready: 0, delayed: 0, leased: 0 });
});

test('the digest of attributes is the documented one', async () => {
  const QueueUrl = await queue();
  const sent = await sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: 'This is a test message',
      MessageAttributes: { timestamp: { DataType: 'Number', StringValue: '1493147359900' } },
    }),
  );
  // The figures are those that moto and botocore's own tests expect for this message.
  assert.equal(sent.MD5OfMessageBody, 'fafb00f5732ab283681e124bf8747ed1');
  assert.equal(sent.MD5OfMessageAttributes, '235c5c510d26fb653d073faed50ae77c');
});

test('batches do what they can, and say what they could not', async () => {
  const QueueUrl = await queue();
  const sent = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: [
        { Id: 'one', MessageBody: 'first' },
        { Id: 'bad', MessageBody: 'not\u0000this' },
        { Id: 'two', MessageBody: 'second', DelaySeconds: 900 },
      ],
    }),
  );
  assert.deepEqual(
    sent.Successful?.map(({ Id }) => Id),
    ['one', 'two'],
  );
  assert.equal(sent.Failed?.length, 1);
  assert.partialDeepStrictEqual(sent.Failed?.[0], { Id: 'bad', SenderFault: true, Code: 'InvalidMessageContents' });
  assert.deepEqual(await queues.depth(account, `queue-${made}`), { ready: 1, delayed: 1, leased: 0 });
  const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  const changed = await sqs.send(
    new ChangeMessageVisibilityBatchCommand({
      QueueUrl,
      Entries: [
        { Id: 'a', ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 600 },
        { Id: 'b', ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 43_201 },
      ],
    }),
  );
  assert.deepEqual(
    [changed.Successful?.map(({ Id }) => Id), changed.Failed?.map(({ Id, Code }) => [Id, Code])],
    [['a'], [['b', 'InvalidParameterValue']]],
  );
  const deleted = await sqs.send(
    new DeleteMessageBatchCommand({
      QueueUrl,
      Entries: [
        { Id: 'a', ReceiptHandle: message?.ReceiptHandle },
        { Id: 'b', ReceiptHandle: 'no such thing' },
      ],
    }),
  );
  assert.deepEqual(deleted.Successful, [{ Id: 'a' }]);
  assert.deepEqual(
    deleted.Failed?.map(({ Id, Code }) => [Id, Code]),
    [['b', 'ReceiptHandleIsInvalid']],
  );

  const batch = (Entries: { Id: string; MessageBody: string }[]) =>
    refusal(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })));
  assert.equal((await batch([])).name, 'EmptyBatchRequest');
  assert.equal(
    (await batch(Array.from({ length: 11 }, (_, each) => ({ Id: `${each}`, MessageBody: 'm' })))).name,
    'TooManyEntriesInBatchRequest',
  );
  assert.equal(
    (
      await batch([
        { Id: 'a', MessageBody: 'm' },
        { Id: 'a', MessageBody: 'm' },
      ])
    ).name,
    'BatchEntryIdsNotDistinct',
  );
  assert.equal((await batch([{ Id: 'a b', MessageBody: 'm' }])).name, 'InvalidBatchEntryId');
  const large = 'x'.repeat(600_000);
  assert.equal(
    (
      await batch([
        { Id: 'a', MessageBody: large },
        { Id: 'b', MessageBody: large },
      ])
    ).name,
    'BatchRequestTooLong',
  );
});

test('a message of a whole mebibyte passes, one byte more does not', async () => {
  const QueueUrl = await queue();
  const MessageBody = 'x'.repeat(1_048_576);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  assert.equal(Messages?.[0]?.Body?.length, 1_048_576);
  const refused = await refusal(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: `${MessageBody}x` })));
  assert.equal(refused.name, 'InvalidParameterValue');
  assert.match(refused.message, /shorter than 1048576 bytes; this one has 1048577/);
});

test('a receive waits for a message that comes meanwhile', async () => {
  const QueueUrl = await queue();
  const received = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'at last' }));
  assert.equal((await received).Messages?.[0]?.Body, 'at last');
});

test('a receive that nobody waits for any more takes no message', async () => {
  const QueueUrl = await queue();
  const left = new AbortController();
  const received = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), { abortSignal: left.signal });
  // Its request is there once a second one on the same queue has been answered.
  await sqs.send(new GetQueueAttributesCommand({ QueueUrl }));
  left.abort();
  await assert.rejects(received, { name: 'AbortError' });
  await sqs.send(new GetQueueAttributesCommand({ QueueUrl }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'for somebody else' }));
  assert.deepEqual(await queues.depth(account, `queue-${made}`), { ready: 1, delayed: 0, leased: 0 });
});

test('visibility is changed while the message is ours, and refused after', async () => {
  const QueueUrl = await queue();
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' }));
  const { Messages: [first] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  await sqs.send(
    new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 }),
  );
  const { Messages: [second] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  assert.equal(second?.MessageId, first?.MessageId);
  const late = await refusal(
    sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 10 }),
    ),
  );
  assert.match(late.message, /does not exist or is not available for visibility timeout change/);
  const garbage = await refusal(sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'garbage' })));
  assert.equal(garbage.name, 'ReceiptHandleIsInvalid');
});

test('a message received too often moves to the dead-letter queue, with its id', async () => {
  const dead = await queue();
  const arn = `arn:aws:sqs:us-east-1:000000000000:queue-${made}`;
  const QueueUrl = await queue({
    VisibilityTimeout: '0',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 2 }),
  });
  const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }));
  for (let receive = 0; receive < 2; receive++)
    assert.equal((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.length, 1);
  assert.equal((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages, undefined);
  const { Messages: [moved] = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: dead, MessageSystemAttributeNames: ['All'] }),
  );
  assert.equal(moved?.MessageId, MessageId);
  assert.equal(moved?.Attributes?.DeadLetterQueueSourceArn, `arn:aws:sqs:us-east-1:000000000000:queue-${made}`);
});

test('a purged queue is empty', async () => {
  const QueueUrl = await queue();
  for (const MessageBody of ['a', 'b']) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  assert.deepEqual(await queues.depth(account, `queue-${made}`), { ready: 0, delayed: 0, leased: 0 });
});

test('what is wrong with a request is said by SQS’s names', async () => {
  const QueueUrl = await queue();
  const name = async (call: Promise<unknown>) => (await refusal(call)).name;
  assert.equal(await name(sqs.send(new CreateQueueCommand({ QueueName: 'jobs.fifo' }))), 'InvalidParameterValue');
  assert.equal(await name(sqs.send(new CreateQueueCommand({ QueueName: 'no spaces' }))), 'InvalidParameterValue');
  assert.equal(
    await name(sqs.send(new SendMessageCommand({ QueueUrl: `${QueueUrl}x`, MessageBody: 'm' }))),
    'QueueDoesNotExist',
  );
  assert.equal(
    await name(
      sqs.send(
        new SendMessageCommand({ QueueUrl: QueueUrl.replace('000000000000', '111111111111'), MessageBody: 'm' }),
      ),
    ),
    'QueueDoesNotExist',
  );
  assert.equal(
    await name(sqs.send(new SendMessageCommand({ QueueUrl: `${endpoint}/jobs`, MessageBody: 'm' }))),
    'InvalidAddress',
  );
  assert.equal(await name(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '' }))), 'MissingParameter');
  assert.equal(
    await name(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm', DelaySeconds: 901 }))),
    'InvalidParameterValue',
  );
  assert.equal(
    await name(sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 }))),
    'InvalidParameterValue',
  );
  assert.equal(
    await name(sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 21 }))),
    'InvalidParameterValue',
  );
  for (const unknown of ['Colour', 'constructor', '__proto__']) {
    const Attributes = JSON.parse(`{ "${unknown}": "1" }`) as Record<string, string>;
    assert.equal(await name(sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }))), 'InvalidAttributeName');
    const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [unknown as 'All'] });
    assert.equal(await name(sqs.send(asked)), 'InvalidAttributeName', unknown);
  }
  assert.equal(
    await name(sqs.send(new TagQueueCommand({ QueueUrl, Tags: { 'aws:a': 'b' } }))),
    'InvalidParameterValue',
  );
  const attribute = { DataType: 'Colour', StringValue: 'red' };
  assert.equal(
    await name(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm', MessageAttributes: { attribute } }))),
    'InvalidParameterValue',
  );
});

const run = promisify(execFile);
const environment = () => ({
  ...process.env,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  ENDPOINT: endpoint,
});

/** The whole life of a message, with what boto3 checks and raises by itself. */
const program = `
import os, sys, boto3, botocore
sqs = boto3.client('sqs', endpoint_url=os.environ['ENDPOINT'])
url = sqs.create_queue(QueueName=sys.argv[1], Attributes={'VisibilityTimeout': '30'})['QueueUrl']
assert sqs.get_queue_url(QueueName=sys.argv[1])['QueueUrl'] == url
assert url in sqs.list_queues(QueueNamePrefix=sys.argv[1])['QueueUrls']
sent = sqs.send_message(QueueUrl=url, MessageBody='Grüezi <&> 👋', MessageAttributes={
    'colour': {'DataType': 'String', 'StringValue': 'grün'}, 'bytes': {'DataType': 'Binary', 'BinaryValue': b'\\x00\\xff'}})
got = sqs.receive_message(QueueUrl=url, MessageAttributeNames=['All'], AttributeNames=['All'], WaitTimeSeconds=1)['Messages'][0]
assert got['Body'] == 'Grüezi <&> 👋' and got['MessageId'] == sent['MessageId']
assert got['MD5OfMessageAttributes'] == sent['MD5OfMessageAttributes']
assert got['MessageAttributes']['bytes']['BinaryValue'] == b'\\x00\\xff'
assert got['Attributes']['ApproximateReceiveCount'] == '1'
assert 'Messages' not in sqs.receive_message(QueueUrl=url)
sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=got['ReceiptHandle'], VisibilityTimeout=60)
sqs.delete_message(QueueUrl=url, ReceiptHandle=got['ReceiptHandle'])
batch = sqs.send_message_batch(QueueUrl=url, Entries=[{'Id': 'a', 'MessageBody': '1'}, {'Id': 'b', 'MessageBody': '2'}])
assert [one['Id'] for one in batch['Successful']] == ['a', 'b'] and not batch.get('Failed'), batch
got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)['Messages']
assert sorted(one['Body'] for one in got) == ['1', '2']
done = sqs.delete_message_batch(QueueUrl=url, Entries=[{'Id': str(at), 'ReceiptHandle': one['ReceiptHandle']} for at, one in enumerate(got)])
assert len(done['Successful']) == 2 and not done.get('Failed'), done
sqs.set_queue_attributes(QueueUrl=url, Attributes={'DelaySeconds': '1'})
attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=['All'])['Attributes']
assert attributes['DelaySeconds'] == '1' and attributes['ApproximateNumberOfMessages'] == '0', attributes
sqs.purge_queue(QueueUrl=url)
sqs.delete_queue(QueueUrl=url)
try:
    sqs.get_queue_url(QueueName=sys.argv[1])
    raise AssertionError('still there')
except sqs.exceptions.QueueDoesNotExist as error:
    assert error.response['Error']['Code'] == 'AWS.SimpleQueueService.NonExistentQueue', error.response
try:
    sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=11)
except botocore.exceptions.ClientError as error:
    assert error.response['Error']['Code'] in ('InvalidParameterValue', 'AWS.SimpleQueueService.NonExistentQueue'), error.response
print('ok', boto3.__version__)
`;

for (const python of ['/usr/bin/python3', 'python3']) {
  test(`boto3 of ${python} does a message's whole life`, async (context) => {
    try {
      await run(python, ['-c', 'import boto3']);
    } catch {
      context.skip(`${python} has no boto3`);
      return;
    }
    const { stdout } = await run(python, ['-c', program, `boto-${python.length}`], {
      env: environment(),
      timeout: 240_000,
    });
    assert.match(stdout, /^ok \d/);
  });
}

test('the reference lists every operation, and whether it is built', () => {
  const reference = readFileSync(join(import.meta.dirname, '../../../docs/reference/sqs.md'), 'utf8');
  const [, table = ''] = /\n\| built \| not built .*\n\| --- \| --- \|\n((?:\|.*\n)+)/.exec(reference) ?? [];
  const columns = table.split('\n').map((row) =>
    row
      .split('|')
      .slice(1, 3)
      .map((cell) => cell.match(/\w+/g) ?? []),
  );
  const { operations } = createSqsService({ queues, moves, keysFor: () => noKeys });
  const names = (isBuilt: boolean) =>
    Object.entries(operations).flatMap(([name, entry]) => ((entry !== 'not built') === isBuilt ? [name] : []));
  assert.deepEqual(columns.flatMap(([built = []]) => built).toSorted(), names(true).toSorted());
  assert.deepEqual(columns.flatMap(([, notBuilt = []]) => notBuilt).toSorted(), names(false).toSorted());
});

test('the aws command makes a queue, sends to it and receives', async (context) => {
  try {
    await run('aws', ['--version']);
  } catch {
    context.skip('there is no aws command');
    return;
  }
  const aws = async (...words: string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await run('aws', ['--endpoint-url', endpoint, '--output', 'json', 'sqs', ...words], {
      env: environment(),
      timeout: 240_000,
    });
    return stdout === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
  };
  const { QueueUrl } = await aws('create-queue', '--queue-name', 'cli', '--attributes', '{"VisibilityTimeout":"30"}');
  assert.equal(QueueUrl, `${endpoint}/000000000000/cli`);
  await aws('send-message', '--queue-url', String(QueueUrl), '--message-body', 'hello');
  const { Messages } = await aws('receive-message', '--queue-url', String(QueueUrl));
  assert.partialDeepStrictEqual(Messages, [{ Body: 'hello' }]);
});
