/**
 * Every operation of DynamoDB, called by each genuine client: boto3, the `aws` command and the SDK for JavaScript get the
 * same answers, which are what AWS's pages say; and moto's server gives them too, but for what `motoDiffers` lists.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDynamoDbService } from '../src/aws/dynamodb/dynamodb.ts';
import { javascriptCaller, pythonCaller, type AwsCaller } from './harness/aws-callers.ts';
import { awsClient } from './harness/aws-client.ts';
import { hasPythonModule } from './harness/has-python-module.ts';
import { startMayfly } from './harness/start-mayfly.ts';
import { startMoto } from './harness/start-moto.ts';
import { comparable, plainCode, verdict, walk, type Walked, wrongIn } from './harness/walk.ts';
import { dynamodbWalk } from './walks/dynamodb.ts';

// Numbers stay as they were written; tokens, types of index keys and duplicates are not looked at, from which more follows;
// of PartiQL it has a part, and fails at the rest.
const motoDiffers = {
  'a half': 'answers otherwise',
  'all at once, again': 'refused TransactionCanceledException',
  'backwards, two at a time': 'answers otherwise',
  'by a local index, with what it has not': 'answers otherwise',
  'by no index': 'refused ResourceNotFoundException',
  'delete it by a statement': 'refused 500',
  'delete on a condition': 'accepted',
  'delete the table': 'answers otherwise',
  'filter by a key': 'accepted',
  'get parts of it': 'refused ValidationException',
  'in the old way': 'answers otherwise',
  'insert it again': 'accepted',
  'items end by another attribute': 'accepted',
  'others by that token': 'refused TransactionCanceledException',
  'put an index key of another type': 'accepted',
  'put it over': 'answers otherwise',
  'put one twice at once': 'accepted',
  'put under a condition of nothing': 'refused 500',
  'say nothing': 'refused 500',
  'select by an index': 'refused ResourceNotFoundException',
  'select it': 'answers otherwise',
  'several statements': 'answers otherwise',
  'statements at once': 'refused 500',
  'the same statements': 'refused 500',
  'their number': 'answers otherwise',
  'update it': 'refused 500',
  'update what is not so': 'refused 500',
  'update without its key': 'refused 500',
};

const hasClients = hasPythonModule('boto3, awscli.clidriver');

/** Without what chance has made: the platform's port, the revisions of policies, how far the time to live has come. */
const told = (walked: readonly Walked[]): string[] =>
  walked.map(({ step, outcome }) => {
    const said =
      'code' in outcome
        ? `refused ${plainCode(outcome.code)}: ${outcome.message}`
        : JSON.stringify(comparable(outcome.answer));
    return `${step.name}: ${said}`
      .replaceAll('"ENABLING"', '"ENABLED"')
      .replaceAll(/"RevisionId":"\d+"/g, 'a revision')
      .replaceAll(/"Address":"127\.0\.0\.1:\d+"/g, 'an address');
  });

test('dynamodb: every operation is called by every client, does what AWS says, and says the same to all', async () => {
  const walked = async (open: (reached: ReturnType<typeof awsClient>) => AwsCaller): Promise<Walked[]> => {
    await using mayfly = await startMayfly();
    await using caller = open(awsClient(mayfly));
    return await walk(dynamodbWalk, caller);
  };
  const expected = await walked(javascriptCaller);
  assert.deepEqual(wrongIn(expected), []);
  const answered = new Set(expected.flatMap(({ step, outcome }) => ('answer' in outcome ? [step.operation] : [])));
  const missing = Object.entries(createDynamoDbService({} as never).operations).flatMap(([operation, entry]) =>
    entry === 'not built' || answered.has(operation) ? [] : [operation],
  );
  assert.deepEqual(missing, []);
  if (!hasClients) return;
  for (const which of ['boto3', 'aws'] as const) {
    const others = await walked((reached) => pythonCaller(which, reached));
    assert.deepEqual(wrongIn(others), [], which);
    assert.deepEqual(told(others), told(expected), which);
  }
});

test(
  'dynamodb: moto’s server agrees, or AWS’s page says otherwise',
  { skip: (!hasClients || !hasPythonModule('moto.server')) && 'moto is not installed' },
  async () => {
    await using moto = await startMoto();
    assert(moto !== undefined, 'moto does not start');
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    await using caller = pythonCaller('boto3', { endpoint: moto.url, credentials });
    const walked = await walk(dynamodbWalk, caller);
    const differs = walked.flatMap((one) => (verdict(one) === 'as it must be' ? [] : [[one.step.name, verdict(one)]]));
    assert.deepEqual(Object.fromEntries(differs), motoDiffers);
  },
);
