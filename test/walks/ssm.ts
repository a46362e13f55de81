import type { Step, Walk } from '../harness/walk.ts';

const arn = (name: string): string => `arn:aws:ssm:us-east-1:000000000000:parameter${name}`;
const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'ssm:GetParameter', Resource: arn('/shop/large') },
  ],
});

const put = (name: string, input: object, more: Partial<Step> = {}): Step => ({
  name,
  operation: 'PutParameter',
  input: { Value: 'x', Type: 'String', ...input },
  ...more,
});
const get = (name: string, input: object, more: Partial<Step> = {}): Step => ({
  name,
  operation: 'GetParameter',
  input,
  ...more,
});
const describe = (name: string, filter: object, names: readonly string[]): Step => ({
  name,
  operation: 'DescribeParameters',
  input: { ParameterFilters: [filter] },
  gives: { Parameters: names.map((Name) => ({ Name })) },
});
const resource = { ResourceType: 'Parameter', ResourceId: '/shop/hours' };

const steps: Step[] = [
  put(
    'put one',
    { Name: '/shop/hours', Value: '8', Description: 'When', Tags: [{ Key: 'team', Value: 'blue' }] },
    {
      gives: { Version: 1, Tier: 'Standard' },
    },
  ),
  put(
    'put it again',
    { Name: '/shop/hours' },
    {
      refused: 'ParameterAlreadyExists',
      says: 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    },
  ),
  put(
    'overwrite it',
    { Name: '/shop/hours', Value: '9', Overwrite: true },
    { gives: { Version: 2, Tier: 'Standard' } },
  ),
  put(
    'overwrite it with tags',
    { Name: '/shop/hours', Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] },
    {
      refused: 'ValidationException',
      says: "tags and overwrite can't be used together",
    },
  ),
  put(
    'overwrite it with another type',
    { Name: '/shop/hours', Overwrite: true, Type: 'StringList' },
    {
      refused: 'HierarchyTypeMismatchException',
    },
  ),
  put(
    'put one under AWS’s names',
    { Name: '/aws/hours' },
    {
      refused: 'AccessDeniedException',
      says: 'No access to reserved parameter name: /aws/hours.',
    },
  ),
  put(
    'put one that begins with ssm',
    { Name: 'ssm-hours' },
    {
      refused: 'ValidationException',
      says: 'can\'t be prefixed with "aws" or "ssm" (case-insensitive).',
    },
  ),
  put('put nothing', { Name: '/shop/none', Value: '' }, { refused: 'ValidationException' }),
  put(
    'put a large one',
    { Name: '/shop/large', Value: 'v'.repeat(5_000), Tier: 'Intelligent-Tiering' },
    {
      gives: { Version: 1, Tier: 'Advanced' },
    },
  ),
  put(
    'put too large a standard one',
    { Name: '/shop/larger', Value: 'v'.repeat(5_000), Tier: 'Standard' },
    {
      refused: 'ValidationException',
    },
  ),
  put(
    'put what the pattern excludes',
    { Name: '/shop/pattern', Value: 'x', AllowedPattern: '^[0-9]+$' },
    {
      refused: 'ParameterPatternMismatchException',
    },
  ),
  put(
    'put a secure one',
    { Name: '/shop/deep/token', Value: 's3cret', Type: 'SecureString' },
    { gives: { Version: 1 } },
  ),
  put('put a list', { Name: '/shop/list', Value: 'a,b', Type: 'StringList' }, { gives: { Version: 1 } }),
  get(
    'one',
    { Name: '/shop/hours' },
    {
      gives: {
        Parameter: {
          Name: '/shop/hours',
          Type: 'String',
          Value: '9',
          Version: 2,
          ARN: arn('/shop/hours'),
          DataType: 'text',
        },
      },
    },
  ),
  get('a version of it', { Name: '/shop/hours:1' }, { gives: { Parameter: { Value: '8', Version: 1 } } }),
  get(
    'no version of it',
    { Name: '/shop/hours:7' },
    {
      refused: 'ParameterVersionNotFound',
      says: 'Systems Manager could not find version 7 of /shop/hours. Verify the version and try again.',
    },
  ),
  get('none', { Name: '/shop/none' }, { refused: 'ParameterNotFound' }),
  get(
    'a secure one in the clear',
    { Name: '/shop/deep/token', WithDecryption: true },
    {
      gives: { Parameter: { Type: 'SecureString', Value: 's3cret' } },
    },
  ),
  {
    name: 'several',
    operation: 'GetParameters',
    input: { Names: ['/shop/hours', '/shop/none'] },
    gives: { Parameters: [{ Name: '/shop/hours', Value: '9' }], InvalidParameters: ['/shop/none'] },
  },
  {
    name: 'too many',
    operation: 'GetParameters',
    input: { Names: Array.from({ length: 11 }, (_, n) => `/n${n}`) },
    refused: 'ValidationException',
  },
  {
    name: 'by path',
    operation: 'GetParametersByPath',
    input: { Path: '/shop', Recursive: true, WithDecryption: true },
    gives: { Parameters: ['/shop/deep/token', '/shop/hours', '/shop/large', '/shop/list'].map((Name) => ({ Name })) },
  },
  {
    name: 'by path and type, of one level',
    operation: 'GetParametersByPath',
    input: { Path: '/shop/', ParameterFilters: [{ Key: 'Type', Option: 'Equals', Values: ['StringList'] }] },
    gives: { Parameters: [{ Name: '/shop/list', Value: 'a,b' }] },
  },
  {
    name: 'by a path that is none',
    operation: 'GetParametersByPath',
    input: { Path: 'shop' },
    refused: 'ValidationException',
  },
  describe('by a part of the name', { Key: 'Name', Option: 'Contains', Values: ['hours'] }, ['/shop/hours']),
  describe('by tag', { Key: 'tag:team', Option: 'Equals', Values: ['blue'] }, ['/shop/hours']),
  describe('by tier', { Key: 'Tier', Values: ['Advanced'] }, ['/shop/large']),
  {
    name: 'by an option that is none',
    operation: 'DescribeParameters',
    input: { ParameterFilters: [{ Key: 'Tier', Option: 'Contains', Values: ['x'] }] },
    refused: 'InvalidFilterOption',
  },
  {
    name: 'label a version',
    operation: 'LabelParameterVersion',
    input: { Name: '/shop/hours', ParameterVersion: 1, Labels: ['stable', '1st'] },
    gives: { InvalidLabels: ['1st'], ParameterVersion: 1 },
  },
  get('by its label', { Name: '/shop/hours:stable' }, { gives: { Parameter: { Value: '8', Selector: ':stable' } } }),
  {
    name: 'its history',
    operation: 'GetParameterHistory',
    input: { Name: '/shop/hours' },
    gives: {
      Parameters: [
        { Version: 1, Value: '8', Labels: ['stable'], Description: 'When', Tier: 'Standard' },
        { Version: 2, Value: '9', Labels: [], Description: 'When', Tier: 'Standard' },
      ],
    },
  },
  {
    name: 'unlabel a version',
    operation: 'UnlabelParameterVersion',
    input: { Name: '/shop/hours', ParameterVersion: 1, Labels: ['stable', 'other'] },
    gives: { RemovedLabels: ['stable'], InvalidLabels: ['other'] },
  },
  { name: 'tag it', operation: 'AddTagsToResource', input: { ...resource, Tags: [{ Key: 'stage', Value: 'test' }] } },
  { name: 'untag it', operation: 'RemoveTagsFromResource', input: { ...resource, TagKeys: ['team'] } },
  {
    name: 'its tags',
    operation: 'ListTagsForResource',
    input: resource,
    gives: { TagList: [{ Key: 'stage', Value: 'test' }] },
  },
  {
    name: 'the tags of none',
    operation: 'ListTagsForResource',
    input: { ...resource, ResourceId: '/shop/none' },
    refused: 'InvalidResourceId',
  },
  {
    name: 'share one',
    operation: 'PutResourcePolicy',
    input: { ResourceArn: arn('/shop/large'), Policy: policy },
  },
  {
    name: 'share a standard one',
    operation: 'PutResourcePolicy',
    input: { ResourceArn: arn('/shop/hours'), Policy: policy },
    refused: 'ResourcePolicyInvalidParameterException',
  },
  {
    name: 'with whom it is shared',
    operation: 'GetResourcePolicies',
    input: { ResourceArn: arn('/shop/large') },
    gives: { Policies: [{ Policy: policy }] },
  },
  {
    name: 'share it no more',
    operation: 'DeleteResourcePolicy',
    input: (seen) => ({
      ResourceArn: arn('/shop/large'),
      PolicyId: seen('share one', 'PolicyId'),
      PolicyHash: seen('share one', 'PolicyHash'),
    }),
  },
  { name: 'delete one', operation: 'DeleteParameter', input: { Name: '/shop/hours' } },
  {
    name: 'delete it again',
    operation: 'DeleteParameter',
    input: { Name: '/shop/hours' },
    refused: 'ParameterNotFound',
  },
  {
    name: 'delete several',
    operation: 'DeleteParameters',
    input: { Names: ['/shop/large', '/shop/list', '/shop/deep/token', '/shop/none'] },
    gives: { DeletedParameters: ['/shop/large', '/shop/list', '/shop/deep/token'], InvalidParameters: ['/shop/none'] },
  },
];

export const ssmWalk: Walk = { service: 'ssm', steps };
