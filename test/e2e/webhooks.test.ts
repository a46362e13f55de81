/** Webhooks on the whole platform: the secret comes from who deploys, and what was answered 202 survives kill -9. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const waitMs = 60_000;
const secret = 'whsec_much-longer-than-a-guess';
const command = join(import.meta.dirname, '../../bin/mayfly');
const run = promisify(execFile);

const code = `import json
def handler(event, context):
    print('SEEN ' + json.dumps(event))
`;
const manifest = `application: hooks
functions:
  paid:
    runtime: python
    handler: paid.handler
    code: paid.py
    events:
      - webhook:
          path: /hooks/stripe
          verify: stripe
          secret: STRIPE_SECRET
          transform: { invoice: $.body.data.object.id, kind: $.body.type }
`;

let project: string;
let mayfly: StartedMayfly;

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'mayfly-hooks-'));
  await writeFile(join(project, 'mayfly.yaml'), manifest);
  await writeFile(join(project, 'paid.py'), code);
  mayfly = await startMayfly();
});

after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rm(project, { recursive: true, force: true });
});

async function post(id: string, invoice: string, signedWith = secret): Promise<number> {
  const body = JSON.stringify({ id, type: 'invoice.paid', data: { object: { id: invoice } } });
  const seconds = Math.floor(Date.now() / 1_000);
  const signature = createHmac('sha256', signedWith).update(`${seconds}.${body}`).digest('hex');
  const response = await fetch(`${mayfly.http}/hooks/stripe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': `t=${seconds},v1=${signature}` },
    body,
  });
  await response.arrayBuffer();
  return response.status;
}

async function lines(): Promise<string[]> {
  const found = (await mayfly.json('logs', 'paid')) as { lines: { text: string }[] };
  return found.lines.map(({ text }) => text);
}

const logged = (text: string): Promise<string> =>
  eventually(`a line with ${text}`, waitMs, async () => (await lines()).find((line) => line.includes(text)));

test('a webhook without a secret is not deployed, and with one from the environment it is', async () => {
  await assert.rejects(run(command, ['deploy', project, '--data', mayfly.data]), /STRIPE_SECRET is set neither/);
  await run(command, ['deploy', project, '--data', mayfly.data], {
    env: { ...process.env, STRIPE_SECRET: secret },
  });
});

test('what is signed is accepted and survives kill -9; what is not is refused', async () => {
  assert.equal(await post('evt_0', 'in_0', 'a guess'), 401);
  // A line of the log is written soon after; what is accepted is, before the answer.
  await logged('WEBHOOK POST /hooks/stripe was refused');
  assert.equal(await post('evt_1', 'in_1'), 202);
  mayfly = await mayfly.killAndRestart();
  await logged('{"invoice": "in_1", "kind": "invoice.paid"}');
  // The sender had not heard our answer, and sends it again.
  assert.equal(await post('evt_1', 'in_again'), 202);
  assert.equal(await post('evt_2', 'in_2'), 202);
  await logged('in_2');
  const seen = await lines();
  assert.ok(!seen.some((line) => line.includes('in_again') || line.includes('in_0')));
  assert.ok(!seen.some((line) => line.includes(secret)));
});

test('the secret is nowhere in the open on disk', async () => {
  const database = await readFile(join(mayfly.data, 'mayfly.db'));
  const ahead = await readFile(join(mayfly.data, 'mayfly.db-wal')).catch(() => Buffer.alloc(0));
  assert.ok(!database.includes(secret) && !ahead.includes(secret));
});
