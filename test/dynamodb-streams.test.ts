/**
 * DynamoDB Streams, every operation by each genuine client: boto3, the `aws` command and the SDK for JavaScript get the same
 * answers, which are what AWS's pages say; and moto's server gives them too, but for what `motoDiffers` lists.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javascriptCaller, pythonCaller, type AwsCaller } from './harness/aws-callers.ts';
import { awsClient } from './harness/aws-client.ts';
import { hasPythonModule } from './harness/has-python-module.ts';
import { startMayfly } from './harness/start-mayfly.ts';
import { startMoto } from './harness/start-moto.ts';
import { comparable, plainCode, verdict, walk, type Walked, wrongIn } from './harness/walk.ts';
import { dynamodbstreamsWalk } from './walks/dynamodbstreams.ts';

/** Limits are not checked, nor sequence numbers; what changes nothing is told of, and a stream that is off is gone. */
const motoDiffers = {
  'list too many': 'accepted',
  'look at no stream': 'accepted',
  'all records': 'answers otherwise',
  'from the second on': 'answers otherwise',
  'what is after it': 'answers otherwise',
  'at nothing': 'accepted',
  'at what is of another shard': 'accepted',
  'of no shard': 'refused 500',
  'by what is no iterator': 'refused 500',
  'too many records': 'accepted',
  'look at what is off': 'refused 500',
  'read what is off': 'answers otherwise',
};

const hasClients = hasPythonModule('boto3, awscli.clidriver');

/** Without what differs each time: when the stream was made, its shards, what is derived from these. */
const told = (walked: readonly Walked[]): string[] =>
  walked.map(({ step, outcome }) => {
    const said = 'code' in outcome ? `refused ${plainCode(outcome.code)}` : JSON.stringify(comparable(outcome.answer));
    return `${step.name}: ${said}`
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}/g, 'LABEL')
      .replaceAll(/"eventID":"[0-9a-f]{32}"/g, 'an id')
      .replaceAll(/shardId-\d{20}-[0-9a-f]{8}/g, 'a shard')
      .replaceAll(/LABEL\|1\|[A-Za-z0-9+/=]+/g, 'an iterator')
      .replaceAll(/"1\d{20}"/g, 'a sequence number');
  });

test('every operation of DynamoDB Streams is called by every client, does what AWS says, and says the same to all', async () => {
  const walked = async (open: (reached: ReturnType<typeof awsClient>) => AwsCaller): Promise<Walked[]> => {
    await using mayfly = await startMayfly();
    await using caller = open(awsClient(mayfly));
    return await walk(dynamodbstreamsWalk, caller);
  };
  const expected = await walked(javascriptCaller);
  assert.deepEqual(wrongIn(expected), []);
  if (!hasClients) return;
  for (const which of ['boto3', 'aws'] as const) {
    const others = await walked((reached) => pythonCaller(which, reached));
    assert.deepEqual(wrongIn(others), [], which);
    assert.deepEqual(told(others), told(expected), which);
  }
});

test(
  'moto’s server agrees about streams, or AWS’s page says otherwise',
  { skip: (!hasClients || !hasPythonModule('moto.server')) && 'moto is not installed' },
  async () => {
    await using moto = await startMoto();
    assert(moto !== undefined, 'moto does not start');
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    await using caller = pythonCaller('boto3', { endpoint: moto.url, credentials });
    const walked = await walk(dynamodbstreamsWalk, caller);
    const differs = walked.flatMap((one) => (verdict(one) === 'as it must be' ? [] : [[one.step.name, verdict(one)]]));
    assert.deepEqual(Object.fromEntries(differs), motoDiffers);
  },
);
