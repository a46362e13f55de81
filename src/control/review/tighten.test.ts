import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers, tighten } from './tighten.ts';

const queue = 'arn:aws:sqs:us-east-1:000000000000:jobs';

test('two used actions are the whole of what is needed', () => {
  const present = [{ effect: 'allow', actions: ['*'], resources: ['*'] } as const];
  const used = [
    { action: 'sqs:SendMessage', resource: queue },
    { action: 's3:GetObject', resource: 'arn:aws:s3:::pics/in/*' },
  ];
  assert.deepEqual(tighten(used, present), [
    { effect: 'allow', actions: ['sqs:SendMessage'], resources: [queue] },
    { effect: 'allow', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::pics/in/*'] },
  ]);
});

test('actions on the same resources are one statement, and what another pattern covers is left out', () => {
  const used = [
    { action: 'sqs:SendMessage', resource: queue },
    { action: 'sqs:GetQueueUrl', resource: queue },
    { action: 's3:PutObject', resource: 'arn:aws:s3:::pics/in/*' },
    { action: 's3:PutObject', resource: 'arn:aws:s3:::pics/*' },
  ];
  assert.deepEqual(tighten(used, []), [
    { effect: 'allow', actions: ['sqs:GetQueueUrl', 'sqs:SendMessage'], resources: [queue] },
    { effect: 'allow', actions: ['s3:PutObject'], resources: ['arn:aws:s3:::pics/*'] },
  ]);
});

test('it is never wider than what is allowed, and denials stay', () => {
  const narrow = 'arn:aws:s3:::pics/in/2026/*';
  const deny = { effect: 'deny', actions: ['s3:*'], resources: ['arn:aws:s3:::pics/secret/*'] } as const;
  const present = [{ effect: 'allow', actions: ['s3:Get*'], resources: [narrow] } as const, deny];
  assert.deepEqual(tighten([{ action: 's3:GetObject', resource: 'arn:aws:s3:::pics/in/*' }], present), [
    { effect: 'allow', actions: ['s3:GetObject'], resources: [narrow] },
    deny,
  ]);
});

test('a pattern covers what it matches, and of patterns those that are within it', () => {
  assert.ok(covers('arn:aws:s3:::*', 'arn:aws:s3:::a/*'));
  assert.ok(!covers('arn:aws:s3:::a/*', 'arn:aws:s3:::*'));
  assert.ok(!covers('a?', 'a*'));
  assert.ok(covers('a?', 'ab'));
});
