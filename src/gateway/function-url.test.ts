import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthenticate, type Authenticate } from '../identity/authenticate.ts';
import { createTemporaryCredentials } from '../identity/temporary-credentials.ts';
import type { Principal } from '../identity/principal.ts';
import { createResourcePolicyReader } from '../identity/resource-policy.ts';
import { signRequest } from '../identity/sign.ts';
import { createStandings } from '../identity/standing.ts';
import {
  noExtras,
  publicUrlStatements,
  type FunctionRecord,
  type PolicyStatement,
  type ResourceStatement,
} from '../registry/function.ts';
import { systemClock } from '../util/clock.ts';
import type { HttpRequest } from '../util/http.ts';
import { functionArn, randomIds, type AccountId, type EnvironmentId } from '../util/ids.ts';
import { enterSigned, isPublic, type FoundUrl, type UrlEntry, type UrlGateOptions } from './function-url.ts';

const account = '000000000000' as AccountId;
const region = 'us-east-1';
const administrator = { accessKeyId: 'AKIAADMINISTRATOR123', secretAccessKey: 'secret' };

function found(
  statements: readonly ResourceStatement[],
  auth: 'none' | 'iam' = 'iam',
  qualifier = '$LATEST',
): FoundUrl {
  const record = {
    account,
    arn: functionArn(region, account, 'called'),
    extras: { ...noExtras, policies: { [qualifier]: statements } },
  };
  return {
    function: record as unknown as FunctionRecord,
    qualifier,
    url: { urlId: 'abc', auth, streams: false, createdMs: 0, modifiedMs: 0 },
  };
}

function request(body: string, options: { service?: string; headers?: Record<string, string> } = {}): HttpRequest {
  const host = 'abc.lambda-url.us-east-1.localhost:8080';
  const outgoing = { method: 'POST', path: '/x', query: 'a=1', headers: { host }, body };
  const headers = {
    ...signRequest(outgoing, administrator, { region, service: options.service ?? 'lambda', nowMs: Date.now() }),
    ...options.headers,
  };
  return { ...outgoing, headers, rawHeaders: Object.entries(headers).flat() } as unknown as HttpRequest;
}

const documentOf = createResourcePolicyReader();
const authenticate = createAuthenticate({
  mode: 'serve',
  administrator,
  sessions: createTemporaryCredentials(Buffer.alloc(32, 7), randomIds),
  account,
  clock: systemClock,
});

const enter = (sent: HttpRequest, body: string, statements: readonly ResourceStatement[] = []): Promise<UrlEntry> =>
  enterSigned(
    { authenticate, standingOf: createStandings({ grantsOf: () => undefined }), documentOf, region },
    found(statements),
    sent,
    Buffer.from(body),
  );

/** The error's type in AWS's header; undefined: let in. */
const refusal = async (entry: Promise<UrlEntry>): Promise<unknown> => {
  const entered = await entry;
  return entered.status === 'refused' ? entered.response.headers['x-amzn-errortype'] : undefined;
};

test('the administrator’s signature is let in, and nothing about the request may differ from what it covers', async () => {
  assert.equal(await refusal(enter(request('body'), 'body')), undefined);
  assert.equal(await refusal(enter(request('body'), 'another')), 'InvalidSignatureException');
  const withoutHash = request('body');
  assert.equal(
    await refusal(enter({ ...withoutHash, path: '/y' } as HttpRequest, 'body')),
    'InvalidSignatureException',
  );
  assert.equal(
    await refusal(enter({ ...withoutHash, query: 'a=2' } as HttpRequest, 'body')),
    'InvalidSignatureException',
  );
  assert.equal(await refusal(enter(request('body', { service: 's3' }), 'body')), 'InvalidSignatureException');
  assert.equal(
    await refusal(enter({ ...request('body'), headers: {}, rawHeaders: [] } as unknown as HttpRequest, 'body')),
    'AccessDeniedException',
  );
});

test('a policy that lets everybody in without a signature lets nobody in who has a wrong one', async () => {
  assert.equal(await refusal(enter(request('body'), 'another', publicUrlStatements)), 'InvalidSignatureException');
});

const caller = {
  kind: 'function',
  account,
  arn: `arn:aws:sts::${account}:assumed-role/caller/environment`,
  accessKeyId: 'ASIA',
  functionArn: functionArn(region, account, 'caller'),
  functionName: 'caller',
  environmentId: 'environment' as EnvironmentId,
} as const satisfies Principal;

test('a function needs both actions, by its own permissions or by the policy, and is kept out by a denial', async () => {
  const known: Authenticate = () => Promise.resolve({ principal: caller, chunkSigning: undefined });
  const enterAs = (permissions: PolicyStatement[], statements: ResourceStatement[] = []): Promise<UrlEntry> =>
    enterSigned(
      { authenticate: known, standingOf: createStandings({ grantsOf: () => ({ permissions }) }), documentOf, region },
      found(statements),
      { headers: {} } as HttpRequest,
      Buffer.alloc(0),
    );
  const allow = (...actions: string[]): PolicyStatement => ({
    effect: 'allow',
    actions,
    resources: [functionArn(region, account, 'called')],
  });
  const role = { principal: `arn:aws:iam::${account}:role/caller` };
  const byPolicy: ResourceStatement[] = [
    { id: 'url', ...role, action: 'lambda:InvokeFunctionUrl', functionUrlAuth: 'iam' },
    { id: 'invoke', ...role, action: 'lambda:InvokeFunction', viaUrl: true },
  ];
  assert.equal(await refusal(enterAs([])), 'AccessDeniedException');
  assert.equal(await refusal(enterAs([allow('lambda:InvokeFunctionUrl')])), 'AccessDeniedException');
  assert.equal(await refusal(enterAs([allow('lambda:InvokeFunctionUrl', 'lambda:InvokeFunction')])), undefined);
  assert.equal(await refusal(enterAs([], byPolicy)), undefined);
  assert.equal(await refusal(enterAs([allow('lambda:InvokeFunction')], byPolicy.slice(0, 1))), undefined);
  const deny: PolicyStatement = { effect: 'deny', actions: ['lambda:*'], resources: ['*'] };
  assert.equal(await refusal(enterAs([deny], byPolicy)), 'AccessDeniedException');
});

test('a URL is public by the policy of what it calls, for its own kind of authorisation', () => {
  assert.equal(isPublic({ documentOf }, found(publicUrlStatements, 'none')), true);
  assert.equal(isPublic({ documentOf }, found(publicUrlStatements, 'none', 'prod')), true);
  assert.equal(
    isPublic({ documentOf }, { ...found(publicUrlStatements, 'none', 'prod'), qualifier: '$LATEST' }),
    false,
  );
  assert.equal(isPublic({ documentOf }, found(publicUrlStatements.slice(0, 1), 'none')), false);
  assert.equal(isPublic({ documentOf }, found(publicUrlStatements.slice(1), 'none')), false);
  assert.equal(isPublic({ documentOf }, found(publicUrlStatements, 'iam')), false);
});

test('whoever is refused is told of: who is known by name, and who is not believed without one', async () => {
  const told: [arn: string | undefined, resource: string, code: string][] = [];
  const refused: UrlGateOptions['refused'] = async ({ principal, resource, error }) =>
    void told.push([principal?.arn, resource, error.code]);
  const standingOf = createStandings({ grantsOf: () => undefined });
  const known: Authenticate = () => Promise.resolve({ principal: caller, chunkSigning: undefined });
  const url = found([]);
  const ask = (who: Authenticate, body: string): Promise<UrlEntry> =>
    enterSigned(
      { authenticate: who, standingOf, documentOf, region, refused },
      url,
      request('body'),
      Buffer.from(body),
    );
  await ask(known, 'body');
  await ask(authenticate, 'another');
  assert.deepEqual(told, [
    [caller.arn, url.function.arn, 'permission_denied'],
    [undefined, url.function.arn, 'unauthenticated'],
  ]);
});
