import type { Step, Walk } from '../harness/walk.ts';

const account = '000000000000';
const role = (name: string): string => `arn:aws:iam::${account}:role/${name}`;
const policy = (statement: object): string => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
const trust = policy({ Effect: 'Allow', Principal: { AWS: account }, Action: ['sts:AssumeRole', 'sts:TagSession'] });
const narrow = policy({ Effect: 'Allow', Action: 's3:*', Resource: '*' });
const assumed = (name: string): object => ({
  AssumedRoleUser: { Arn: `arn:aws:sts::${account}:assumed-role/${name}/walk` },
});

const steps: readonly Step[] = [
  { name: 'who asks', operation: 'GetCallerIdentity', input: {}, gives: { Account: account } },
  {
    name: 'make a role',
    service: 'iam',
    operation: 'CreateRole',
    input: { RoleName: 'walker', AssumeRolePolicyDocument: trust },
  },
  {
    name: 'assume it',
    operation: 'AssumeRole',
    input: { RoleArn: role('walker'), RoleSessionName: 'walk' },
    gives: assumed('walker'),
  },
  {
    name: 'assume it with a policy and a tag',
    operation: 'AssumeRole',
    input: {
      RoleArn: role('walker'),
      RoleSessionName: 'walk',
      DurationSeconds: 900,
      Policy: narrow,
      Tags: [{ Key: 'team', Value: 'red' }],
    },
    gives: assumed('walker'),
  },
  {
    name: 'assume it for too long',
    operation: 'AssumeRole',
    input: { RoleArn: role('walker'), RoleSessionName: 'walk', DurationSeconds: 7_200 },
    refused: 'ValidationError',
    says: 'MaxSessionDuration',
  },
  {
    name: 'assume it with what is no policy',
    operation: 'AssumeRole',
    input: { RoleArn: role('walker'), RoleSessionName: 'walk', Policy: '{"Statement":' },
    refused: 'MalformedPolicyDocument',
  },
  {
    name: 'assume it with a tag twice',
    operation: 'AssumeRole',
    input: {
      RoleArn: role('walker'),
      RoleSessionName: 'walk',
      Tags: [
        { Key: 'team', Value: 'red' },
        { Key: 'Team', Value: 'blue' },
      ],
    },
    refused: 'InvalidParameterValue',
    says: 'case insensitive',
  },
  {
    name: 'assume what is not there',
    operation: 'AssumeRole',
    input: { RoleArn: role('nobody'), RoleSessionName: 'walk' },
    refused: 'AccessDenied',
    says: 'is not authorized to perform: sts:AssumeRole on resource',
  },
  { name: 'a session', operation: 'GetSessionToken', input: { DurationSeconds: 900 } },
  {
    name: 'a session for a guest',
    operation: 'GetFederationToken',
    input: { Name: 'guest', Policy: narrow },
    gives: {
      FederatedUser: { Arn: `arn:aws:sts::${account}:federated-user/guest`, FederatedUserId: `${account}:guest` },
    },
  },
  {
    name: 'whose a key is',
    operation: 'GetAccessKeyInfo',
    input: { AccessKeyId: 'ASIAQNZGKIQY56JQ7WML' },
    gives: { Account: '029608264753' },
  },
  {
    name: 'a role for what is no token',
    operation: 'AssumeRoleWithWebIdentity',
    input: { RoleArn: role('walker'), RoleSessionName: 'walk', WebIdentityToken: 'no token' },
    refused: 'InvalidIdentityToken',
  },
];

export const stsWalk: Walk = { service: 'sts', steps };
