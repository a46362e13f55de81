import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePolicyDocument } from './policy-document.ts';
import { isPublicPolicy } from './public-policy.ts';

const bucket = 'arn:aws:s3:::amzn-s3-demo-bucket/*';
const allow = { Effect: 'Allow', Principal: '*', Action: 's3:PutObject', Resource: bucket };
const isPublic = (...statements: readonly object[]): boolean =>
  isPublicPolicy(parsePolicyDocument(JSON.stringify({ Version: '2012-10-17', Statement: statements })));

// The examples of https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
test('a network by a pattern is everybody, and a fixed one is not', () => {
  assert.equal(isPublic({ ...allow, Condition: { StringLike: { 'aws:SourceVpc': 'vpc-*' } } }), true);
  assert.equal(isPublic({ ...allow, Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-91237329' } } }), false);
});

test('who is of one account, or a key that a service has for itself, is not everybody', () => {
  const key = { ...allow, Principal: { AWS: '*' }, Action: 'kms:Decrypt' };
  assert.equal(isPublic({ ...key, Condition: { StringEquals: { 'kms:CallerAccount': '111122223333' } } }), false);
  assert.equal(isPublic({ ...key, Condition: { StringLike: { 'kms:CallerAccount': '1111*' } } }), true);
  assert.equal(
    isPublic({ ...key, Condition: { StringEquals: { 'kms:ViaService': 'ssm.us-east-1.amazonaws.com' } } }),
    true,
  );
});

test('one public statement makes the policy public, whatever the others say', () => {
  const trail = { ...allow, Principal: { Service: 'cloudtrail.amazonaws.com' }, Action: 's3:PutObject' };
  const account = { ...allow, Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 's3:ListBucket' };
  const everybody = { ...allow, Condition: { StringLike: { 'aws:SourceVpc': 'vpc-*' } } };
  assert.equal(isPublic(trail, account), false);
  assert.equal(isPublic(trail, account, everybody), true);
});

test('wide ranges of addresses are public, and private ones are not', () => {
  const from = (...ranges: string[]): boolean =>
    isPublic({ ...allow, Condition: { IpAddress: { 'aws:SourceIp': ranges } } });
  assert.equal(from('0.0.0.0/1'), true);
  assert.equal(from('11.0.0.0/7'), true);
  assert.equal(from('11.0.0.0/8'), false);
  assert.equal(from('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'), false);
  assert.equal(from('10.0.0.0/7'), true);
  assert.equal(from('2001:db8::/31'), true);
  assert.equal(from('2001:db8::/32'), false);
  assert.equal(from('203.0.113.7', '0.0.0.0/0'), true);
});

test('access points may be named by a pattern within an account', () => {
  const through = (arn: string): boolean =>
    isPublic({ ...allow, Condition: { ArnLike: { 's3:DataAccessPointArn': arn } } });
  assert.equal(through('arn:aws:s3:us-west-2:123456789012:accesspoint/*'), false);
  assert.equal(through('arn:aws:s3:us-west-2:*:accesspoint/*'), true);
});

test('who is named is not everybody; who is left out leaves everybody', () => {
  assert.equal(isPublic(allow), true);
  assert.equal(isPublic({ ...allow, Principal: { AWS: '*' } }), true);
  assert.equal(isPublic({ ...allow, Principal: { AWS: ['111122223333', '*'] } }), true);
  assert.equal(isPublic({ ...allow, Principal: { AWS: '111122223333' } }), false);
  const { Principal: _, ...rest } = allow;
  assert.equal(isPublic({ ...rest, NotPrincipal: { AWS: '111122223333' } }), true);
  assert.equal(isPublic({ ...allow, Effect: 'Deny' }), false);
});

test('conditions that let in who has no such key, or that only exclude, tell nothing', () => {
  const when = (Condition: object): boolean => isPublic({ ...allow, Condition });
  assert.equal(when({ StringEqualsIfExists: { 'aws:SourceAccount': '111122223333' } }), true);
  assert.equal(when({ 'ForAllValues:StringEquals': { 'aws:PrincipalOrgPaths': 'o-a1/r-1/' } }), true);
  assert.equal(when({ StringNotEquals: { 'aws:SourceAccount': '111122223333' } }), true);
  assert.equal(when({ NotIpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }), true);
  assert.equal(when({ StringEquals: { 'aws:SourceArn': '${aws:PrincipalTag/arn}' } }), true);
  assert.equal(when({ StringLike: { 'aws:userid': 'AROAEXAMPLEID:*' } }), true);
  assert.equal(when({ StringEquals: { 'aws:userid': 'AIDAEXAMPLE' } }), false);
  assert.equal(when({ StringLike: { 'aws:Referer': 'https://example.com/' } }), true);
  assert.equal(when({ StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3' } }), false);
});
