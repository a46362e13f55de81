import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ResourceStatement } from '../../registry/function.ts';
import { PlatformError } from '../../util/errors.ts';
import { writePolicy, writeStatement } from './policy-statement.ts';
import { readPolicy } from './read-policy.ts';

const resource = 'arn:aws:lambda:us-east-1:000000000000:function:hello';

test('every policy that is written is read as what it was', () => {
  const statement = fc.record(
    {
      id: fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/),
      principal: fc.constantFrom(
        '*',
        's3.amazonaws.com',
        'alexa-appkit.amazon.com',
        'arn:aws:iam::111111111111:root',
        'arn:aws:iam::000000000000:role/caller',
      ),
      action: fc.constantFrom('lambda:InvokeFunction', 'lambda:*', '*'),
      sourceArn: fc.constantFrom('arn:aws:s3:::photos', 'arn:aws:sns:*:*:topic'),
      sourceAccount: fc.constant('000000000000'),
      principalOrgId: fc.constant('o-1234567890'),
      eventSourceToken: fc.constant('amzn1.ask.skill'),
      functionUrlAuth: fc.constantFrom('none' as const, 'iam' as const),
      viaUrl: fc.boolean(),
    },
    { requiredKeys: ['id', 'principal', 'action'], noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.uniqueArray(statement, { selector: ({ id }) => id, minLength: 1, maxLength: 5 }), (statements) => {
      const text = writePolicy(statements.map((one: ResourceStatement) => writeStatement(one, resource)));
      assert.deepEqual(readPolicy(text, resource), statements);
    }),
  );
});

test('one statement needs no list, one string neither, and a Sid is given where there is none', () => {
  const text = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: ['111111111111'] },
      Action: ['lambda:InvokeFunction'],
      Resource: [resource],
      Condition: {
        StringEquals: { 'aws:sourceaccount': '111111111111' },
        Bool: { 'lambda:InvokedViaFunctionUrl': true },
      },
    },
  });
  assert.deepEqual(readPolicy(text, resource), [
    {
      id: 'Statement1',
      principal: '111111111111',
      action: 'lambda:InvokeFunction',
      sourceAccount: '111111111111',
      viaUrl: true,
    },
  ]);
});

test('what is wrong, or not available here, is named', () => {
  const statement = { Sid: 'a', Effect: 'Allow', Principal: '*', Action: 'lambda:InvokeFunction', Resource: resource };
  const policy = (...statements: object[]): object => ({ Version: '2012-10-17', Statement: statements });
  const wrong: [unknown, RegExp][] = [
    ['{', /no JSON/],
    [[], /no object/],
    [{ Statement: [statement] }, /Version/],
    [{ ...policy(statement), Extra: 1 }, /Extra/],
    [policy(statement, statement), /each Sid/],
    [policy({ ...statement, Effect: 'Deny' }), /only Allow/],
    [policy({ ...statement, NotAction: 'lambda:GetFunction' }), /NotAction/],
    [policy({ ...statement, Action: 's3:GetObject' }), /no action of Lambda's/],
    [policy({ ...statement, Action: ['lambda:A', 'lambda:B'] }), /must be one string/],
    [policy({ ...statement, Resource: '*' }), /must be what the policy is put on/],
    [policy({ ...statement, Principal: { AWS: 's3.amazonaws.com' } }), /is nobody/],
    [policy({ ...statement, Principal: { Service: '111111111111' } }), /is nobody/],
    [policy({ ...statement, Principal: { Federated: 'x' } }), /one AWS or Service/],
    [policy({ ...statement, Principal: 'x' }), /is nobody/],
    [policy({ ...statement, Principal: undefined }), /must be one string/],
    [policy({ ...statement, Sid: 'a b' }), /Sid/],
    [policy({ ...statement, Condition: { IpAddress: { 'aws:SourceIp': '::1' } } }), /IpAddress aws:SourceIp/],
    [policy({ ...statement, Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'maybe' } } }), /"maybe"/],
  ];
  for (const [document, message] of wrong) {
    const text = typeof document === 'string' ? document : JSON.stringify(document);
    assert.throws(
      () => readPolicy(text, resource),
      (error: unknown) =>
        error instanceof PlatformError &&
        error.reason === 'InvalidParameterValueException' &&
        message.test(error.message),
      text,
    );
  }
});

test('no text breaks the reader', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        readPolicy(text, resource);
      } catch (error) {
        assert.ok(error instanceof PlatformError);
      }
    }),
  );
});
