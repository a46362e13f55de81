/** The master key in the real program: one that is not the folder's, one that is replaced while requests are served, and kill -9 in the middle of that. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { awsClient } from '../harness/aws-client.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../../bin/mayfly');
const endsMs = 60_000;

async function folderFor(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-master-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Of whoever has the folder, not of what is kept in it: a start has it before it looks at the key. */
const ofHolder = /^(?:run|mayfly\.(?:lock|pid))/;

/** What there is, with sizes and times of change. */
async function lookOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => !ofHolder.test(name));
  return Promise.all(
    names.toSorted().map(async (name) => {
      const { size, mtimeMs } = await stat(join(folder, name));
      return `${name} ${size} ${mtimeMs}`;
    }),
  );
}

test('another master key is refused at the start, in a sentence, and changes nothing', async (context) => {
  const folder = await folderFor(context);
  const [mine, other] = ['mine', 'other'].map((name) => join(folder, name)) as [string, string];
  for (const file of [mine, other]) await writeFile(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  const flags = ['--master-key-file', mine];
  await using mayfly = await startMayfly({ flags });
  const doctor = (await mayfly
    .json('doctor')
    .catch((error: { stdout: string }) => JSON.parse(error.stdout) as unknown)) as {
    capabilities: { name: string; status: string; finding: string }[];
  };
  const told = doctor.capabilities.find(({ name }) => name === 'master key');
  assert.equal(told?.status, 'ok');
  assert.ok(told?.finding.endsWith(`from ${mine}`));
  assert.ok(!(await readdir(mayfly.data)).includes('master.key'));
  await mayfly.killed();

  const before = await lookOf(mayfly.data);
  const ports = ['--api-port', '0', '--http-port', '0'];
  for (const [more, message] of [
    [['--master-key-file', other], /gives the master key \w{16}, but .* is sealed with \w{16}: nothing was changed/],
    [['--master-key-command', 'echo; exit 3'], /ended with 3/],
    [[], /master\.key is missing/],
  ] as const) {
    const ended = await run(program, ['serve', '--data', mayfly.data, ...ports, ...more], { timeout: endsMs }).then(
      () => assert.fail('it started'),
      (error: { code: number; stderr: string }) => error,
    );
    assert.equal(ended.code, 1, ended.stderr);
    assert.match(ended.stderr, message);
  }
  assert.deepEqual(await lookOf(mayfly.data), before);
  const again = await startMayfly({ flags: ['--master-key-command', `cat ${mine}`], data: mayfly.data });
  await again.killed();
});

/** Secrets that are there all along, and one that changes. */
class Kept {
  readonly values = new Map<string, string>();
  #ciphertext: Uint8Array | undefined;

  async make(mayfly: StartedMayfly, count: number): Promise<void> {
    const { secrets, kms } = clients(mayfly);
    for (let at = 0; at < count; at++) {
      const [Name, SecretString] = [`s/${at}`, randomBytes(20).toString('hex')];
      await secrets.send(new CreateSecretCommand({ Name, SecretString }));
      this.values.set(Name, SecretString);
    }
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const Plaintext = Buffer.from('kept');
    this.#ciphertext = (await kms.send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext }))).CiphertextBlob;
  }

  async check(mayfly: StartedMayfly): Promise<void> {
    const { secrets, kms } = clients(mayfly);
    const names = [...this.values.keys()];
    for (let at = 0; at < names.length; at += 20) {
      const { SecretValues = [] } = await secrets.send(
        new BatchGetSecretValueCommand({ SecretIdList: names.slice(at, at + 20) }),
      );
      for (const { Name = '', SecretString } of SecretValues) assert.equal(SecretString, this.values.get(Name), Name);
      assert.equal(SecretValues.length, Math.min(20, names.length - at));
    }
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: this.#ciphertext }));
    assert.equal(Buffer.from(Plaintext ?? '').toString(), 'kept');
  }
}

const clients = (mayfly: StartedMayfly) => ({
  secrets: new SecretsManagerClient(awsClient(mayfly)),
  kms: new KMSClient(awsClient(mayfly)),
});

test('whenever a rotation is ended by kill -9, the next start reads everything, and nothing stays half done', async () => {
  let mayfly = await startMayfly();
  try {
    const kept = new Kept();
    await kept.make(mayfly, 40);
    for (const delayMs of [0, 5, 20]) {
      const keys = await readFile(join(mayfly.data, 'keyring'), 'utf8');
      const rotation = mayfly.json('keys', 'rotate').catch(() => undefined);
      // From the moment that the keyring is written anew, somewhere in what follows.
      while ((await readFile(join(mayfly.data, 'keyring'), 'utf8')) === keys)
        await new Promise((resolve) => setTimeout(resolve, 1));
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      mayfly = await mayfly.killAndRestart();
      await rotation;
      await kept.check(mayfly);
      const { roots, retiring } = (await mayfly.json('keys')) as { roots: number; retiring?: string };
      assert.deepEqual([roots, retiring], [1, undefined], `after ${delayMs} ms`);
      assert.ok(!(await readdir(mayfly.data)).includes('master.key.new'));
    }
  } finally {
    await mayfly[Symbol.asyncDispose]();
  }
});

test('requests are served all through a rotation, and what is written meanwhile is there after it', async () => {
  let mayfly = await startMayfly();
  try {
    const kept = new Kept();
    await kept.make(mayfly, 20);
    const { secrets } = clients(mayfly);
    let isOver = false;
    const writing = (async () => {
      for (let at = 0; !isOver; at++) {
        const [SecretId, SecretString] = [`s/${at % 20}`, `changed ${at}`];
        await secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
        kept.values.set(SecretId, SecretString);
      }
    })();
    const reading = (async () => {
      const { kms } = clients(mayfly);
      while (!isOver) await kms.send(new CreateKeyCommand({ Description: 'meanwhile' }));
    })();
    const { Credentials } = await new STSClient(awsClient(mayfly)).send(new GetSessionTokenCommand({}));
    for (let times = 0; times < 2; times++) await mayfly.json('keys', 'rotate');
    isOver = true;
    await Promise.all([writing, reading]);
    mayfly = await mayfly.killAndRestart();
    await kept.check(mayfly);
    // A session of before goes on until it ends.
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    const asked = new STSClient({ ...awsClient(mayfly), credentials }).send(new GetCallerIdentityCommand({}));
    assert.equal((await asked).Account, '000000000000');
  } finally {
    await mayfly[Symbol.asyncDispose]();
  }
});

test('a rotation that ends sessions leaves none of before that is good, neither at once nor after kill -9', async () => {
  let mayfly = await startMayfly();
  try {
    const { Credentials } = await new STSClient(awsClient(mayfly)).send(new GetSessionTokenCommand({}));
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    const asked = () => new STSClient({ ...awsClient(mayfly), credentials }).send(new GetCallerIdentityCommand({}));
    assert.equal((await asked()).Account, '000000000000');
    await mayfly.json('keys', 'rotate');
    assert.equal((await asked()).Account, '000000000000');
    await mayfly.json('keys', 'rotate', '--end-sessions');
    await assert.rejects(asked(), { name: 'InvalidClientTokenId' });
    const { Credentials: next } = await new STSClient(awsClient(mayfly)).send(new GetSessionTokenCommand({}));
    assert.ok(next?.SessionToken);
    mayfly = await mayfly.killAndRestart();
    await assert.rejects(asked(), { name: 'InvalidClientTokenId' });
    const again = {
      accessKeyId: next.AccessKeyId ?? '',
      secretAccessKey: next.SecretAccessKey ?? '',
      sessionToken: next.SessionToken,
    };
    const { Account } = await new STSClient({ ...awsClient(mayfly), credentials: again }).send(
      new GetCallerIdentityCommand({}),
    );
    assert.equal(Account, '000000000000');
  } finally {
    await mayfly[Symbol.asyncDispose]();
  }
});
