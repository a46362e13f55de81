import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAskedKeys, documentsOf } from './asked-keys.ts';
import { parsePolicyDocument } from './policy-document.ts';

const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
const documentOf = (statement: object): ReturnType<typeof parsePolicyDocument> =>
  parsePolicyDocument(JSON.stringify({ Version: '2012-10-17', Statement: { ...allow, ...statement } }), 'identity');
const plain = documentOf({});
const tags = 's3:existingobjecttag/';

test('a key is asked for by a condition, or by a variable of a resource or a value', () => {
  const asks = createAskedKeys();
  assert.equal(asks([plain], tags), false);
  for (const statement of [
    { Condition: { StringEquals: { 's3:ExistingObjectTag/team': 'blue' } } },
    { Condition: { Null: { 'S3:existingobjecttag/Team': 'true' } } },
    { Condition: { StringEquals: { 'aws:PrincipalTag/team': '${s3:ExistingObjectTag/team}' } } },
    { Resource: 'arn:aws:s3:::album/${s3:ExistingObjectTag/team}/*' },
  ])
    assert.equal(asks([plain, documentOf(statement)], tags), true, JSON.stringify(statement));
});

test('the policies of somebody are those of all kinds', () => {
  const [boundary, session, level] = [documentOf({ Sid: 'b' }), documentOf({ Sid: 's' }), documentOf({ Sid: 'l' })];
  const policies = { identity: [plain], boundary, session: [session], organisation: [[level]] };
  assert.deepEqual(documentsOf({ policies }), [plain, boundary, session, level]);
  assert.deepEqual(documentsOf({ policies: { identity: [] } }), []);
});
