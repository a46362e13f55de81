import type { Step, Walk } from '../harness/walk.ts';

/** The ids of versions, which are what a request is known by. */
const token = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;
const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::000000000000:root' },
      Action: 'secretsmanager:GetSecretValue',
      Resource: '*',
    },
  ],
});

const get = (name: string, input: object, more: Partial<Step>): Step => ({
  name,
  operation: 'GetSecretValue',
  input: { SecretId: 'shop/db', ...input },
  ...more,
});
const list = (name: string, input: object, names: readonly string[]): Step => ({
  name,
  operation: 'ListSecrets',
  input: { SortBy: 'name', SortOrder: 'asc', ...input },
  gives: { SecretList: names.map((Name) => ({ Name })) },
});

const steps: Step[] = [
  {
    name: 'make a secret',
    operation: 'CreateSecret',
    input: {
      Name: 'shop/db',
      SecretString: 'one',
      Description: 'Where orders are',
      ClientRequestToken: token(1),
      Tags: [{ Key: 'team', Value: 'blue' }],
    },
    gives: { Name: 'shop/db', VersionId: token(1) },
  },
  {
    name: 'make it again with another value',
    operation: 'CreateSecret',
    input: { Name: 'shop/db', SecretString: 'other', ClientRequestToken: token(9) },
    refused: 'ResourceExistsException',
    says: 'The operation failed because the secret shop/db already exists.',
  },
  {
    name: 'make one with a name that is none',
    operation: 'CreateSecret',
    input: { Name: 'shop db', SecretString: 'x' },
    refused: 'ValidationException',
    says: 'Invalid name.',
  },
  {
    name: 'make one without a value',
    operation: 'CreateSecret',
    input: { Name: 'shop/empty' },
    gives: { Name: 'shop/empty' },
  },
  {
    name: 'the value of one that has none',
    operation: 'GetSecretValue',
    input: { SecretId: 'shop/empty' },
    refused: 'ResourceNotFoundException',
    says: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
  },
  get(
    'its value',
    {},
    { gives: { Name: 'shop/db', SecretString: 'one', VersionId: token(1), VersionStages: ['AWSCURRENT'] } },
  ),
  get(
    'the value of no secret',
    { SecretId: 'nobody' },
    {
      refused: 'ResourceNotFoundException',
      says: "Secrets Manager can't find the specified secret.",
    },
  ),
  get(
    'the value of no version',
    { VersionId: token(8) },
    {
      refused: 'ResourceNotFoundException',
      says: `Secrets Manager can't find the specified secret value for VersionId: ${token(8)}`,
    },
  ),
  {
    name: 'put another value',
    operation: 'PutSecretValue',
    input: { SecretId: 'shop/db', SecretString: 'two', ClientRequestToken: token(2) },
    gives: { Name: 'shop/db', VersionId: token(2), VersionStages: ['AWSCURRENT'] },
  },
  {
    name: 'put it again',
    operation: 'PutSecretValue',
    input: { SecretId: 'shop/db', SecretString: 'two', ClientRequestToken: token(2) },
    gives: { VersionId: token(2), VersionStages: ['AWSCURRENT'] },
  },
  {
    name: 'put another one as the same',
    operation: 'PutSecretValue',
    input: { SecretId: 'shop/db', SecretString: 'three', ClientRequestToken: token(2) },
    refused: 'ResourceExistsException',
  },
  {
    name: 'put no value',
    operation: 'PutSecretValue',
    input: { SecretId: 'shop/db', ClientRequestToken: token(3) },
    refused: 'InvalidRequestException',
  },
  {
    name: 'put one with a label of its own',
    operation: 'PutSecretValue',
    input: { SecretId: 'shop/db', SecretString: 'next', ClientRequestToken: token(3), VersionStages: ['NEXT'] },
    gives: { VersionStages: ['NEXT'] },
  },
  get('the value before', { VersionStage: 'AWSPREVIOUS' }, { gives: { SecretString: 'one' } }),
  get(
    'a version with a label that it has not',
    { VersionId: token(1), VersionStage: 'AWSCURRENT' },
    {
      refused: 'InvalidRequestException',
      says: 'You provided a VersionStage that is not associated to the provided VersionId.',
    },
  ),
  {
    name: 'update its description and value',
    operation: 'UpdateSecret',
    input: {
      SecretId: 'shop/db',
      Description: 'Where orders were',
      SecretString: 'four',
      ClientRequestToken: token(4),
    },
    gives: { Name: 'shop/db', VersionId: token(4) },
  },
  {
    name: 'describe it',
    operation: 'DescribeSecret',
    input: { SecretId: 'shop/db' },
    gives: {
      Name: 'shop/db',
      Description: 'Where orders were',
      Tags: [{ Key: 'team', Value: 'blue' }],
      VersionIdsToStages: { [token(2)]: ['AWSPREVIOUS'], [token(3)]: ['NEXT'], [token(4)]: ['AWSCURRENT'] },
    },
  },
  {
    name: 'its versions with labels',
    operation: 'ListSecretVersionIds',
    input: { SecretId: 'shop/db' },
    gives: { Versions: [2, 3, 4].map((n) => ({ VersionId: token(n) })) },
  },
  {
    name: 'move a label that is elsewhere, without saying where',
    operation: 'UpdateSecretVersionStage',
    input: { SecretId: 'shop/db', VersionStage: 'AWSCURRENT', MoveToVersionId: token(3) },
    refused: 'InvalidParameterException',
    says: 'The parameter RemoveFromVersionId can',
  },
  {
    name: 'take off AWSCURRENT',
    operation: 'UpdateSecretVersionStage',
    input: { SecretId: 'shop/db', VersionStage: 'AWSCURRENT', RemoveFromVersionId: token(4) },
    refused: 'InvalidParameterException',
  },
  {
    name: 'move AWSCURRENT',
    operation: 'UpdateSecretVersionStage',
    input: {
      SecretId: 'shop/db',
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: token(3),
      RemoveFromVersionId: token(4),
    },
    gives: { Name: 'shop/db' },
  },
  get('what is current then', {}, { gives: { SecretString: 'next', VersionId: token(3) } }),
  { name: 'tag it', operation: 'TagResource', input: { SecretId: 'shop/db', Tags: [{ Key: 'stage', Value: 'test' }] } },
  { name: 'untag it', operation: 'UntagResource', input: { SecretId: 'shop/db', TagKeys: ['team'] } },
  list('by name', { Filters: [{ Key: 'name', Values: ['shop/'] }] }, ['shop/db', 'shop/empty']),
  list('by tag', { Filters: [{ Key: 'tag-key', Values: ['stage'] }] }, ['shop/db']),
  list('by all but', { Filters: [{ Key: 'name', Values: ['!shop/db'] }] }, ['shop/empty']),
  {
    name: 'a batch',
    operation: 'BatchGetSecretValue',
    input: { SecretIdList: ['shop/db', 'nobody'] },
    gives: {
      SecretValues: [{ Name: 'shop/db', SecretString: 'next' }],
      Errors: [{ SecretId: 'nobody', ErrorCode: 'ResourceNotFoundException' }],
    },
  },
  {
    name: 'a batch of nothing',
    operation: 'BatchGetSecretValue',
    input: {},
    refused: 'InvalidParameterException',
  },
  {
    name: 'a policy',
    operation: 'PutResourcePolicy',
    input: { SecretId: 'shop/db', ResourcePolicy: policy, BlockPublicPolicy: true },
    gives: { Name: 'shop/db' },
  },
  {
    name: 'a policy that is none',
    operation: 'PutResourcePolicy',
    input: { SecretId: 'shop/db', ResourcePolicy: '{' },
    refused: 'MalformedPolicyDocumentException',
  },
  {
    name: 'its policy',
    operation: 'GetResourcePolicy',
    input: { SecretId: 'shop/db' },
    gives: { ResourcePolicy: policy },
  },
  {
    name: 'look at a policy',
    operation: 'ValidateResourcePolicy',
    input: { ResourcePolicy: policy },
    gives: { PolicyValidationPassed: true },
  },
  { name: 'no policy', operation: 'DeleteResourcePolicy', input: { SecretId: 'shop/db' }, gives: { Name: 'shop/db' } },
  { name: 'a password', operation: 'GetRandomPassword', input: { PasswordLength: 20 } },
  {
    name: 'too short a password',
    operation: 'GetRandomPassword',
    input: { PasswordLength: 3 },
    refused: 'InvalidParameterException',
    says: 'Password length is too short based on the required types.',
  },
  {
    name: 'rotate by no function',
    operation: 'RotateSecret',
    input: { SecretId: 'shop/db' },
    refused: 'InvalidRequestException',
  },
  {
    name: 'cancel no rotation',
    operation: 'CancelRotateSecret',
    input: { SecretId: 'shop/db' },
    refused: 'InvalidRequestException',
  },
  {
    name: 'delete too soon',
    operation: 'DeleteSecret',
    input: { SecretId: 'shop/db', RecoveryWindowInDays: 6 },
    refused: 'InvalidParameterException',
    says: 'RecoveryWindowInDays value must be between 7 and 30 days (inclusive)',
  },
  {
    name: 'delete',
    operation: 'DeleteSecret',
    input: { SecretId: 'shop/db', RecoveryWindowInDays: 7 },
    gives: { Name: 'shop/db' },
  },
  get('the value of what is deleted', {}, { refused: 'InvalidRequestException' }),
  list('without what is deleted', {}, ['shop/empty']),
  { name: 'restore', operation: 'RestoreSecret', input: { SecretId: 'shop/db' }, gives: { Name: 'shop/db' } },
  get('the value of what is restored', {}, { gives: { SecretString: 'next' } }),
  {
    name: 'delete in both ways',
    operation: 'DeleteSecret',
    input: { SecretId: 'shop/db', RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true },
    refused: 'InvalidParameterException',
  },
  {
    name: 'delete for good',
    operation: 'DeleteSecret',
    input: { SecretId: 'shop/db', ForceDeleteWithoutRecovery: true },
    gives: { Name: 'shop/db' },
  },
  {
    name: 'restore what is gone',
    operation: 'RestoreSecret',
    input: { SecretId: 'shop/db' },
    refused: 'ResourceNotFoundException',
  },
];

export const secretsManagerWalk: Walk = { service: 'secretsmanager', steps };
