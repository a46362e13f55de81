/** The policies of buckets, called by each genuine client: the same comes of each, as AWS's pages say; and beside moto's server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javascriptCaller, pythonCaller, type AwsCaller } from './harness/aws-callers.ts';
import { awsClient } from './harness/aws-client.ts';
import { hasPythonModule } from './harness/has-python-module.ts';
import { startMayfly } from './harness/start-mayfly.ts';
import { startMoto } from './harness/start-moto.ts';
import { comparable, plainCode, verdict, walk, type Walked, wrongIn } from './harness/walk.ts';
import { s3PoliciesWalk } from './walks/s3-policies.ts';

const hasClients = hasPythonModule('boto3, awscli.clidriver');

/** It checks no policies, knows no bucket as blocked or as owned unless told, and has ACLs on. */
const motoDiffers = {
  'its status': 'accepted',
  'whether it is public': 'answers otherwise',
  'put no JSON': 'accepted',
  'put another bucket’s': 'accepted',
  'put another service’s': 'accepted',
  'put one of objects for the bucket': 'accepted',
  'of an owner who is not': 'accepted',
  'what is blocked': 'refused NoSuchPublicAccessBlockConfiguration',
  'let everybody in': 'accepted',
  'whether it is public then': 'answers otherwise',
  'who owns': 'refused OwnershipControlsNotFoundError',
  'open the bucket': 'accepted',
  'open the object': 'accepted',
  'put an open object': 'accepted',
  'its ACL': 'answers otherwise',
};

const told = (walked: readonly Walked[]): string[] =>
  walked.map(({ step, outcome }) => {
    const said = 'code' in outcome ? `refused ${plainCode(outcome.code)}` : JSON.stringify(comparable(outcome.answer));
    return `${step.name}: ${said}`;
  });

test('every client gets the same of policies, blocks and owners, and what AWS says', async () => {
  const walked = async (open: (reached: ReturnType<typeof awsClient>) => AwsCaller): Promise<Walked[]> => {
    await using mayfly = await startMayfly();
    await using caller = open(awsClient(mayfly));
    return await walk(s3PoliciesWalk, caller);
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
  'moto’s server agrees, or AWS’s page says otherwise',
  { skip: (!hasClients || !hasPythonModule('moto.server')) && 'moto is not installed' },
  async () => {
    await using moto = await startMoto();
    assert(moto !== undefined, 'moto does not start');
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    await using caller = pythonCaller('boto3', { endpoint: moto.url, credentials });
    const walked = await walk(s3PoliciesWalk, caller);
    const differs = walked.flatMap((one) => (verdict(one) === 'as it must be' ? [] : [[one.step.name, verdict(one)]]));
    assert.deepEqual(Object.fromEntries(differs), motoDiffers);
  },
);
