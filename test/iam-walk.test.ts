/**
 * Every operation of IAM, called by each genuine client: boto3, the `aws` command and the SDK for JavaScript get the same
 * answers, which are what AWS's pages say; and moto's server gives them too, but for what `motoDiffers` lists.
 */
import { createIamService } from '../src/aws/iam/iam.ts';
import { testClients, testMoto } from './harness/walk-tests.ts';
import { iamWalk } from './walks/iam.ts';

/** Users have no passwords here: these are refused in each of the steps that call them, as AWS refuses them where there is none. */
const passwords: ReadonlySet<string> = new Set([
  'GetLoginProfile',
  'DeleteLoginProfile',
  'GetAccountPasswordPolicy',
  'DeleteAccountPasswordPolicy',
]);

testClients('every operation is called by every client, does what AWS says, and says the same to all', iamWalk, {
  operations: createIamService({} as never).operations,
  elsewhere: passwords,
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

testMoto(
  'moto’s server agrees, or AWS’s page says otherwise',
  { ...iamWalk, steps: iamWalk.steps.filter(({ name }) => !motoAccepts.has(name)) },
  motoDiffers,
);
