/**
 * Every operation of Secrets Manager and Parameter Store, called by each genuine client: boto3, the `aws` command and the
 * SDK for JavaScript get the same answers, which are what AWS's pages say; and moto's server gives them too, but for what
 * `motoDiffers` lists.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSecretsManagerService } from '../src/aws/secretsmanager/secretsmanager.ts';
import { createSsmService } from '../src/aws/ssm/ssm.ts';
import { javascriptCaller, pythonCaller, type AwsCaller } from './harness/aws-callers.ts';
import { awsClient } from './harness/aws-client.ts';
import { hasPythonModule } from './harness/has-python-module.ts';
import { startMayfly } from './harness/start-mayfly.ts';
import { startMoto } from './harness/start-moto.ts';
import { comparable, plainCode, verdict, walk, type Walked, wrongIn } from './harness/walk.ts';
import { secretsManagerWalk } from './walks/secretsmanager.ts';
import { ssmWalk } from './walks/ssm.ts';

const nothing = {} as never;
const walks = [
  {
    service: createSecretsManagerService(nothing),
    walk: secretsManagerWalk,
    // It takes AWSCURRENT off, from which more follows; names, policies and functions are not checked, policies are written anew.
    motoDiffers: {
      'make one with a name that is none': 'accepted',
      'its versions with labels': 'answers otherwise',
      'take off AWSCURRENT': 'accepted',
      'move AWSCURRENT': 'refused InvalidParameterException',
      'what is current then': 'answers otherwise',
      'by all but': 'answers otherwise',
      'a batch': 'answers otherwise',
      'a batch of nothing': 'accepted',
      'a policy that is none': 'accepted',
      'its policy': 'answers otherwise',
      'look at a policy': 'refused 500',
      'rotate by no function': 'accepted',
      'without what is deleted': 'answers otherwise',
      'the value of what is restored': 'refused ResourceNotFoundException',
    },
  },
  {
    service: createSsmService(nothing),
    walk: ssmWalk,
    // It changes a parameter's type, from which more follows; tiers, sizes, patterns and paths are not checked, lists not sorted, policies not built.
    motoDiffers: {
      'overwrite it with another type': 'accepted',
      'put a large one': 'answers otherwise',
      'put too large a standard one': 'accepted',
      'put what the pattern excludes': 'accepted',
      one: 'answers otherwise',
      several: 'answers otherwise',
      'by path': 'answers otherwise',
      'by path and type, of one level': 'answers otherwise',
      'by a path that is none': 'accepted',
      'by tier': 'answers otherwise',
      'by its label': 'answers otherwise',
      'its history': 'answers otherwise',
      'share one': 'refused 500',
      'share a standard one': 'refused 500',
      'with whom it is shared': 'refused 500',
      'share it no more': 'refused 500',
    },
  },
];
/** A function does it: test/secretsmanager.test.ts. */
const elsewhere: ReadonlySet<string> = new Set(['RotateSecret', 'CancelRotateSecret']);

const hasClients = hasPythonModule('boto3, awscli.clidriver');

/** Without what chance has made: the characters behind a secret's name, passwords, what is encrypted. */
const told = (walked: readonly Walked[]): string[] =>
  walked.map(({ step, outcome }) => {
    const said = 'code' in outcome ? `refused ${plainCode(outcome.code)}` : JSON.stringify(comparable(outcome.answer));
    return `${step.name}: ${said}`
      .replaceAll(/(:secret:[a-z/]+)-[A-Za-z0-9]{6}/g, '$1')
      .replaceAll(/"RandomPassword":"(?:[^"\\]|\\.)*"/g, 'a password');
  });

for (const { service, walk: steps, motoDiffers } of walks) {
  test(`${service.name}: every operation is called by every client, does what AWS says, and says the same to all`, async () => {
    const walked = async (open: (reached: ReturnType<typeof awsClient>) => AwsCaller): Promise<Walked[]> => {
      await using mayfly = await startMayfly();
      await using caller = open(awsClient(mayfly));
      return await walk(steps, caller);
    };
    const expected = await walked(javascriptCaller);
    assert.deepEqual(wrongIn(expected), []);
    const answered = new Set(expected.flatMap(({ step, outcome }) => ('answer' in outcome ? [step.operation] : [])));
    const missing = Object.entries(service.operations).flatMap(([operation, entry]) =>
      entry === 'not built' || elsewhere.has(operation) || answered.has(operation) ? [] : [operation],
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
    `${service.name}: moto’s server agrees, or AWS’s page says otherwise`,
    { skip: (!hasClients || !hasPythonModule('moto.server')) && 'moto is not installed' },
    async () => {
      await using moto = await startMoto();
      assert(moto !== undefined, 'moto does not start');
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      await using caller = pythonCaller('boto3', { endpoint: moto.url, credentials });
      const walked = await walk(steps, caller);
      const differs = walked.flatMap((one) =>
        verdict(one) === 'as it must be' ? [] : [[one.step.name, verdict(one)]],
      );
      assert.deepEqual(Object.fromEntries(differs), motoDiffers);
    },
  );
}
