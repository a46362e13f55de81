import assert from 'node:assert/strict';
import { createHash, sign, verify, constants } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decryptAsymmetric,
  encryptAsymmetric,
  generatePair,
  isSame,
  macOf,
  privateKeyOf,
  publicKeyOf,
  sharedSecret,
  signWith,
  verifyWith,
} from './asymmetric.ts';
import { algorithmsOf, keySpecs, type KeySpec } from './key-specs.ts';

const message = Buffer.from('what is to be signed');

async function pairOf(spec: KeySpec) {
  const pair = await generatePair(spec);
  assert.ok(pair !== undefined, spec);
  return { own: privateKeyOf(pair.privateDer), theirs: publicKeyOf(pair.publicDer), ...pair };
}

const digestOf = (algorithm: string): string => `sha${/(256|384|512)$/.exec(algorithm)?.[1]}`;

test('every key that signs is verified, over a message and over its digest, and by OpenSSL too', async () => {
  const specs = (Object.keys(keySpecs) as KeySpec[]).filter((spec) => !/3072|4096/.test(spec));
  for (const spec of specs) {
    const algorithms = algorithmsOf({ spec, usage: 'SIGN_VERIFY' });
    if (algorithms.length === 0) continue;
    const { own, theirs } = await pairOf(spec);
    for (const algorithm of algorithms) {
      const raw = { message, type: 'RAW' } as const;
      const signature = signWith(own, algorithm, raw);
      assert.ok(verifyWith(theirs, algorithm, raw, signature), algorithm);
      const other = { message: Buffer.from('another'), type: 'RAW' } as const;
      assert.ok(!verifyWith(theirs, algorithm, other, signature), algorithm);
      assert.ok(!verifyWith(theirs, algorithm, raw, Buffer.from('no signature')), algorithm);
      if (/ED25519|ML_DSA/.test(algorithm)) continue;

      const digest = createHash(digestOf(algorithm)).update(message).digest();
      const digested = { message: digest, type: 'DIGEST' } as const;
      const ofDigest = signWith(own, algorithm, digested);
      const padding = /PSS/.test(algorithm)
        ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: digest.length }
        : {};
      assert.ok(verify(digestOf(algorithm), message, { key: theirs, ...padding }, ofDigest), `${spec} ${algorithm}`);
      const fromOutside = sign(digestOf(algorithm), message, { key: own, ...padding });
      assert.ok(verifyWith(theirs, algorithm, digested, fromOutside), `${spec} ${algorithm}`);
      assert.ok(!verifyWith(theirs, algorithm, { ...digested, message: digest.toReversed() }, ofDigest), algorithm);
      assert.ok(!verifyWith(theirs, algorithm, digested, Buffer.alloc(256)), algorithm);
      assert.throws(() => signWith(own, algorithm, { message, type: 'DIGEST' }), /invalid length/);
    }
  }
});

test('what RSA encrypts it decrypts, up to what fits, and nothing that was changed', async () => {
  const { own, theirs } = await pairOf('RSA_2048');
  for (const [algorithm, bytesMax] of [
    ['RSAES_OAEP_SHA_1', 214],
    ['RSAES_OAEP_SHA_256', 190],
  ] as const) {
    for (const bytes of [1, bytesMax]) {
      const plain = Buffer.alloc(bytes, 7);
      const ciphertext = encryptAsymmetric(theirs, algorithm, plain);
      assert.deepEqual(decryptAsymmetric(own, algorithm, ciphertext), plain);
      const changed = Buffer.from(ciphertext);
      changed.writeUInt8(changed.readUInt8(9) ^ 1, 9);
      assert.throws(() => decryptAsymmetric(own, algorithm, changed), { reason: 'InvalidCiphertextException' });
    }
    assert.throws(() => encryptAsymmetric(theirs, algorithm, Buffer.alloc(bytesMax + 1)), /cannot encrypt data larger/);
  }
});

test('two sides come to one secret, and a key of another curve is refused', async () => {
  const [here, there, other] = [
    await pairOf('ECC_NIST_P384'),
    await pairOf('ECC_NIST_P384'),
    await pairOf('ECC_NIST_P256'),
  ];
  assert.deepEqual(sharedSecret(here.own, there.publicDer), sharedSecret(there.own, here.publicDer));
  for (const wrong of [other.publicDer, Buffer.from('none')])
    assert.throws(() => sharedSecret(here.own, wrong), { reason: 'ValidationException' });
});

test('PSS around a digest is verified for any digest and any length of key', async () => {
  const pairs = [await pairOf('RSA_2048'), await pairOf('RSA_3072')];
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 48, maxLength: 48 }), fc.constantFrom(...pairs), (digest, pair) => {
      const digested = { message: digest, type: 'DIGEST' } as const;
      const signature = signWith(pair.own, 'RSASSA_PSS_SHA_384', digested);
      assert.ok(verifyWith(pair.theirs, 'RSASSA_PSS_SHA_384', digested, signature));
    }),
    { numRuns: 20 },
  );
});

test("RFC 4231's keyed digests come out", () => {
  const mac = macOf(Buffer.alloc(20, 0x0b), 'HMAC_SHA_256', Buffer.from('Hi There'));
  const published = 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7';
  assert.equal(mac.toString('hex'), published);
  assert.ok(isSame(mac, Buffer.from(published, 'hex')));
  assert.ok(!isSame(mac, mac.subarray(1)));
});
