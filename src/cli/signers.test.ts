import assert from 'node:assert/strict';
import { generateKeyPairSync, hash, verify } from 'node:crypto';
import { test } from 'node:test';
import type { Deployment } from '../manifest/deployment.ts';
import { CliRig } from './cli-rig.ts';
import type { Signatures } from './sign.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();

test('signers sends public keys, shows whose they are, and takes them away', async () => {
  await using rig = await new CliRig().start();
  rig.write({ 'signing.pub': pem });
  rig.answers.set('PUT signers', (call) => {
    const { publicKeys } = JSON.parse(call.body.toString()) as { publicKeys: string[] };
    return { json: { signers: publicKeys.map((publicKey) => ({ id: 'abc', kind: 'ECDSA P-256', publicKey })) } };
  });
  rig.answers.set('GET signers', { json: { signers: [] } });
  const set = await rig.run(['signers', 'require', 'signing.pub']);
  assert.equal(set.stdout, 'New code needs a signature by one of\n  abc  ECDSA P-256\n');
  assert.deepEqual(JSON.parse(String(rig.calls.at(-1)?.body)), { publicKeys: [pem] });
  assert.equal((await rig.run(['signers', 'off'])).stdout, 'Code needs no signature.\n');
  assert.equal((await rig.run(['signers'])).stdout, 'Code needs no signature.\n');
  assert.equal((await rig.run(['signers', 'require'])).code, 2);
  assert.equal((await rig.run(['signers', 'off', 'signing.pub'])).code, 2);
});

test('deploy --sign signs each function’s code, and refuses what is no key before it sends anything', async () => {
  await using rig = await new CliRig().start();
  rig.write({
    'hello.py': 'def handler(event, context): pass\n',
    '../signing.pem': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  });
  rig.otherwise = ({ method }) => (method === 'HEAD' ? { status: 200 } : undefined);
  rig.answers.set('POST deployments', { json: { application: 'shop', changes: [] } });
  assert.equal((await rig.run(['deploy', 'hello.py', '--sign', 'hello.py'])).code, 1);
  assert.deepEqual(rig.called('POST', 'deployments'), []);
  const { code, stderr } = await rig.run(['deploy', 'hello.py', '--sign', '../signing.pem']);
  assert.equal(code, 0, stderr);
  const [sent] = rig.called('POST', 'deployments');
  const { functions } = JSON.parse(String(sent?.body)) as Deployment;
  assert.ok(functions.every(({ signature }) => signature !== undefined && signature.length > 60));
});

test('sign signs what deploy packs, without a platform, and deploy sends those signatures', async () => {
  await using rig = await new CliRig().start();
  rig.write({
    'hello.py': 'def handler(event, context): pass\n',
    'signing.pem': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'other.zip': 'of another build',
  });
  const signed = await rig.run(['sign', 'hello.py', '--key', 'signing.pem', '--json']);
  assert.equal(signed.code, 0, signed.stderr);
  assert.equal(rig.calls.length, 0);
  const { signatures } = JSON.parse(signed.stdout) as Signatures;
  rig.write({ 'signatures.json': signed.stdout, 'broken.json': '{}' });
  rig.otherwise = ({ method }) => (method === 'HEAD' ? { status: 200 } : undefined);
  rig.answers.set('POST deployments', { json: { application: 'shop', changes: [] } });
  assert.equal((await rig.run(['deploy', 'hello.py', '--signatures', 'broken.json'])).code, 1);
  assert.equal((await rig.run(['deploy', '--signatures', 'signatures.json', '--sign', 'signing.pem'])).code, 2);
  const { code, stderr } = await rig.run(['deploy', 'hello.py', '--signatures', 'signatures.json']);
  assert.equal(code, 0, stderr);
  const { functions } = JSON.parse(String(rig.called('POST', 'deployments').at(-1)?.body)) as Deployment;
  assert.deepEqual(
    functions.map(({ name, settings, signature }) => ({ name, bundle: settings.bundle, signature })),
    signatures,
  );
  for (const { bundle, signature } of signatures)
    assert.ok(verify('sha256', Buffer.from(`mayfly bundle ${bundle}\n`), publicKey, Buffer.from(signature, 'base64')));

  const zip = await rig.run(['sign', 'other.zip', '--key', 'signing.pem', '--json']);
  const [one] = (JSON.parse(zip.stdout) as Signatures).signatures;
  assert.deepEqual([one?.name, one?.bundle], ['other.zip', hash('sha256', 'of another build')]);
  assert.equal((await rig.run(['sign', 'other.zip', 'hello.py', '--key', 'signing.pem'])).code, 2);
  assert.equal((await rig.run(['sign', 'nowhere.zip', '--key', 'signing.pem'])).code, 2);
  assert.equal((await rig.run(['sign', 'hello.py'])).code, 2);
  assert.match((await rig.run(['sign', 'hello.py', '--key', 'hello.py'])).stderr, /--key hello\.py cannot be read/);
});

test('a file of a key that is not there is named', async () => {
  await using rig = await new CliRig().start();
  const { code, stderr } = await rig.run(['signers', 'require', 'nowhere.pub']);
  assert.equal(code, 2);
  assert.match(stderr, /^mayfly: nowhere\.pub cannot be read: ENOENT/);
});
