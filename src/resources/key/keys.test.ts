import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import { randomIds, type AccountId } from '../../util/ids.ts';
import { createSealer } from '../../util/sealer.ts';
import { Keys, type NewKey } from './keys.ts';
import { defaultKeyPolicy } from './managed-key-policy.ts';
import { decrypt, encrypt, keyOfCiphertext } from './symmetric.ts';

const account = '000000000000' as AccountId;
const region = 'us-east-1';
const ids = randomIds;
const symmetric: NewKey = {
  spec: 'SYMMETRIC_DEFAULT',
  usage: 'ENCRYPT_DECRYPT',
  description: '',
  policy: defaultKeyPolicy(account),
  tags: {},
};

async function openKeys() {
  const clock = new FakeClock(1_000);
  const store = openMemoryStore({ clock });
  const parts = { records: store.records, clock, ids, region, sealer: createSealer([randomBytes(32)], ids) };
  return { clock, records: store.records, keys: await Keys.open(parts), again: () => Keys.open(parts) };
}

test('what is encrypted decrypts with the same context, in whichever order, and with no other', async () => {
  const { keys } = await openKeys();
  const key = await keys.create(account, symmetric);
  const pairs = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 4 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), pairs, pairs, (plain, context, other) => {
      const ciphertext = encrypt(keys, key, plain, context, ids);
      const turned = Object.fromEntries(Object.entries(context).toReversed());
      assert.deepEqual(new Uint8Array(decrypt(keys, ciphertext, turned).plain), plain);
      if (!isDeepStrictEqual({ ...other }, { ...context }))
        assert.throws(() => decrypt(keys, ciphertext, other), { reason: 'InvalidCiphertextException' });
    }),
  );
});

test('a ciphertext in which any bit is another decrypts with nothing', async () => {
  const { keys } = await openKeys();
  const key = await keys.create(account, symmetric);
  const ciphertext = encrypt(keys, key, Buffer.from('plain'), { a: 'b' }, ids);
  for (let at = 0; at < ciphertext.length; at++) {
    const changed = Buffer.from(ciphertext);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    assert.throws(() => decrypt(keys, changed, { a: 'b' }), { reason: 'InvalidCiphertextException' }, `byte ${at}`);
    assert.throws(() => decrypt(keys, ciphertext.subarray(0, at), {}), { reason: 'InvalidCiphertextException' });
  }
});

test('after a rotation the new material encrypts, the old one still decrypts, and a restart changes nothing', async () => {
  const { keys, again } = await openKeys();
  const key = await keys.create(account, symmetric);
  const before = encrypt(keys, key, Buffer.from('before'), {}, ids);
  const rotated = await keys.rotate(key.id, 'on_demand');
  const after = encrypt(keys, rotated, Buffer.from('after'), {}, ids);
  for (const opened of [keys, await again()]) {
    assert.equal(decrypt(opened, before, {}).plain.toString(), 'before');
    assert.equal(decrypt(opened, before, {}).materialId, key.materials[0]?.id);
    assert.equal(decrypt(opened, after, {}).plain.toString(), 'after');
    assert.equal(decrypt(opened, after, {}).materialId, rotated.materials[1]?.id);
    assert.equal(keyOfCiphertext(opened, after).id, key.id);
  }
});

test('no material is on disk in the clear', async () => {
  const { keys, records } = await openKeys();
  const key = await keys.create(account, symmetric);
  const { bytes } = keys.material(key);
  const kept = JSON.stringify(await records.range({ prefix: '', limit: 1_000 }));
  for (const shape of [bytes.toString('base64'), bytes.toString('hex'), bytes.toString('base64url')])
    assert.ok(!kept.includes(shape));
});

test('a key that is disabled or about to go is of no use, and comes back', async () => {
  const { keys, clock } = await openKeys();
  const { id } = await keys.create(account, symmetric);
  const ciphertext = encrypt(keys, keys.need(account, id), Buffer.from('x'), {}, ids);
  const disabled = await keys.update(id, () => ({ state: { kind: 'disabled' } }));
  assert.throws(() => encrypt(keys, disabled, Buffer.from('x'), {}, ids), { reason: 'DisabledException' });
  assert.throws(() => decrypt(keys, ciphertext, {}), { reason: 'DisabledException' });
  await keys.update(id, () => ({ state: { kind: 'pending_deletion', atMs: clock.now() + 5, days: 7 } }));
  assert.throws(() => decrypt(keys, ciphertext, {}), { reason: 'KMSInvalidStateException' });
  await keys.remove(id);
  assert.equal(keys.need(account, id).id, id, 'not before its time');
  await keys.update(id, () => ({ state: { kind: 'enabled' } }));
  assert.equal(decrypt(keys, ciphertext, {}).plain.toString(), 'x');
});

test('what is removed is gone with its aliases, for good', async () => {
  const { keys, clock, records, again } = await openKeys();
  const key = await keys.create(account, symmetric);
  const ciphertext = encrypt(keys, key, Buffer.from('x'), {}, ids);
  await keys.createAlias(key, 'alias/mine');
  await keys.update(key.id, () => ({ state: { kind: 'pending_deletion', atMs: clock.now(), days: 7 } }));
  await keys.remove(key.id);
  for (const opened of [keys, await again()]) {
    assert.throws(() => opened.need(account, 'alias/mine'), { reason: 'NotFoundException' });
    assert.throws(() => opened.need(account, key.id), { reason: 'NotFoundException' });
    assert.throws(() => decrypt(opened, ciphertext, {}), { reason: 'InvalidCiphertextException' });
  }
  assert.deepEqual(await records.range({ prefix: 'kms-', limit: 10 }), []);
});

test("a service's own key is made once, however many ask at once", async () => {
  const { keys, again } = await openKeys();
  const made = await Promise.all(['s3', 's3', 'sqs', 's3'].map((service) => keys.managed(account, service)));
  assert.equal(new Set(made.map(({ id }) => id)).size, 2);
  assert.equal((await (await again()).managed(account, 's3')).id, made[0]?.id);
  assert.equal(keys.need(account, 'alias/aws/s3').manager, 'AWS');
});

test('a key is found by id, ARN, alias and the ARN of an alias, and of its own account alone', async () => {
  const { keys } = await openKeys();
  const key = await keys.create(account, symmetric);
  await keys.createAlias(key, 'alias/a/b');
  const arn = keys.arnOf(key);
  for (const reference of [key.id, arn, 'alias/a/b', `arn:aws:kms:${region}:${account}:alias/a/b`])
    assert.equal(keys.need(account, reference).id, key.id, reference);
  const other = '111111111111' as AccountId;
  assert.equal(keys.need(other, arn).id, key.id);
  for (const reference of [key.id, 'alias/a/b', arn.replace(account, other), 'nonsense', 'arn:aws:s3:::x', 'alias/c'])
    assert.throws(() => keys.need(other, reference), { reason: 'NotFoundException' }, reference);
  await assert.rejects(keys.createAlias(key, 'alias/a/b'), { reason: 'AlreadyExistsException' });
});
