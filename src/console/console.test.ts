import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { rootOf } from '../identity/signer.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { HttpRequest } from '../util/http.ts';
import type { AccountId } from '../util/ids.ts';
import { createConsoleTokens } from './console-token.ts';
import { createConsole } from './console.ts';

const ask = async (path: string, method = 'GET') => (await createConsole())({ path, method } as HttpRequest);

test('the page is served whole, and only what stands in it may run', async () => {
  const { status, headers, body } = await ask('/_mayfly/console/');
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'text/html; charset=utf-8');
  assert.ok(typeof body === 'string');
  const page = body;
  const policy = String(headers['content-security-policy']);
  for (const tag of ['script', 'style']) {
    const [, content = '', ...more] = page.split(new RegExp(`</?${tag}>`));
    assert.equal(more.length, 1, `one ${tag}`);
    assert.ok(policy.includes(`${tag}-src 'sha256-${createHash('sha256').update(content).digest('base64')}'`));
  }
  assert.ok(policy.startsWith("default-src 'none'"));
  assert.equal(/ (on\w+|style|src)=/.test(page), false, 'nothing inline, nothing from elsewhere');
});

test('without the slash it is found, everything else is not', async () => {
  assert.equal((await ask('/_mayfly/console')).headers['location'], '/_mayfly/console/');
  assert.equal((await ask('/_mayfly/console/../secrets')).status, 404);
  assert.equal((await ask('/_mayfly/console/', 'POST')).status, 404);
});

const account = '000000000000' as AccountId;
const signer = (key: string) => (text: string) => createHmac('sha256', key).update(text).digest('hex');

test('a token lets its account read for twelve hours, and nothing else', () => {
  const clock = new FakeClock();
  const tokens = createConsoleTokens({ sign: signer('secret'), clock });
  const { token, expiresMs } = tokens.issue(rootOf(account));
  const accept = (method: string, authorization: string | undefined, by = tokens) =>
    by.accept({ method, headers: { authorization } })?.account;
  assert.equal(expiresMs, clock.now() + 12 * 3_600_000);
  assert.equal(accept('GET', `Bearer ${token}`), account);
  assert.equal(accept('POST', `Bearer ${token}`), undefined);
  assert.equal(accept('GET', undefined), undefined);
  assert.equal(accept('GET', 'Bearer nonsense'), undefined);
  const other = createConsoleTokens({ sign: signer('other'), clock }).issue(rootOf('111111111111' as AccountId)).token;
  assert.equal(accept('GET', `Bearer ${other}`), undefined);
  assert.equal(accept('GET', `Bearer ${other.split('.')[0]}.${token.split('.')[1]}`), undefined);
  assert.equal(
    accept('GET', `Bearer ${token}`, createConsoleTokens({ sign: signer('secret'), clock })),
    account,
    'after a restart too',
  );
});

test('a token is of who asked for it, so that it reads no more than he may', () => {
  const tokens = createConsoleTokens({ sign: signer('secret'), clock: new FakeClock() });
  const user = {
    kind: 'user',
    account,
    arn: 'arn:aws:iam::000000000000:user/a',
    userName: 'a',
    userId: 'AIDA',
  } as const;
  const headers = { authorization: `Bearer ${tokens.issue(user).token}` };
  assert.deepEqual(tokens.accept({ method: 'GET', headers }), { ...user, accessKeyId: 'console' });
  // As they were before, when they said no more than whose account it is.
  const claims = Buffer.from(JSON.stringify({ account, expiresMs: 9e15 })).toString('base64url');
  const older = `Bearer ${claims}.${signer('secret')(`console-token ${claims}`)}`;
  assert.equal(tokens.accept({ method: 'GET', headers: { authorization: older } }), undefined);
});

test('a token of a session ends with it', async () => {
  const clock = new FakeClock();
  const tokens = createConsoleTokens({ sign: signer('secret'), clock });
  const endsMs = clock.now() + 900_000;
  const { token, expiresMs } = tokens.issue({
    kind: 'role',
    account,
    arn: 'arn:aws:sts::000000000000:assumed-role/reader/once',
    roleArn: 'arn:aws:iam::000000000000:role/reader',
    roleName: 'reader',
    roleId: 'AROA',
    sessionName: 'once',
    session: { issuedMs: 0, expiresMs: endsMs, policies: [], policyArns: [], tags: {}, transitiveTagKeys: [] },
  });
  assert.equal(expiresMs, endsMs);
  const headers = { authorization: `Bearer ${token}` };
  await clock.advance(900_000 - 1);
  assert.ok(tokens.accept({ method: 'GET', headers }));
  await clock.advance(1);
  assert.equal(tokens.accept({ method: 'GET', headers }), undefined);
});

test('a token that is over is refused', async () => {
  const clock = new FakeClock();
  const tokens = createConsoleTokens({ sign: signer('secret'), clock });
  const headers = { authorization: `Bearer ${tokens.issue(rootOf(account)).token}` };
  await clock.advance(12 * 3_600_000 - 1);
  assert.ok(tokens.accept({ method: 'GET', headers }));
  await clock.advance(1);
  assert.equal(tokens.accept({ method: 'GET', headers }), undefined);
});
