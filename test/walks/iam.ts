import type { Step, Walk } from '../harness/walk.ts';

const arn = (resource: string): string => `arn:aws:iam::000000000000:${resource}`;
const provided = (name: string): string => `arn:aws:iam::aws:policy/${name}`;
const policy = (Action: string, more: object = {}): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*', ...more }] });
const trust = (service: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });
const tags = [{ Key: 'team', Value: 'red' }];

const refused = (name: string, operation: string, input: object, code: string, says?: string): Step => ({
  name,
  operation,
  input,
  refused: code,
  ...(says !== undefined && { says }),
});
const done = (name: string, operation: string, input: object, gives: object = {}): Step => ({
  name,
  operation,
  input,
  gives,
});

const users: readonly Step[] = [
  done(
    'make a user',
    'CreateUser',
    { UserName: 'alice', Path: '/staff/', Tags: tags },
    {
      User: { UserName: 'alice', Path: '/staff/', Arn: arn('user/staff/alice'), Tags: tags },
    },
  ),
  refused(
    'make a user again',
    'CreateUser',
    { UserName: 'alice' },
    'EntityAlreadyExists',
    'User with name alice already exists.',
  ),
  refused('make a user in other letters', 'CreateUser', { UserName: 'ALICE' }, 'EntityAlreadyExists'),
  refused(
    'make a user with a name that is none',
    'CreateUser',
    { UserName: 'a b' },
    'ValidationError',
    "at 'userName' failed to satisfy constraint",
  ),
  refused(
    'make a user with a tag of AWS’s',
    'CreateUser',
    { UserName: 'x', Tags: [{ Key: 'aws:x', Value: '' }] },
    'ValidationError',
  ),
  refused(
    'make a user in a boundary that is not there',
    'CreateUser',
    { UserName: 'x', PermissionsBoundary: arn('policy/none') },
    'NoSuchEntity',
  ),
  done('make another user', 'CreateUser', { UserName: 'bob' }),
  done('a user', 'GetUser', { UserName: 'alice' }, { User: { Arn: arn('user/staff/alice'), Tags: tags } }),
  done('who asks', 'GetUser', {}, { User: { Arn: arn('root') } }),
  refused('no user', 'GetUser', { UserName: 'nobody' }, 'NoSuchEntity', 'The user with name nobody cannot be found.'),
  done('users', 'ListUsers', {}, { Users: [{ UserName: 'alice' }, { UserName: 'bob' }], IsTruncated: false }),
  done('users below a path', 'ListUsers', { PathPrefix: '/staff/' }, { Users: [{ UserName: 'alice' }] }),
  done('a page of users', 'ListUsers', { MaxItems: 1 }, { Users: [{ UserName: 'alice' }], IsTruncated: true }),
  {
    name: 'the next page of users',
    operation: 'ListUsers',
    input: (seen) => ({ MaxItems: 1, Marker: seen('a page of users', 'Marker') }),
    gives: { Users: [{ UserName: 'bob' }], IsTruncated: false },
  },
  refused('a page after what is no marker', 'ListUsers', { Marker: 'x' }, 'ValidationError'),
  done('rename a user', 'UpdateUser', { UserName: 'bob', NewUserName: 'robert' }),
  done('tag a user', 'TagUser', {
    UserName: 'alice',
    Tags: [
      { Key: 'Team', Value: 'blue' },
      { Key: 'level', Value: '1' },
    ],
  }),
  done(
    'tags of a user',
    'ListUserTags',
    { UserName: 'alice' },
    {
      Tags: [
        { Key: 'Team', Value: 'blue' },
        { Key: 'level', Value: '1' },
      ],
    },
  ),
  done('untag a user', 'UntagUser', { UserName: 'alice', TagKeys: ['LEVEL'] }),
  done('no second factors', 'ListMFADevices', { UserName: 'alice' }, { MFADevices: [] }),
  done('no second factors at all', 'ListVirtualMFADevices', {}, { VirtualMFADevices: [] }),
  done('no keys of SSH', 'ListSSHPublicKeys', { UserName: 'alice' }, { SSHPublicKeys: [] }),
  done('no certificates of a user', 'ListSigningCertificates', { UserName: 'alice' }, { Certificates: [] }),
  done(
    'no passwords of services',
    'ListServiceSpecificCredentials',
    { UserName: 'alice' },
    { ServiceSpecificCredentials: [] },
  ),
  done('no certificates', 'ListServerCertificates', {}, { ServerCertificateMetadataList: [] }),
  done('no SAML', 'ListSAMLProviders', {}, { SAMLProviderList: [] }),
  refused('no password', 'GetLoginProfile', { UserName: 'alice' }, 'NoSuchEntity'),
  refused('delete no password', 'DeleteLoginProfile', { UserName: 'alice' }, 'NoSuchEntity'),
  refused('no rules for passwords', 'GetAccountPasswordPolicy', {}, 'NoSuchEntity'),
  refused('delete no rules for passwords', 'DeleteAccountPasswordPolicy', {}, 'NoSuchEntity'),
  refused('give a password', 'CreateLoginProfile', { UserName: 'alice', Password: 'Abcdefgh1!' }, 'NotImplemented'),
];

const keys: readonly Step[] = [
  done('make a key', 'CreateAccessKey', { UserName: 'alice' }, { AccessKey: { UserName: 'alice', Status: 'Active' } }),
  done('make a second key', 'CreateAccessKey', { UserName: 'alice' }),
  refused(
    'make a third key',
    'CreateAccessKey',
    { UserName: 'alice' },
    'LimitExceeded',
    'Cannot exceed quota for AccessKeysPerUser: 2',
  ),
  done(
    'keys',
    'ListAccessKeys',
    { UserName: 'alice' },
    { AccessKeyMetadata: [{ Status: 'Active' }, { Status: 'Active' }] },
  ),
  {
    name: 'put a key out of use',
    operation: 'UpdateAccessKey',
    input: (seen) => ({ UserName: 'alice', Status: 'Inactive', AccessKeyId: seen('make a key', 'AccessKey', idOf) }),
  },
  {
    name: 'a key that was never used',
    operation: 'GetAccessKeyLastUsed',
    input: (seen) => ({ AccessKeyId: seen('make a key', 'AccessKey', idOf) }),
    gives: { UserName: 'alice', AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' } },
  },
  refused(
    'delete no key',
    'DeleteAccessKey',
    { UserName: 'alice', AccessKeyId: 'AKIAAAAAAAAAAAAAAAAA' },
    'NoSuchEntity',
    'The Access Key with id AKIAAAAAAAAAAAAAAAAA cannot be found.',
  ),
  refused(
    'delete a user with keys',
    'DeleteUser',
    { UserName: 'alice' },
    'DeleteConflict',
    'must delete access keys first',
  ),
  ...['make a key', 'make a second key'].map((made): Step => ({
    name: `delete what came of: ${made}`,
    operation: 'DeleteAccessKey',
    input: (seen) => ({ UserName: 'alice', AccessKeyId: seen(made, 'AccessKey', idOf) }),
  })),
];

const idOf = (key: unknown): unknown => (key as { AccessKeyId: string }).AccessKeyId;

const groups: readonly Step[] = [
  done(
    'make a group',
    'CreateGroup',
    { GroupName: 'staff' },
    { Group: { GroupName: 'staff', Arn: arn('group/staff') } },
  ),
  refused(
    'make a group again',
    'CreateGroup',
    { GroupName: 'staff' },
    'EntityAlreadyExists',
    'Group with name staff already exists.',
  ),
  done('take a user in', 'AddUserToGroup', { GroupName: 'staff', UserName: 'alice' }),
  refused('take nobody in', 'AddUserToGroup', { GroupName: 'staff', UserName: 'nobody' }, 'NoSuchEntity'),
  done(
    'a group',
    'GetGroup',
    { GroupName: 'staff' },
    { Group: { GroupName: 'staff' }, Users: [{ UserName: 'alice' }] },
  ),
  done('groups', 'ListGroups', {}, { Groups: [{ GroupName: 'staff' }] }),
  done('groups of a user', 'ListGroupsForUser', { UserName: 'alice' }, { Groups: [{ GroupName: 'staff' }] }),
  done('rename a group', 'UpdateGroup', { GroupName: 'staff', NewGroupName: 'crew' }),
  done('groups of a user, renamed', 'ListGroupsForUser', { UserName: 'alice' }, { Groups: [{ GroupName: 'crew' }] }),
  refused(
    'delete a group with users',
    'DeleteGroup',
    { GroupName: 'crew' },
    'DeleteConflict',
    'must remove users from group first',
  ),
  done('give a group a policy of its own', 'PutGroupPolicy', {
    GroupName: 'crew',
    PolicyName: 'own',
    PolicyDocument: policy('s3:Get*'),
  }),
  done(
    'a policy of a group',
    'GetGroupPolicy',
    { GroupName: 'crew', PolicyName: 'own' },
    { GroupName: 'crew', PolicyName: 'own' },
  ),
  done('policies of a group', 'ListGroupPolicies', { GroupName: 'crew' }, { PolicyNames: ['own'] }),
  done('attach a policy to a group', 'AttachGroupPolicy', {
    GroupName: 'crew',
    PolicyArn: provided('AmazonSQSReadOnlyAccess'),
  }),
  done(
    'what is attached to a group',
    'ListAttachedGroupPolicies',
    { GroupName: 'crew' },
    {
      AttachedPolicies: [{ PolicyName: 'AmazonSQSReadOnlyAccess', PolicyArn: provided('AmazonSQSReadOnlyAccess') }],
    },
  ),
];

const policies: readonly Step[] = [
  done(
    'make a policy',
    'CreatePolicy',
    { PolicyName: 'reads', PolicyDocument: policy('s3:Get*'), Description: 'Reads', Tags: tags },
    {
      Policy: { PolicyName: 'reads', Arn: arn('policy/reads'), DefaultVersionId: 'v1', AttachmentCount: 0 },
    },
  ),
  refused(
    'make a policy again',
    'CreatePolicy',
    { PolicyName: 'reads', PolicyDocument: policy('s3:Get*') },
    'EntityAlreadyExists',
    'A policy called reads already exists. Duplicate names are not allowed.',
  ),
  ...Object.entries({
    'of no JSON': 'x',
    'without statements': '{"Version":"2012-10-17"}',
    'with an effect that is none': policy('s3:*').replace('Allow', 'Perhaps'),
    'with a principal': policy('s3:*', { Principal: '*' }),
    'with an action of nobody': policy('Get'),
    'with a resource that is none': policy('s3:*').replace('"*"', '"bucket"'),
    'with an element that is none': policy('s3:*', { Extra: 1 }),
    'with two statements of one name': JSON.stringify({
      Version: '2012-10-17',
      Statement: [1, 2].map(() => ({ Sid: 'a', Effect: 'Allow', Action: '*', Resource: '*' })),
    }),
  }).map(([what, PolicyDocument]) =>
    refused(
      `make a policy ${what}`,
      'CreatePolicy',
      { PolicyName: 'wrong', PolicyDocument },
      'MalformedPolicyDocument',
    ),
  ),
  done(
    'a policy',
    'GetPolicy',
    { PolicyArn: arn('policy/reads') },
    { Policy: { PolicyName: 'reads', Description: 'Reads', Tags: tags } },
  ),
  refused(
    'no policy',
    'GetPolicy',
    { PolicyArn: arn('policy/nothing') },
    'NoSuchEntity',
    'Policy arn:aws:iam::000000000000:policy/nothing was not found.',
  ),
  done(
    'a policy of AWS’s',
    'GetPolicy',
    { PolicyArn: provided('AdministratorAccess') },
    { Policy: { PolicyName: 'AdministratorAccess', DefaultVersionId: 'v1' } },
  ),
  done('policies', 'ListPolicies', { Scope: 'Local' }, { Policies: [{ PolicyName: 'reads' }], IsTruncated: false }),
  done(
    'a second version',
    'CreatePolicyVersion',
    { PolicyArn: arn('policy/reads'), PolicyDocument: policy('s3:*'), SetAsDefault: true },
    {
      PolicyVersion: { VersionId: 'v2', IsDefaultVersion: true },
    },
  ),
  done(
    'a version',
    'GetPolicyVersion',
    { PolicyArn: arn('policy/reads'), VersionId: 'v1' },
    { PolicyVersion: { VersionId: 'v1', IsDefaultVersion: false } },
  ),
  refused('no version', 'GetPolicyVersion', { PolicyArn: arn('policy/reads'), VersionId: 'v9' }, 'NoSuchEntity'),
  done(
    'versions',
    'ListPolicyVersions',
    { PolicyArn: arn('policy/reads') },
    { Versions: [{ VersionId: 'v2' }, { VersionId: 'v1' }] },
  ),
  refused(
    'delete the version in use',
    'DeletePolicyVersion',
    { PolicyArn: arn('policy/reads'), VersionId: 'v2' },
    'DeleteConflict',
    'Cannot delete the default version of a policy.',
  ),
  refused('delete a policy with versions', 'DeletePolicy', { PolicyArn: arn('policy/reads') }, 'DeleteConflict'),
  done('go back to a version', 'SetDefaultPolicyVersion', { PolicyArn: arn('policy/reads'), VersionId: 'v1' }),
  done('delete a version', 'DeletePolicyVersion', { PolicyArn: arn('policy/reads'), VersionId: 'v2' }),
  done('tag a policy', 'TagPolicy', { PolicyArn: arn('policy/reads'), Tags: [{ Key: 'a', Value: 'b' }] }),
  done(
    'tags of a policy',
    'ListPolicyTags',
    { PolicyArn: arn('policy/reads') },
    { Tags: [{ Key: 'a' }, { Key: 'team' }] },
  ),
  done('untag a policy', 'UntagPolicy', { PolicyArn: arn('policy/reads'), TagKeys: ['a'] }),
  done('attach a policy to a user', 'AttachUserPolicy', { UserName: 'alice', PolicyArn: arn('policy/reads') }),
  refused(
    'attach no policy',
    'AttachUserPolicy',
    { UserName: 'alice', PolicyArn: arn('policy/nothing') },
    'NoSuchEntity',
    'does not exist or is not attachable',
  ),
  done(
    'what is attached to a user',
    'ListAttachedUserPolicies',
    { UserName: 'alice' },
    { AttachedPolicies: [{ PolicyName: 'reads' }] },
  ),
  done(
    'who has a policy',
    'ListEntitiesForPolicy',
    { PolicyArn: arn('policy/reads') },
    { PolicyUsers: [{ UserName: 'alice' }], PolicyRoles: [], PolicyGroups: [] },
  ),
  refused(
    'delete a policy in use',
    'DeletePolicy',
    { PolicyArn: arn('policy/reads') },
    'DeleteConflict',
    'Cannot delete a policy attached to entities.',
  ),
  done('give a user a policy of his own', 'PutUserPolicy', {
    UserName: 'alice',
    PolicyName: 'own',
    PolicyDocument: policy('sqs:*'),
  }),
  done('a policy of a user', 'GetUserPolicy', { UserName: 'alice', PolicyName: 'own' }, { UserName: 'alice' }),
  done('policies of a user', 'ListUserPolicies', { UserName: 'alice' }, { PolicyNames: ['own'] }),
  done('bound a user', 'PutUserPermissionsBoundary', {
    UserName: 'alice',
    PermissionsBoundary: provided('AmazonS3ReadOnlyAccess'),
  }),
  done(
    'a bounded user',
    'GetUser',
    { UserName: 'alice' },
    { User: { PermissionsBoundary: { PermissionsBoundaryArn: provided('AmazonS3ReadOnlyAccess') } } },
  ),
];

const roles: readonly Step[] = [
  done(
    'make a role',
    'CreateRole',
    {
      RoleName: 'worker',
      AssumeRolePolicyDocument: trust('lambda.amazonaws.com'),
      Tags: tags,
      MaxSessionDuration: 7200,
    },
    {
      Role: { RoleName: 'worker', Arn: arn('role/worker'), MaxSessionDuration: 7200 },
    },
  ),
  refused(
    'make a role again',
    'CreateRole',
    { RoleName: 'worker', AssumeRolePolicyDocument: trust('lambda.amazonaws.com') },
    'EntityAlreadyExists',
    'Role with name worker already exists.',
  ),
  refused(
    'make a role that trusts nobody',
    'CreateRole',
    { RoleName: 'x', AssumeRolePolicyDocument: policy('sts:AssumeRole') },
    'MalformedPolicyDocument',
  ),
  refused(
    'make a role for too short',
    'CreateRole',
    { RoleName: 'x', AssumeRolePolicyDocument: trust('lambda.amazonaws.com'), MaxSessionDuration: 60 },
    'ValidationError',
  ),
  done('a role', 'GetRole', { RoleName: 'worker' }, { Role: { RoleName: 'worker', Tags: tags } }),
  refused('no role', 'GetRole', { RoleName: 'none' }, 'NoSuchEntity'),
  done('roles', 'ListRoles', { PathPrefix: '/' }, { Roles: [{ RoleName: 'worker' }] }),
  done('change a role', 'UpdateRole', { RoleName: 'worker', Description: 'Works', MaxSessionDuration: 3600 }),
  done(
    'describe a role',
    'UpdateRoleDescription',
    { RoleName: 'worker', Description: 'Works hard' },
    { Role: { Description: 'Works hard' } },
  ),
  done('trust another service', 'UpdateAssumeRolePolicy', {
    RoleName: 'worker',
    PolicyDocument: trust('scheduler.amazonaws.com'),
  }),
  refused(
    'trust what is no policy',
    'UpdateAssumeRolePolicy',
    { RoleName: 'worker', PolicyDocument: '{}' },
    'MalformedPolicyDocument',
  ),
  done('attach a policy to a role', 'AttachRolePolicy', {
    RoleName: 'worker',
    PolicyArn: provided('service-role/AWSLambdaBasicExecutionRole'),
  }),
  done(
    'what is attached to a role',
    'ListAttachedRolePolicies',
    { RoleName: 'worker' },
    { AttachedPolicies: [{ PolicyName: 'AWSLambdaBasicExecutionRole' }] },
  ),
  done('give a role a policy of its own', 'PutRolePolicy', {
    RoleName: 'worker',
    PolicyName: 'own',
    PolicyDocument: policy('sqs:*'),
  }),
  done('a policy of a role', 'GetRolePolicy', { RoleName: 'worker', PolicyName: 'own' }, { RoleName: 'worker' }),
  refused('no policy of a role', 'GetRolePolicy', { RoleName: 'worker', PolicyName: 'none' }, 'NoSuchEntity'),
  done('policies of a role', 'ListRolePolicies', { RoleName: 'worker' }, { PolicyNames: ['own'] }),
  done('bound a role', 'PutRolePermissionsBoundary', {
    RoleName: 'worker',
    PermissionsBoundary: provided('AmazonSQSReadOnlyAccess'),
  }),
  done('tag a role', 'TagRole', { RoleName: 'worker', Tags: [{ Key: 'a', Value: 'b' }] }),
  done('tags of a role', 'ListRoleTags', { RoleName: 'worker' }, { Tags: [{ Key: 'a' }, { Key: 'team' }] }),
  done('untag a role', 'UntagRole', { RoleName: 'worker', TagKeys: ['a'] }),
  done(
    'make an instance profile',
    'CreateInstanceProfile',
    { InstanceProfileName: 'box', Tags: tags },
    { InstanceProfile: { InstanceProfileName: 'box', Roles: [] } },
  ),
  done('put a role into a profile', 'AddRoleToInstanceProfile', { InstanceProfileName: 'box', RoleName: 'worker' }),
  refused(
    'put a second role into a profile',
    'AddRoleToInstanceProfile',
    { InstanceProfileName: 'box', RoleName: 'worker' },
    'LimitExceeded',
  ),
  done(
    'an instance profile',
    'GetInstanceProfile',
    { InstanceProfileName: 'box' },
    { InstanceProfile: { Roles: [{ RoleName: 'worker' }] } },
  ),
  done('instance profiles', 'ListInstanceProfiles', {}, { InstanceProfiles: [{ InstanceProfileName: 'box' }] }),
  done(
    'instance profiles of a role',
    'ListInstanceProfilesForRole',
    { RoleName: 'worker' },
    { InstanceProfiles: [{ InstanceProfileName: 'box' }] },
  ),
  done('tag a profile', 'TagInstanceProfile', { InstanceProfileName: 'box', Tags: [{ Key: 'a', Value: 'b' }] }),
  done(
    'tags of a profile',
    'ListInstanceProfileTags',
    { InstanceProfileName: 'box' },
    { Tags: [{ Key: 'a' }, { Key: 'team' }] },
  ),
  done('untag a profile', 'UntagInstanceProfile', { InstanceProfileName: 'box', TagKeys: ['a'] }),
  refused(
    'delete a role in a profile',
    'DeleteRole',
    { RoleName: 'worker' },
    'DeleteConflict',
    'must remove roles from instance profile first',
  ),
  refused('delete a profile with a role', 'DeleteInstanceProfile', { InstanceProfileName: 'box' }, 'DeleteConflict'),
  done(
    'make a role of a service',
    'CreateServiceLinkedRole',
    { AWSServiceName: 'autoscaling.amazonaws.com' },
    {
      Role: { RoleName: 'AWSServiceRoleForAutoScaling', Path: '/aws-service-role/autoscaling.amazonaws.com/' },
    },
  ),
  refused(
    'delete a role of a service',
    'DeleteRole',
    { RoleName: 'AWSServiceRoleForAutoScaling' },
    'UnmodifiableEntity',
  ),
  done('have a role of a service deleted', 'DeleteServiceLinkedRole', { RoleName: 'AWSServiceRoleForAutoScaling' }),
  {
    name: 'whether it is deleted',
    operation: 'GetServiceLinkedRoleDeletionStatus',
    input: (seen) => ({ DeletionTaskId: seen('have a role of a service deleted', 'DeletionTaskId') }),
    gives: { Status: 'SUCCEEDED' },
  },
];

const issuer = arn('oidc-provider/token.example.com/ci');
const issuers: readonly Step[] = [
  done(
    'trust an issuer',
    'CreateOpenIDConnectProvider',
    { Url: 'https://token.example.com/ci', ClientIDList: ['one'], ThumbprintList: ['a'.repeat(40)], Tags: tags },
    {
      OpenIDConnectProviderArn: issuer,
    },
  ),
  refused(
    'trust an issuer again',
    'CreateOpenIDConnectProvider',
    { Url: 'https://token.example.com/ci', ThumbprintList: ['a'.repeat(40)] },
    'EntityAlreadyExists',
  ),
  refused(
    'trust what is no address',
    'CreateOpenIDConnectProvider',
    { Url: 'token', ThumbprintList: ['a'.repeat(40)] },
    'ValidationError',
  ),
  done('another client', 'AddClientIDToOpenIDConnectProvider', { OpenIDConnectProviderArn: issuer, ClientID: 'two' }),
  done(
    'an issuer',
    'GetOpenIDConnectProvider',
    { OpenIDConnectProviderArn: issuer },
    { Url: 'token.example.com/ci', ClientIDList: ['one', 'two'] },
  ),
  done('one client less', 'RemoveClientIDFromOpenIDConnectProvider', {
    OpenIDConnectProviderArn: issuer,
    ClientID: 'one',
  }),
  done('other thumbprints', 'UpdateOpenIDConnectProviderThumbprint', {
    OpenIDConnectProviderArn: issuer,
    ThumbprintList: ['b'.repeat(40)],
  }),
  done('tag an issuer', 'TagOpenIDConnectProvider', {
    OpenIDConnectProviderArn: issuer,
    Tags: [{ Key: 'a', Value: 'b' }],
  }),
  done(
    'tags of an issuer',
    'ListOpenIDConnectProviderTags',
    { OpenIDConnectProviderArn: issuer },
    { Tags: [{ Key: 'a' }, { Key: 'team' }] },
  ),
  done('untag an issuer', 'UntagOpenIDConnectProvider', { OpenIDConnectProviderArn: issuer, TagKeys: ['a'] }),
  done('issuers', 'ListOpenIDConnectProviders', {}, { OpenIDConnectProviderList: [{ Arn: issuer }] }),
  done('trust an issuer no more', 'DeleteOpenIDConnectProvider', { OpenIDConnectProviderArn: issuer }),
  refused('no issuer', 'GetOpenIDConnectProvider', { OpenIDConnectProviderArn: issuer }, 'NoSuchEntity'),
];

const narrow = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 's3:*',
      Resource: 'arn:aws:s3:::b/*',
      Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    },
    { Effect: 'Deny', Action: 's3:Delete*', Resource: '*' },
  ],
});
const from = (address: string) => [
  { ContextKeyName: 'aws:SourceIp', ContextKeyType: 'ip', ContextKeyValues: [address] },
];
const simulations: readonly Step[] = [
  done(
    'simulate what is allowed',
    'SimulateCustomPolicy',
    {
      PolicyInputList: [narrow],
      ActionNames: ['s3:GetObject'],
      ResourceArns: ['arn:aws:s3:::b/a'],
      ContextEntries: from('10.1.1.1'),
    },
    {
      EvaluationResults: [
        {
          EvalDecision: 'allowed',
          MatchedStatements: [{ SourcePolicyId: 'PolicyInputList.1' }],
          MissingContextValues: [],
        },
      ],
    },
  ),
  done(
    'simulate from elsewhere',
    'SimulateCustomPolicy',
    {
      PolicyInputList: [narrow],
      ActionNames: ['s3:GetObject'],
      ResourceArns: ['arn:aws:s3:::b/a'],
      ContextEntries: from('1.1.1.1'),
    },
    {
      EvaluationResults: [{ EvalDecision: 'implicitDeny', MatchedStatements: [] }],
    },
  ),
  done(
    'simulate from nowhere',
    'SimulateCustomPolicy',
    { PolicyInputList: [narrow], ActionNames: ['s3:GetObject'], ResourceArns: ['arn:aws:s3:::b/a'] },
    {
      EvaluationResults: [{ EvalDecision: 'implicitDeny', MissingContextValues: ['aws:SourceIp'] }],
    },
  ),
  done(
    'simulate what is denied',
    'SimulateCustomPolicy',
    { PolicyInputList: [narrow], ActionNames: ['s3:DeleteObject'], ContextEntries: from('10.1.1.1') },
    {
      EvaluationResults: [{ EvalDecision: 'explicitDeny' }],
    },
  ),
  done(
    'simulate within a boundary',
    'SimulateCustomPolicy',
    {
      PolicyInputList: [policy('*')],
      PermissionsBoundaryPolicyInputList: [policy('s3:*')],
      ActionNames: ['sqs:SendMessage'],
    },
    {
      EvaluationResults: [
        { EvalDecision: 'implicitDeny', PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false } },
      ],
    },
  ),
  done(
    'simulate with a policy of the resource',
    'SimulateCustomPolicy',
    {
      PolicyInputList: [policy('sqs:*')],
      CallerArn: arn('user/alice'),
      ResourcePolicy: policy('s3:*', { Principal: { AWS: arn('user/alice') } }),
      ActionNames: ['s3:GetObject'],
    },
    { EvaluationResults: [{ EvalDecision: 'allowed' }] },
  ),
  refused(
    'simulate an action that is none',
    'SimulateCustomPolicy',
    { PolicyInputList: [narrow], ActionNames: ['get'] },
    'InvalidInput',
  ),
  done(
    'simulate a user',
    'SimulatePrincipalPolicy',
    { PolicySourceArn: arn('user/staff/alice'), ActionNames: ['s3:GetObject', 'sqs:SendMessage'] },
    {
      EvaluationResults: [{ EvalDecision: 'allowed' }, { EvalDecision: 'implicitDeny' }],
    },
  ),
  refused(
    'simulate nobody',
    'SimulatePrincipalPolicy',
    { PolicySourceArn: arn('user/nobody'), ActionNames: ['s3:GetObject'] },
    'NoSuchEntity',
  ),
  done(
    'keys that policies ask for',
    'GetContextKeysForCustomPolicy',
    { PolicyInputList: [narrow] },
    { ContextKeyNames: ['aws:SourceIp'] },
  ),
  done(
    'keys that a user’s policies ask for',
    'GetContextKeysForPrincipalPolicy',
    { PolicySourceArn: arn('user/staff/alice') },
    { ContextKeyNames: [] },
  ),
];

const account: readonly Step[] = [
  done('name the account', 'CreateAccountAlias', { AccountAlias: 'our-account' }),
  done('the account’s names', 'ListAccountAliases', {}, { AccountAliases: ['our-account'] }),
  done('the account has no name', 'DeleteAccountAlias', { AccountAlias: 'our-account' }),
  refused('the account has no name to lose', 'DeleteAccountAlias', { AccountAlias: 'our-account' }, 'NoSuchEntity'),
  done(
    'what there is',
    'GetAccountSummary',
    {},
    { SummaryMap: { Users: 2, Groups: 1, Policies: 1, AccessKeysPerUserQuota: 2 } },
  ),
  done(
    'everything',
    'GetAccountAuthorizationDetails',
    { Filter: ['User', 'Group'] },
    {
      UserDetailList: [{ UserName: 'alice', GroupList: ['crew'] }, { UserName: 'robert' }],
      GroupDetailList: [{ GroupName: 'crew' }],
      RoleDetailList: [],
    },
  ),
];

/** Nothing is left of it. */
const end: readonly Step[] = [
  done('unbound a user', 'DeleteUserPermissionsBoundary', { UserName: 'alice' }),
  refused(
    'delete a user with a policy attached',
    'DeleteUser',
    { UserName: 'alice' },
    'DeleteConflict',
    'must detach all policies first',
  ),
  done('detach a policy from a user', 'DetachUserPolicy', { UserName: 'alice', PolicyArn: arn('policy/reads') }),
  refused(
    'detach what is not attached',
    'DetachUserPolicy',
    { UserName: 'alice', PolicyArn: arn('policy/reads') },
    'NoSuchEntity',
  ),
  refused(
    'delete a user with a policy',
    'DeleteUser',
    { UserName: 'alice' },
    'DeleteConflict',
    'must delete policies first',
  ),
  done('take a policy from a user', 'DeleteUserPolicy', { UserName: 'alice', PolicyName: 'own' }),
  done('delete a policy', 'DeletePolicy', { PolicyArn: arn('policy/reads') }),
  done('let a user go from a group', 'RemoveUserFromGroup', { GroupName: 'crew', UserName: 'alice' }),
  done('detach a policy from a group', 'DetachGroupPolicy', {
    GroupName: 'crew',
    PolicyArn: provided('AmazonSQSReadOnlyAccess'),
  }),
  done('take a policy from a group', 'DeleteGroupPolicy', { GroupName: 'crew', PolicyName: 'own' }),
  done('delete a group', 'DeleteGroup', { GroupName: 'crew' }),
  done('take a role out of a profile', 'RemoveRoleFromInstanceProfile', {
    InstanceProfileName: 'box',
    RoleName: 'worker',
  }),
  done('delete a profile', 'DeleteInstanceProfile', { InstanceProfileName: 'box' }),
  done('unbound a role', 'DeleteRolePermissionsBoundary', { RoleName: 'worker' }),
  done('detach a policy from a role', 'DetachRolePolicy', {
    RoleName: 'worker',
    PolicyArn: provided('service-role/AWSLambdaBasicExecutionRole'),
  }),
  done('take a policy from a role', 'DeleteRolePolicy', { RoleName: 'worker', PolicyName: 'own' }),
  done('delete a role', 'DeleteRole', { RoleName: 'worker' }),
  done('delete a user', 'DeleteUser', { UserName: 'alice' }),
  done('delete another user', 'DeleteUser', { UserName: 'robert' }),
  refused('delete nobody', 'DeleteUser', { UserName: 'alice' }, 'NoSuchEntity'),
];

export const iamWalk: Walk = {
  service: 'iam',
  steps: [...users, ...keys, ...groups, ...policies, ...roles, ...issuers, ...simulations, ...account, ...end],
};
