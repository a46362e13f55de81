/**
 * Every operation of IAM, called by each genuine client: boto3, the `aws` command and the SDK for JavaScript get the same
 * answers, which are what AWS's pages say; and moto's server gives them too, but for what `motoDiffers` lists.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createIamService } from '../src/aws/iam/iam.ts';
import { javascriptCaller, pythonCaller, type AwsCaller } from './harness/aws-callers.ts';
import { awsClient } from './harness/aws-client.ts';
import { hasPythonModule } from './harness/has-python-module.ts';
import { startMayfly } from './harness/start-mayfly.ts';
import { startMoto } from './harness/start-moto.ts';
import { comparable, plainCode, verdict, walk, type Walked, wrongIn } from './harness/walk.ts';
import { iamWalk } from './walks/iam.ts';

const hasClients = hasPythonModule('boto3, awscli.clidriver');

const told = (walked: readonly Walked[]): unknown =>
  walked.map(({ step, outcome }) => [
    step.name,
    'code' in outcome ? `refused ${plainCode(outcome.code)}` : comparable(outcome.answer),
  ]);

async function walked(caller: AwsCaller, leftOut: ReadonlySet<string> = new Set()): Promise<Walked[]> {
  await using opened = caller;
  return await walk({ ...iamWalk, steps: iamWalk.steps.filter(({ name }) => !leftOut.has(name)) }, opened);
}

test('every operation is called by every client, does what AWS says, and says the same to all', async () => {
  await using mayfly = await startMayfly();
  const reached = awsClient(mayfly);
  const expected = await walked(javascriptCaller(reached));
  assert.deepEqual(wrongIn(expected), []);
  const called = new Set(expected.map(({ step }) => step.operation));
  const built = Object.entries(createIamService({} as never).operations).flatMap(([operation, entry]) =>
    entry === 'not built' ? [] : [operation],
  );
  assert.deepEqual(
    built.filter((operation) => !called.has(operation)),
    [],
  );
  if (!hasClients) return;
  for (const which of ['boto3', 'aws'] as const) {
    const others = await walked(pythonCaller(which, reached));
    assert.deepEqual(wrongIn(others), []);
    assert.deepEqual(told(others), told(expected));
  }
});

/** What moto does and IAM refuses to: what comes after would speak of other things. */
const motoAccepts: ReadonlySet<string> = new Set([
  'make a user in other letters',
  'make a user with a name that is none',
  'make a user with a tag of AWS’s',
  'delete a user with keys',
  'delete a group with users',
  'make a policy with a principal',
  'delete a policy with versions',
  'make a role that trusts nobody',
]);

/** As `verdict` words it: `accepted` is what AWS refuses. docs/reference/iam.md has it in words. */
const motoDiffers: Readonly<Record<string, string>> = {
  // It checks neither boundaries, durations nor markers when they are given, and reads names of tags with their letters.
  'make a user in a boundary that is not there': 'accepted',
  'make a role for too short': 'accepted',
  'a page after what is no marker': 'accepted',
  'tags of a user': 'answers otherwise',
  // Who asks is one and the same user, and what was taken in above is among what there is.
  'who asks': 'answers otherwise',
  users: 'answers otherwise',
  'a page of users': 'answers otherwise',
  'the next page of users': 'answers otherwise',
  roles: 'answers otherwise',
  'what there is': 'answers otherwise',
  everything: 'answers otherwise',
  // Versions come oldest first; a policy that is attached can be deleted, and what follows from that.
  versions: 'answers otherwise',
  'delete a policy in use': 'accepted',
  'detach a policy from a user': 'refused NoSuchEntity',
  'delete a policy': 'refused NoSuchEntity',
  // What it has not built: boundaries of users that are there, simulation, clients of issuers, and more.
  'bound a user': 'refused not of this protocol',
  'unbound a user': 'refused not of this protocol',
  'another client': 'refused not of this protocol',
  'one client less': 'refused not of this protocol',
  'no passwords of services': 'refused not of this protocol',
  'tags of a profile': 'refused not of this protocol',
  'simulate what is allowed': 'refused not of this protocol',
  'simulate from elsewhere': 'refused not of this protocol',
  'simulate from nowhere': 'refused not of this protocol',
  'simulate what is denied': 'refused not of this protocol',
  'simulate within a boundary': 'refused not of this protocol',
  'simulate with a policy of the resource': 'refused not of this protocol',
  'simulate an action that is none': 'refused not of this protocol',
  'simulate a user': 'refused not of this protocol',
  'simulate nobody': 'refused not of this protocol',
  'keys that policies ask for': 'refused not of this protocol',
  'keys that a user’s policies ask for': 'refused not of this protocol',
  'a bounded user': 'answers otherwise',
  'an issuer': 'answers otherwise',
  // What it has and Mayfly has not: passwords, without which a user can be deleted.
  'give a password': 'accepted',
  'delete a user': 'refused DeleteConflict',
  'delete nobody': 'refused DeleteConflict',
  // Roles of services are deleted as any other, and an account's name that it has not is deleted, too.
  'delete a role of a service': 'accepted',
  'have a role of a service deleted': 'refused NoSuchEntity',
  'the account has no name to lose': 'accepted',
};

test(
  'moto’s server agrees, or AWS’s page says otherwise',
  { skip: (!hasClients || !hasPythonModule('moto.server')) && 'moto is not installed' },
  async () => {
    await using moto = await startMoto();
    assert(moto !== undefined, 'moto does not start');
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const theirs = await walked(pythonCaller('boto3', { endpoint: moto.url, credentials }), motoAccepts);
    const differs = theirs.flatMap((one) => (verdict(one) === 'as it must be' ? [] : [[one.step.name, verdict(one)]]));
    assert.deepEqual(Object.fromEntries(differs), motoDiffers);
  },
);
