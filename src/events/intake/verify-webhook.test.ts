import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import type { WebhookVerification } from '../../registry/webhook-source.ts';
import { verifyWebhook } from './verify-webhook.ts';

const nowMs = 1_700_000_000_000;
const toleranceMs = 300_000;
const seconds = String(nowMs / 1_000);
const hmac = (secret: string, text: string, algorithm = 'sha256', encoding: 'hex' | 'base64' = 'hex'): string =>
  createHmac(algorithm, secret).update(text).digest(encoding);

const stripe: WebhookVerification = { kind: 'stripe', toleranceMs };
const slack: WebhookVerification = { kind: 'slack', toleranceMs };

function check(
  verification: WebhookVerification,
  headers: Record<string, string>,
  body: string | Buffer,
  secrets: string[],
) {
  return verifyWebhook(verification, secrets, { headers, body: Buffer.from(body) }, nowMs);
}

test("GitHub's own example is genuine, and one byte more is not", () => {
  // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
  const headers = {
    'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  };
  const secret = "It's a Secret to Everybody";
  assert.equal(check({ kind: 'github' }, headers, 'Hello, World!', [secret]).status, 'genuine');
  assert.equal(check({ kind: 'github' }, headers, 'Hello, World!!', [secret]).status, 'refused');
  assert.equal(check({ kind: 'github' }, headers, 'Hello, World!', ['another']).status, 'refused');
  assert.equal(check({ kind: 'github' }, {}, 'Hello, World!', [secret]).status, 'refused');
});

test('the example of Slack’s page is genuine in its minute, and refused later', () => {
  // https://docs.slack.dev/authentication/verifying-requests-from-slack
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
  const headers = {
    'x-slack-request-timestamp': '1531420618',
    'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  };
  const secrets = ['8f742231b10e8888abcd99yyyzzz85a5'];
  const request = { headers, body: Buffer.from(body) };
  assert.equal(verifyWebhook(slack, secrets, request, 1_531_420_618_000).status, 'genuine');
  const late = verifyWebhook(slack, secrets, request, 1_531_420_618_000 + toleranceMs + 1_000);
  assert.deepEqual(late, { status: 'refused', reason: 'its time is 301 s away from the clock here' });
});

test("Stripe's header may have several signatures, and schemes that are not looked at", () => {
  const body = '{"id":"evt_1"}';
  const right = hmac('new', `${seconds}.${body}`);
  const header = (...parts: string[]) => ({ 'stripe-signature': [`t=${seconds}`, ...parts].join(',') });
  const secrets = ['old', 'new'];
  assert.equal(check(stripe, header(`v1=${'0'.repeat(64)}`, `v1=${right}`, 'v0=abc'), body, secrets).status, 'genuine');
  assert.equal(check(stripe, header(`v0=${right}`), body, secrets).status, 'refused');
  assert.equal(check(stripe, { 'stripe-signature': `v1=${right}` }, body, secrets).status, 'refused');
  const ahead = String(nowMs / 1_000 + 301);
  const early = { 'stripe-signature': `t=${ahead},v1=${hmac('new', `${ahead}.${body}`)}` };
  assert.equal(check(stripe, early, body, secrets).status, 'refused');
  // The time is signed: another one makes another signature.
  const moved = { 'stripe-signature': `t=${Number(seconds) - 1},v1=${right}` };
  assert.equal(check(stripe, moved, body, secrets).status, 'refused');
});

test('any other HMAC: algorithm, encoding, prefix, what is signed, and bytes that are no text', () => {
  const body = Buffer.from([0xff, 0x00, 0x0a, 0x80]);
  const plain = createHmac('sha1', 'secret').update(body).digest('base64');
  const common = { kind: 'hmac', header: 'x-signature', toleranceMs } as const;
  const shopLike = { ...common, algorithm: 'sha1', encoding: 'base64', prefix: '', signed: '{body}' } as const;
  assert.equal(check(shopLike, { 'x-signature': plain }, body, ['secret']).status, 'genuine');
  const timed = {
    ...common,
    algorithm: 'sha512',
    encoding: 'hex',
    prefix: 'v1=',
    signed: '{body}|{timestamp}',
    timestampHeader: 'x-time',
  } as const;
  const headers = { 'x-time': String(nowMs), 'x-signature': `v1=${hmac('secret', `hello|${nowMs}`, 'sha512')}` };
  assert.deepEqual(check(timed, headers, 'hello', ['secret']), {
    status: 'genuine',
    signature: hmac('secret', `hello|${nowMs}`, 'sha512'),
    isTimed: true,
  });
  assert.equal(check(timed, { ...headers, 'x-time': String(nowMs + 1) }, 'hello', ['secret']).status, 'refused');
});

test('of many signatures in one header only the first few are looked at', () => {
  const right = hmac('secret', 'hello');
  const common = { kind: 'hmac', header: 's', algorithm: 'sha256', encoding: 'hex', toleranceMs } as const;
  const verification = { ...common, prefix: '', signed: '{body}' } as const;
  const wrong = Array.from({ length: 8 }, () => 'f'.repeat(64));
  assert.equal(check(verification, { s: [...wrong.slice(1), right].join(' ') }, 'hello', ['secret']).status, 'genuine');
  assert.equal(check(verification, { s: [...wrong, right].join(' ') }, 'hello', ['secret']).status, 'refused');
});
