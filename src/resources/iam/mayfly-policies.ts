/** What somebody may do with the admin API, in three sizes: managed policies for users and roles. docs/reference/accounts.md */
import type { Provided } from './aws-managed-policies.ts';

const publishedMs = Date.UTC(2026, 10, 21);

const policy = (name: string, id: string, actions: readonly string[]): Provided => ({
  name,
  path: '/mayfly/',
  version: 'v1',
  id,
  createdMs: publishedMs,
  modifiedMs: publishedMs,
  document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] },
});

const looking = ['mayfly:Get*', 'mayfly:List*'];

export const mayflyPolicies: readonly Provided[] = [
  policy('MayflyViewer', 'ANPAMAYFLY00000VIEWER', looking),
  policy('MayflyDeployer', 'ANPAMAYFLY000DEPLOYER', [
    ...looking,
    'mayfly:PutBundle',
    'mayfly:Deploy',
    'mayfly:Rollback',
    'mayfly:Invoke',
    'mayfly:SendMessage',
    'mayfly:RedriveDeadLetters',
  ]),
  policy('MayflyAdministrator', 'ANPAMAYFLY00000ADMINS', ['mayfly:*']),
];
