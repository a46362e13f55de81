import type { Step, Walk } from '../harness/walk.ts';

const Bucket = 'walked-album';
const arn = `arn:aws:s3:::${Bucket}`;
const statement = {
  Sid: 'readers',
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::000000000000:root' },
  Action: 's3:GetObject',
  Resource: `${arn}/*`,
};
const document = (...more: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: more.map((one) => ({ ...statement, ...one })) });
const everybody = { Principal: '*' };
const block = (isOn: boolean): object => ({
  BlockPublicAcls: isOn,
  IgnorePublicAcls: isOn,
  BlockPublicPolicy: isOn,
  RestrictPublicBuckets: isOn,
});
const enforced = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] };

const step = (name: string, operation: string, input: object = {}, more: Partial<Step> = {}): Step => ({
  name,
  operation,
  input: { Bucket, ...input },
  ...more,
});
const putPolicy = (name: string, Policy: string, more: Partial<Step> = {}): Step =>
  step(name, 'PutBucketPolicy', { Policy }, more);
const malformed = { refused: 'MalformedPolicy' };
const noAcls = { refused: 'AccessControlListNotSupported', says: 'The bucket does not allow ACLs' };

const steps: Step[] = [
  step('make a bucket', 'CreateBucket'),
  step('put an object', 'PutObject', { Key: 'cat' }),

  step('a policy that is not there', 'GetBucketPolicy', {}, { refused: 'NoSuchBucketPolicy' }),
  step('its status', 'GetBucketPolicyStatus', {}, { refused: 'NoSuchBucketPolicy' }),
  putPolicy('put one', document({})),
  step('the policy', 'GetBucketPolicy', {}, { gives: { Policy: document({}) } }),
  step('whether it is public', 'GetBucketPolicyStatus', {}, { gives: { PolicyStatus: { IsPublic: false } } }),
  putPolicy('put no JSON', 'x', { ...malformed, says: "Policies must be valid JSON and the first byte must be '{'" }),
  putPolicy('put another bucket’s', document({ Resource: 'arn:aws:s3:::another/*' }), {
    ...malformed,
    says: 'Policy has invalid resource',
  }),
  putPolicy('put another service’s', document({ Action: 'sqs:SendMessage' }), {
    ...malformed,
    says: 'Policy has invalid action',
  }),
  putPolicy('put one of objects for the bucket', document({ Resource: arn }), {
    ...malformed,
    says: 'Action does not apply to any resource(s) in statement',
  }),
  step(
    'one for no bucket',
    'PutBucketPolicy',
    { Bucket: `${Bucket}-none`, Policy: document({}) },
    { refused: 'NoSuchBucket' },
  ),
  step(
    'of an owner who is not',
    'GetBucketPolicy',
    { ExpectedBucketOwner: '111122223333' },
    { refused: 'AccessDenied' },
  ),

  step('what is blocked', 'GetPublicAccessBlock', {}, { gives: { PublicAccessBlockConfiguration: block(true) } }),
  putPolicy('let everybody in', document(everybody), { refused: 'AccessDenied', says: 'BlockPublicPolicy' }),
  step('block half', 'PutPublicAccessBlock', { PublicAccessBlockConfiguration: { BlockPublicAcls: true } }),
  step(
    'what is half blocked',
    'GetPublicAccessBlock',
    {},
    { gives: { PublicAccessBlockConfiguration: { ...block(false), BlockPublicAcls: true } } },
  ),
  step('block nothing', 'DeletePublicAccessBlock'),
  step('block nothing again', 'DeletePublicAccessBlock'),
  step('that nothing is', 'GetPublicAccessBlock', {}, { refused: 'NoSuchPublicAccessBlockConfiguration' }),
  putPolicy('let everybody in then', document({}, { ...everybody, Sid: 'all' })),
  step('whether it is public then', 'GetBucketPolicyStatus', {}, { gives: { PolicyStatus: { IsPublic: true } } }),
  step('take it away', 'DeleteBucketPolicy'),
  step('take it away again', 'DeleteBucketPolicy'),
  step('that it is gone', 'GetBucketPolicy', {}, { refused: 'NoSuchBucketPolicy' }),

  step('who owns', 'GetBucketOwnershipControls', {}, { gives: { OwnershipControls: enforced } }),
  step('own again', 'PutBucketOwnershipControls', { OwnershipControls: enforced }),
  step('open the bucket', 'PutBucketAcl', { ACL: 'public-read' }, noAcls),
  step('open the object', 'PutObjectAcl', { Key: 'cat', ACL: 'public-read' }, noAcls),
  step('give the owner the object', 'PutObjectAcl', { Key: 'cat', ACL: 'bucket-owner-full-control' }),
  step('put an open object', 'PutObject', { Key: 'dog', ACL: 'public-read' }, noAcls),
  step('its ACL', 'GetBucketAcl', {}, { gives: { Grants: [{ Permission: 'FULL_CONTROL' }] } }),
  step('own no more', 'DeleteBucketOwnershipControls'),
  step('that nobody is said to', 'GetBucketOwnershipControls', {}, { refused: 'OwnershipControlsNotFoundError' }),
];

/** Who may use a bucket: its policy, what blocks that, its owner. */
export const s3PoliciesWalk: Walk = { service: 's3', steps };
