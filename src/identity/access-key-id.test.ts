import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccountId, randomIds } from '../util/ids.ts';
import { accountOfAccessKeyId, newAccessKeyId } from './access-key-id.ts';

test('a key says its account, and no two are the same', () => {
  const keys = new Set<string>();
  for (const account of ['000000000000', '123456789012', '999999999999'] as AccountId[]) {
    for (const prefix of ['AKIA', 'ASIA']) {
      const key = newAccessKeyId(prefix, account, randomIds);
      assert.match(key, /^A[KS]IA[A-Z2-7]{16}$/);
      assert.equal(accountOfAccessKeyId(key), account);
      keys.add(key);
    }
  }
  assert.equal(keys.size, 6);
});

/** The key of https://awsteele.com/blog/2020/09/26/aws-access-key-format.html, and the account that AWS says it is of. */
test("AWS's own keys are read the same", () => {
  assert.equal(accountOfAccessKeyId('ASIAQNZGKIQY56JQ7WML'), '029608264753');
});

test('what is no key has no account', () => {
  for (const text of ['', 'AKIA', 'AIDAQNZGKIQY56JQ7WML', 'ASIAQNZGKIQY56JQ7WM1', 'ASIA7777777777777777'])
    assert.equal(accountOfAccessKeyId(text), undefined, text);
});
