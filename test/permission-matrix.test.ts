/**
 * Every operation of every service × what its caller's policies say, through the official SDKs, against the real program.
 * The operations are those of the services' models; what one needs permission for, its refusals tell.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { KMS } from '@aws-sdk/client-kms';
import { STS } from '@aws-sdk/client-sts';
import { linkModel, type Operation } from '../src/aws/protocol/shape.ts';
import { awsClient } from './harness/aws-client.ts';
import { matrixServices, type MatrixService } from './harness/matrix-services.ts';
import { minimalInput } from './harness/minimal-input.ts';
import { plantIdentities } from './harness/plant-identities.ts';
import { startMayfly, type StartedMayfly } from './harness/start-mayfly.ts';

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
type Access = { action: string; resource: string };
/** `denied`: undefined where nothing was said of it, as in the answer to a HEAD. */
type Outcome =
  | { kind: 'let'; error?: string }
  | { kind: 'denied'; access: Access | undefined; why: string }
  | { kind: 'not built' };
type Call = (keys: Keys) => Promise<Outcome>;

const account = '000000000000';
const otherAccount = '111111111111';

const statement = (effect: 'Allow' | 'Deny', { action, resource }: Access, condition?: object): object => ({
  Effect: effect,
  Action: action,
  Resource: resource,
  ...(condition !== undefined && { Condition: condition }),
});
const policyOf = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const everything: Access = { action: '*', resource: '*' };
const allowAll = policyOf(statement('Allow', everything));
/** An action that nothing has. */
const allowNothing = policyOf(statement('Allow', { action: 'none:Nothing', resource: '*' }));
const elsewhere = { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } };
const here = { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } };

/** Operations that are not denied to who may nothing, and why not. */
const open: Readonly<Record<string, string>> = {
  'sts.GetCallerIdentity': 'whoever has a key may ask whose it is, as on AWS',
  'sqs.CancelMessageMoveTask': 'which queue is meant stands in a handle that StartMessageMoveTask gives',
  'kms.RetireGrant': 'who may retire a grant stands in the grant',
};
/** Asked of no policy: test/sts.test.ts, test/sts-web-identity.test.ts. One is at a host of its own name, and not built. */
const elsewhereTested = new Set([
  'sts.GetSessionToken',
  'sts.GetFederationToken',
  'sts.AssumeRoleWithWebIdentity',
  'sts.AssumeRoleWithSAML',
  's3.WriteGetObjectResponse',
]);
/** What is answered to a HEAD has no words. */
const silent: Readonly<Record<string, Access>> = {
  's3.HeadBucket': { action: 's3:ListBucket', resource: 'arn:aws:s3:::matrix' },
  's3.HeadObject': { action: 's3:GetObject', resource: 'arn:aws:s3:::matrix/matrix' },
};
/** More than any operation needs. */
const accessesMax = 10;
/** Calls of one service under way at once. */
const atOnce = 6;

const folder = await mkdtemp(join(tmpdir(), 'mayfly-matrix-'));
let mayfly: StartedMayfly;
let sts: STS;
let users: Readonly<Record<string, Keys>>;
let wide: Keys;
let nobody: Keys;
let services: readonly MatrixService[];

before(async () => {
  const trust = policyOf({ Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' });
  users = await plantIdentities(folder, {
    allowed: { account, policy: allowAll },
    bounded: { account, policy: allowAll, boundary: allowNothing },
    wide: { account, policy: allowAll, trust },
    powerless: { account, trust },
    'matrix-to-assume': { account, trust },
    stranger: { account: otherAccount, policy: allowAll },
    'powerless-stranger': { account: otherAccount },
  });
  mayfly = await startMayfly({ data: folder });
  const settings = awsClient(mayfly);
  sts = new STS(settings);
  nobody = await sessionOf('powerless');
  wide = await narrowedTo(allowNothing);
  const kms = new KMS(settings);
  const key = (await kms.createKey({})).KeyMetadata?.KeyId ?? '';
  const { CiphertextBlob: ciphertext = new Uint8Array() } = await kms.encrypt({
    KeyId: key,
    Plaintext: Buffer.from('x'),
  });
  services = matrixServices({ api: mayfly.api, account, key, ciphertext });
});
after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

type Answered = {
  Credentials?:
    | { AccessKeyId?: string | undefined; SecretAccessKey?: string | undefined; SessionToken?: string | undefined }
    | undefined;
};
const keysOf = ({ Credentials: keys }: Answered): Keys => ({
  accessKeyId: keys?.AccessKeyId ?? '',
  secretAccessKey: keys?.SecretAccessKey ?? '',
  sessionToken: keys?.SessionToken ?? '',
});

const sessionOf = async (role: string, Policy?: string): Promise<Keys> =>
  keysOf(
    await sts.assumeRole({
      RoleArn: `arn:aws:iam::${account}:role/${role}`,
      RoleSessionName: 'matrix',
      ...(Policy !== undefined && { Policy }),
    }),
  );
/** Somebody who may what the policy says: a session of a role that may everything. */
const narrowedTo = (policy: string): Promise<Keys> => sessionOf('wide', policy);

type Client = { send(command: object): Promise<object>; destroy(): void };
type ClientClass = new (settings: object) => Client;
type CommandClass = new (input: object) => object;

/** One client for many callers, one after the other: credentials that are about to end are asked for with each call. */
function clientOf({ module }: MatrixService): { client: Client; as(keys: Keys): Client } {
  const found = Object.entries(module).find(([key]) => key.endsWith('Client') && !key.startsWith('__'));
  const ClientOf = found?.[1] as ClientClass;
  let keys: Keys = nobody;
  const credentials = (): Promise<object> => Promise.resolve({ ...keys, expiration: new Date(Date.now() + 1_000) });
  const client = new ClientOf({ ...awsClient(mayfly), credentials, forcePathStyle: true });
  return { client, as: (next) => ((keys = next), client) };
}

function inputOf({ model, known, wanted }: MatrixService, operation: Operation): object | undefined {
  // A second address of another operation is no operation of its own.
  if (model.operations[operation.name]?.isOf !== undefined) return undefined;
  return minimalInput(operation.input, known, wanted?.[operation.name]);
}

function outcomeOf(error: unknown, name: string): Outcome {
  assert.ok(error instanceof Error && '$metadata' in error, `${name}: ${String(error)}`);
  const { httpStatusCode } = error.$metadata as { httpStatusCode?: number };
  if (error.message.endsWith(' is not built.')) return { kind: 'not built' };
  const isSilent = name in silent && httpStatusCode === 403;
  if (!isSilent && !/^(AccessDenied|AuthorizationError|NotAuthorized)/.test(error.name))
    return { kind: 'let', error: error.name };
  const [, action, resource, why = ''] = /perform: (\S+) on resource: "?([^"\s]+)"?(.*)/.exec(error.message) ?? [];
  const access = action === undefined || resource === undefined ? silent[name] : { action, resource };
  return { kind: 'denied', access, why };
}

/** What an operation needs, found by allowing what it was refused for until nothing is. */
async function needsOf(call: Call, name: string): Promise<readonly Access[]> {
  const needs: Access[] = [];
  let keys = nobody;
  while (needs.length < accessesMax) {
    const outcome = await call(keys);
    if (outcome.kind !== 'denied') break;
    assert.ok(outcome.access !== undefined, `${name} is denied without a word`);
    needs.push(outcome.access);
    keys = await narrowedTo(policyOf(...needs.map((access) => statement('Allow', access))));
  }
  assert.ok(needs.length < accessesMax, `${name} is denied whatever is allowed: ${JSON.stringify(needs)}`);
  return needs;
}

/** That something is not there, or that other accounts' things are none that could be named, is all that he is told. */
const isKeptOut = (outcome: Outcome): boolean =>
  outcome.kind === 'denied' ||
  (outcome.kind === 'let' && /NotFound|DoesNotExist|NonExistent|InvalidParameter/.test(outcome.error ?? ''));

async function checkOperation(call: Call, name: string): Promise<'not built' | 'open' | 'checked'> {
  const first = await call(nobody);
  if (name in open) {
    assert.equal(first.kind, 'let', `${name} was said not to be denied: ${open[name]}`);
    return 'open';
  }
  if (first.kind === 'not built') return 'not built';
  assert.equal(first.kind, 'denied', `${name} is let to who may nothing`);
  const needs = await needsOf(call, name);
  const last = needs.at(-1) ?? everything;

  const allow = (condition?: object): readonly object[] => needs.map((access) => statement('Allow', access, condition));
  const cases: Record<string, Keys> = {
    'with an explicit deny': await narrowedTo(
      policyOf(statement('Allow', everything), statement('Deny', { ...last, resource: '*' })),
    ),
    'with a condition that is false': await narrowedTo(policyOf(...allow(elsewhere))),
    'beyond the boundary': users['bounded'] ?? nobody,
    'beyond the session’s policy': wide,
  };
  if (needs.some(({ resource }) => resource !== '*'))
    cases['for another resource'] = await narrowedTo(
      policyOf(
        ...needs.map(({ action, resource }) =>
          statement('Allow', { action, resource: resource === '*' ? '*' : 'arn:aws:other:::thing' }),
        ),
      ),
    );
  for (const [what, keys] of Object.entries(cases)) {
    const outcome = await call(keys);
    assert.equal(outcome.kind, 'denied', `${name} is let ${what}`);
    if (outcome.kind === 'denied' && !(name in silent) && what === 'with an explicit deny')
      assert.match(outcome.why, /explicit deny/, name);
  }

  const powerless = await call(users['powerless-stranger'] ?? nobody);
  assert.ok(isKeptOut(powerless), `${name} is let to a stranger who may nothing: ${JSON.stringify(powerless)}`);
  const stranger = await call(users['stranger'] ?? nobody);
  const isOurs = powerless.kind !== 'denied' || powerless.access?.resource.includes(`:${account}:`) === true;
  if (isOurs)
    assert.ok(isKeptOut(stranger), `${name} is let to another account: ${JSON.stringify([powerless, stranger])}`);

  for (const keys of [await narrowedTo(policyOf(...allow(here))), users['allowed'] ?? nobody])
    assert.equal((await call(keys)).kind, 'let', `${name} is denied though it is allowed`);
  return 'checked';
}

/** As before there is anything. */
const named = matrixServices({ api: '', account, key: '', ciphertext: new Uint8Array() });

test('every service that has a model is in the matrix', async () => {
  const models = (await readdir(join(import.meta.dirname, '../src/aws/model'))).map((file) => file.replace('.ts', ''));
  assert.deepEqual(named.map(({ name }) => name).toSorted(), models.toSorted());
});

describe('each operation is denied without a permission, and let with it', () => {
  for (const { name: serviceName } of named) {
    test(serviceName, async (context) => {
      const service = services.find(({ name }) => name === serviceName);
      assert.ok(service !== undefined);
      const operations = linkModel(service.model).operations.values();
      const checked: string[] = [];
      const work = async (): Promise<void> => {
        const { client, as } = clientOf(service);
        for (const operation of operations) {
          const name = `${service.name}.${operation.name}`;
          const input = inputOf(service, operation);
          const CommandOf = Object.entries(service.module).find(([key]) => key === `${operation.name}Command`)?.[1] as
            | CommandClass
            | undefined;
          if (input === undefined || CommandOf === undefined || elsewhereTested.has(name)) continue;
          const call: Call = (keys) =>
            as(keys)
              .send(new CommandOf(input))
              .then(
                () => ({ kind: 'let' }),
                (error: unknown) => outcomeOf(error, name),
              );
          if ((await checkOperation(call, name)) === 'checked') checked.push(name);
        }
        client.destroy();
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      context.diagnostic(`${service.name}: ${checked.length} operations checked`);
      assert.ok(checked.length > 0);
    });
  }
});
