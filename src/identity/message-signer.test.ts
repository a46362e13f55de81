import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes, verify, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { systemClock } from '../util/clock.ts';
import { randomIds } from '../util/ids.ts';
import { createSealer } from '../util/sealer.ts';
import { createMessageSigner } from './message-signer.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';

const sealer = createSealer([randomBytes(32)], randomIds);

function partsIn(data: string) {
  const { records } = openMemoryStore({ clock: systemClock });
  return { records, sealer, folder: data, ids: randomIds, clock: systemClock };
}

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'signer-'));
  t.after(() => rm(made, { recursive: true, force: true }));
  return made;
}

test('what is signed is checked with the certificate, which a restart keeps', async (t) => {
  const data = await folder(t);
  const parts = partsIn(data);
  const signer = createMessageSigner(parts);
  const { pem, id } = await signer.certificate();
  const certificate = new X509Certificate(pem);
  for (const hash of ['sha1', 'sha256'] as const) {
    const signature = Buffer.from(await signer.sign('text', hash), 'base64');
    assert.ok(verify(hash, Buffer.from('text'), certificate.publicKey, signature));
    assert.ok(!verify(hash, Buffer.from('other'), certificate.publicKey, signature));
  }
  assert.ok(certificate.verify(certificate.publicKey), 'it has signed itself');
  assert.equal(certificate.subject, 'CN=Mayfly messages');
  assert.ok(certificate.validToDate > new Date() && certificate.validFromDate <= new Date());
  assert.equal((await createMessageSigner(parts).certificate()).id, id);
  const kept = JSON.stringify(await parts.records.range({ prefix: '', limit: 10 }));
  assert.ok(kept.includes('CERTIFICATE') && !kept.includes('PRIVATE'));
});

test('of many that make a key at once, all have the same', async (t) => {
  const parts = partsIn(await folder(t));
  const all = await Promise.all([1, 2, 3].map(() => createMessageSigner(parts).certificate()));
  assert.equal(new Set(all.map(({ id }) => id)).size, 1);
});

test('a key from a file of before is kept on, sealed, and the file goes', async (t) => {
  const data = await folder(t);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const names = { commonName: 'old', serialHex: '4001', fromMs: 0, untilMs: Date.UTC(2049, 1, 1) };
  const certificate = selfSignedCertificate(privateKey, names);
  const file = path.join(data, 'message-signing.pem');
  await writeFile(file, `${privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()}${certificate}`, {
    mode: 0o600,
  });
  const { pem } = await createMessageSigner(partsIn(data)).certificate();
  assert.equal(new X509Certificate(pem).subject, 'CN=old');
  await assert.rejects(stat(file), { code: 'ENOENT' });
});

test('OpenSSL takes the certificate for one', async (t) => {
  const data = await folder(t);
  const { pem } = await createMessageSigner(partsIn(data)).certificate();
  const file = path.join(data, 'certificate.pem');
  await writeFile(file, pem);
  try {
    const { stdout } = await promisify(execFile)('openssl', ['verify', '-CAfile', file, file]);
    assert.match(stdout, /: OK/);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    t.skip('there is no openssl here');
  }
});
