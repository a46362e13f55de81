import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { verify, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { systemClock } from '../util/clock.ts';
import { randomIds } from '../util/ids.ts';
import { createMessageSigner } from './message-signer.ts';

const parts = { ids: randomIds, clock: systemClock };

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'signer-'));
  t.after(() => rm(made, { recursive: true, force: true }));
  return made;
}

test('what is signed is checked with the certificate, which a restart keeps', async (t) => {
  const data = await folder(t);
  const signer = createMessageSigner(data, parts);
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
  assert.equal((await stat(path.join(data, 'message-signing.pem'))).mode & 0o777, 0o600);
  assert.equal((await createMessageSigner(data, parts).certificate()).id, id);
});

test('OpenSSL takes the certificate for one', async (t) => {
  const data = await folder(t);
  const { pem } = await createMessageSigner(data, parts).certificate();
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
