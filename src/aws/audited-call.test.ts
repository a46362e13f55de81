import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../identity/principal.ts';
import { isWaitedFor } from '../resources/audit-log/audit-entry.ts';
import { PlatformError } from '../util/errors.ts';
import type { HttpRequest } from '../util/http.ts';
import type { AccountId } from '../util/ids.ts';
import { auditEvent, type AuditedCall } from './audited-call.ts';

const account = '000000000000' as AccountId;
const administrator: Principal = {
  kind: 'administrator',
  account,
  arn: `arn:aws:iam::${account}:root`,
  accessKeyId: 'AKIA',
};
const request = {
  headers: {},
  rawHeaders: [],
  query: '',
  path: '/',
  remoteAddress: '127.0.0.1',
} as unknown as HttpRequest;
const eventOf = (call: Partial<AuditedCall>) =>
  auditEvent(
    {
      request,
      requestId: 'r',
      service: 'lambda',
      operation: 'CreateFunction',
      principal: administrator,
      accesses: [],
      input: {},
      error: undefined,
      ...call,
    },
    { id: 'i', timeMs: 0, account },
  );
const denied = new PlatformError('permission_denied', 'no', { reason: 'AccessDenied' });

test('calls about resources are in it, calls about what they hold only when refused', () => {
  assert.equal(eventOf({})?.result, 'ok');
  assert.equal(eventOf({ operation: 'Invoke' }), undefined);
  assert.equal(eventOf({ operation: 'Invoke', error: new PlatformError('not_found', 'no') }), undefined);
  assert.deepEqual(
    [eventOf({ operation: 'Invoke', error: denied })?.result, eventOf({ error: denied })?.error],
    ['denied', { code: 'AccessDenied', message: 'no' }],
  );
  assert.equal(eventOf({ service: 's3', operation: 'PutObject' }), undefined);
  assert.equal(eventOf({ service: 's3', operation: 'PutObjectLockConfiguration' })?.isData, false);
  assert.equal(eventOf({ service: 's3', operation: 'UploadPart' }), undefined);
});

test('of what was asked for only names and numbers are kept, and nothing of a wrong input’s error', () => {
  const input = {
    FunctionName: 'hello',
    MemorySize: 128,
    Environment: { Variables: { PASSWORD: 'hunter2' } },
    Description: 'the password is hunter2',
    SecretString: 'hunter2',
    SecretId: 'database',
    NextToken: 'hunter2',
    MasterUserPassword: 'hunter2',
    Value: 'hunter2',
    SSECustomerKey: 'hunter2',
    Tags: [{ Key: 'a', Value: 'hunter2' }],
    Name: 'x'.repeat(300),
  };
  const error = new PlatformError('invalid_argument', "Value 'hunter2' is too short");
  assert.deepEqual(eventOf({ input, error })?.parameters, {
    FunctionName: 'hello',
    MemorySize: 128,
    SecretId: 'database',
  });
  assert.ok(!JSON.stringify(eventOf({ input, error })).includes('hunter2'));
});

test('who only looks does not wait for the disk', () => {
  const waits = (operation: string, error?: PlatformError) => {
    const event = eventOf({ operation, error });
    return event === undefined ? undefined : isWaitedFor(event);
  };
  assert.deepEqual(
    [
      'CreateFunction',
      'GetFunction',
      'ListFunctions',
      'Decrypt',
      'GenerateDataKey',
      'GetSecretValue',
      'AssumeRole',
    ].map((operation) => waits(operation)),
    [true, false, false, false, false, false, true],
  );
  // A full disk must be heard of.
  assert.equal(waits('CreateFunction', new PlatformError('unavailable', 'the disk is full')), false);
  assert.equal(waits('GetFunction', denied), true);
});

test('a service of any name that a caller makes up is no data call, and no failure of ours', () => {
  for (const service of ['__proto__', 'constructor', 'toString'])
    assert.equal(eventOf({ service, operation: undefined, error: denied })?.isData, false);
});
