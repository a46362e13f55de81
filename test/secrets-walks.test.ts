/**
 * Every operation of Secrets Manager and Parameter Store, called by each genuine client: boto3, the `aws` command and the
 * SDK for JavaScript get the same answers, which are what AWS's pages say; and moto's server gives them too, but for what
 * `motoDiffers` lists.
 */
import { createSecretsManagerService } from '../src/aws/secretsmanager/secretsmanager.ts';
import { createSsmService } from '../src/aws/ssm/ssm.ts';
import { testClients, testMoto } from './harness/walk-tests.ts';
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

/** What chance has made: the characters behind a secret's name, passwords, what is encrypted. */
const withoutChance = (said: string): string =>
  said
    .replaceAll(/(:secret:[a-z/]+)-[A-Za-z0-9]{6}/g, '$1')
    .replaceAll(/"RandomPassword":"(?:[^"\\]|\\.)*"/g, 'a password');

for (const { service, walk, motoDiffers } of walks) {
  testClients(
    `${service.name}: every operation is called by every client, does what AWS says, and says the same to all`,
    walk,
    { operations: service.operations, elsewhere, withoutChance },
  );

  testMoto(`${service.name}: moto’s server agrees, or AWS’s page says otherwise`, walk, motoDiffers);
}
