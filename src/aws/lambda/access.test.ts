import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '../../util/ids.ts';
import type { AwsContext } from '../service.ts';
import { eventInvokeAccess } from './event-invoke-config.ts';
import { mappingAccess } from './event-source-mapping.ts';
import { functionAccess, wholeFunctionAccess } from './function-reference.ts';
import { settingsAccess } from './function-settings.ts';
import { resourceAccess } from './function-policy.ts';
import { receiveAccess } from './mapping-settings.ts';
import { tagAccess } from './tags.ts';

const account = '000000000000' as AccountId;
const principal = { kind: 'administrator', account, arn: 'arn:aws:iam::000000000000:root', accessKeyId: 'A' } as const;
// What asks for access looks at nothing else of a request.
const context = { account, region: 'us-east-1', principal } as unknown as AwsContext;
const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:hello';
const uuid = '0d0a1b2c-0000-4000-8000-00000000abcd';
const mappingArn = `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${uuid}`;

test('one resource is asked for by one name, however a request spells it', () => {
  const named = [
    functionAccess('a')(context, { FunctionName: 'arn:aws-cn:lambda:us-east-1:000000000000:function:hello' }),
    tagAccess('a')(context, { Resource: 'arn:aws-cn:lambda:us-east-1:000000000000:function:hello' }),
    resourceAccess('a')(context, { ResourceArn: 'arn:aws-us-gov:lambda:us-east-1:000000000000:function:hello' }),
  ];
  for (const accesses of named) assert.deepEqual(accesses, [{ action: 'a', resource: functionArn }]);
  assert.deepEqual(mappingAccess('a')(context, { UUID: uuid.toUpperCase() }), [{ action: 'a', resource: mappingArn }]);
  const tagged = tagAccess('a')(context, { Resource: mappingArn.replace(uuid, uuid.toUpperCase()) });
  assert.deepEqual(tagged, [{ action: 'a', resource: mappingArn }]);
});

test('what is done to all of a function is asked of the function, whatever version its name says', () => {
  for (const FunctionName of ['hello', 'hello:live', `${functionArn}:7`]) {
    assert.deepEqual(wholeFunctionAccess('a')(context, { FunctionName }), [{ action: 'a', resource: functionArn }]);
  }
});

test('whoever names a destination must be allowed to send there', () => {
  const DestinationConfig = {
    OnSuccess: { Destination: 'arn:aws-x:sqs:us-east-1:000000000000:done' },
    OnFailure: { Destination: 'arn:aws:s3:::failed' },
  };
  assert.deepEqual(eventInvokeAccess('a')(context, { FunctionName: 'hello', Qualifier: 'live', DestinationConfig }), [
    { action: 'a', resource: `${functionArn}:live` },
    { action: 'sqs:SendMessage', resource: 'arn:aws:sqs:us-east-1:000000000000:done' },
    { action: 's3:PutObject', resource: 'arn:aws:s3:::failed/*' },
  ]);
  const toFunction = { OnSuccess: { Destination: `${functionArn}:live` } };
  assert.deepEqual(eventInvokeAccess('a')(context, { FunctionName: 'other', DestinationConfig: toFunction })[1], {
    action: 'lambda:InvokeFunction',
    resource: `${functionArn}:live`,
  });
});

test('whoever maps a queue must be allowed to receive from it', () => {
  const resource = 'arn:aws:sqs:us-east-1:000000000000:orders';
  assert.deepEqual(receiveAccess(context, 'arn:aws-x:sqs:us-east-1:000000000000:orders'), [
    { action: 'sqs:ReceiveMessage', resource },
    { action: 'sqs:DeleteMessage', resource },
    { action: 'sqs:GetQueueAttributes', resource },
  ]);
  assert.deepEqual(receiveAccess(context, 'arn:aws:kinesis:us-east-1:000000000000:stream/s'), []);
});

test('settings are asked for what they make the function have: a role, layers, a queue for its events', () => {
  const layer = 'arn:aws:lambda:us-east-1:000000000000:layer:tools:1';
  const input = {
    Role: 'arn:aws:iam::000000000000:role/r',
    Layers: [layer],
    DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead' },
  };
  assert.deepEqual(settingsAccess(context, input), [
    {
      action: 'iam:PassRole',
      resource: input.Role,
      conditions: { 'iam:passedtoservice': 'lambda.amazonaws.com' },
    },
    { action: 'lambda:GetLayerVersion', resource: layer },
    { action: 'sqs:SendMessage', resource: 'arn:aws:sqs:us-east-1:000000000000:dead' },
  ]);
  assert.deepEqual(settingsAccess(context, { Role: undefined, DeadLetterConfig: { TargetArn: '' } }), []);
});
