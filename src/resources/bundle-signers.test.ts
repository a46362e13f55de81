import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { PlatformError } from '../util/errors.ts';
import type { AccountId, BundleHash } from '../util/ids.ts';
import { BundleSigners, signBundle } from './bundle-signers.ts';

const account = '000000000000' as AccountId;
const other = '111111111111' as AccountId;
const code = 'a'.repeat(64) as BundleHash;
const elsewhere = 'b'.repeat(64) as BundleHash;
const pairs = [
  generateKeyPairSync('ed25519'),
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  generateKeyPairSync('ec', { namedCurve: 'P-384' }),
];
const pemOf = ({ publicKey }: (typeof pairs)[number]): string =>
  publicKey.export({ type: 'spki', format: 'pem' }).toString();
const refused = (error: unknown): boolean =>
  error instanceof PlatformError && error.code === 'permission_denied' && error.message.includes("function 'hello'");

test('a signature by any of the keys is accepted, over this code alone, also after a start; nothing else is', async () => {
  const { records } = openMemoryStore({ clock: new FakeClock() });
  const signers = await BundleSigners.open({ records });
  const isRefused = (signature: string | undefined, has: BundleHash[] = []): void =>
    assert.throws(() => again.require(account, 'hello', [code], { signature, has }), refused);
  signers.require(account, 'hello', [code], { signature: undefined, has: [] });
  await signers.put(account, pairs.slice(0, 2).map(pemOf));
  const again = await BundleSigners.open({ records });
  assert.deepEqual(
    again.list(account).map(({ kind }) => kind),
    ['Ed25519', 'ECDSA P-256'],
  );
  for (const { privateKey } of pairs.slice(0, 2)) {
    again.require(account, 'hello', [code], { signature: signBundle(code, privateKey), has: [] });
    isRefused(signBundle(elsewhere, privateKey));
  }
  for (const { privateKey } of pairs.slice(2)) isRefused(signBundle(code, privateKey));
  for (const bad of [undefined, '', 'AAAA', 'A'.repeat(10_000)]) isRefused(bad);
  again.require(account, 'hello', [code], { signature: undefined, has: [code] });
  assert.throws(
    () => again.require(account, 'hello', [code, elsewhere], { signature: undefined, has: [code] }),
    refused,
  );
  again.require(other, 'hello', [code], { signature: undefined, has: [] });
  await again.put(account, []);
  again.require(account, 'hello', [code], { signature: undefined, has: [] });
});

test('what is no public key for signatures is refused', async () => {
  const { records } = openMemoryStore({ clock: new FakeClock() });
  const signers = await BundleSigners.open({ records });
  const privatePem = pairs[0]?.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() ?? '';
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });
  for (const pem of ['', 'key', privatePem, rsa.toString()])
    await assert.rejects(signers.put(account, [pem]), { code: 'invalid_argument' });
  await assert.rejects(
    signers.put(
      account,
      Array.from({ length: 21 }, () => pemOf(pairs[0] ?? assert.fail())),
    ),
    {
      code: 'invalid_argument',
    },
  );
});
