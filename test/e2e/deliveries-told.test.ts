/** What became of events is told, dead letters are sent again and repeated events run once, through a platform that is killed. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { callApi } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const waitMs = 60_000;
const events = 20;

const manifest = `application: told
functions:
  hello: { runtime: nodejs, handler: told.hello, code: told.cjs, memory: 256, retries: { attempts: 0 } }
  pay: { runtime: nodejs, handler: told.pay, code: told.cjs, memory: 256, idempotency: { key: $.order } }
`;

const code = `exports.hello = async ({ n, poison }) => {
  if (poison) throw new Error('poisoned');
  await new Promise((resolve) => setTimeout(resolve, 50));
  return n;
};
exports.pay = async () => ({ receipt: Math.random() });
`;

let project: string;
let mayfly: StartedMayfly;

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'mayfly-told-'));
  await writeFile(join(project, 'mayfly.yaml'), manifest);
  await writeFile(join(project, 'told.cjs'), code);
  mayfly = await startMayfly();
  await mayfly.json('deploy', project);
});

after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rm(project, { recursive: true, force: true });
});

const later = async (event: object): Promise<string> => {
  const response = await callApi(mayfly, {
    method: 'POST',
    target: '/2015-03-31/functions/hello/invocations?Qualifier=live',
    service: 'lambda',
    headers: { 'x-amz-invocation-type': 'Event' },
    body: JSON.stringify(event),
  });
  assert.equal(response.status, 202);
  return response.headers.get('x-amzn-requestid') ?? '';
};

const letters = async (): Promise<{ id: string }[]> =>
  ((await mayfly.json('dlq', 'show', 'hello')) as { letters: { id: string }[] }).letters;

const told = async (id: string): Promise<{ id: string; outcome: string }[]> =>
  ((await mayfly.json('events', 'show', id)) as { deliveries: { id: string; outcome: string }[] }).deliveries;

const metrics = async (): Promise<string> =>
  (await callApi(mayfly, { target: '/_mayfly/metrics', service: 'mayfly' })).text();

test('a dead letter is mended and sent again after kill -9, and its story tells all of it', async () => {
  const id = await later({ n: 1, poison: true });
  await eventually('it is given up', waitMs, async () => ((await letters()).length === 1 ? true : undefined));
  // What is told of is written a second late, and before it is told.
  await eventually('that is told', waitMs, async () => ((await told(id))[0]?.outcome === 'dead' ? true : undefined));
  mayfly = await mayfly.killAndRestart();
  const fixed = join(project, 'fixed.json');
  await writeFile(fixed, '{"n":1}');
  const { sent } = (await mayfly.json('dlq', 'edit', 'hello', id, '--payload', fixed)) as { sent: { as: string }[] };
  assert.deepEqual(await letters(), []);
  const story = await eventually('it succeeds', waitMs, async () => {
    const deliveries = await told(id);
    return deliveries.some(({ outcome }) => outcome === 'succeeded') ? deliveries : undefined;
  });
  assert.deepEqual(
    story.map((one) => [one.id, one.outcome]),
    [
      [id, 'dead'],
      [sent[0]?.as, 'succeeded'],
    ],
  );
});

test('what was accepted adds up after kill -9 in the middle of it', async () => {
  await Promise.all(Array.from({ length: events }, (_, n) => later({ n, poison: n % 4 === 0 })));
  mayfly = await mayfly.killAndRestart();
  const text = await eventually('nothing is in flight', waitMs, async () => {
    const told = await metrics();
    return told.includes('mayfly_events_in_flight{kind="function",name="000000000000/hello"} 0\n') ? told : undefined;
  });
  assert.deepEqual(text.match(/^mayfly_events_unaccounted\{.*\} (?!0$).*$/gm) ?? [], []);
  const of = 'kind="function",name="000000000000/hello"';
  const count = (name: string, more = ''): number =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name}{${of}${more}}`))
        ?.split(' ')
        .at(-1),
    );
  assert.equal(count('mayfly_events_accepted_total'), events + 2);
  assert.equal(count('mayfly_events_ended_total', ',outcome="succeeded"'), (events * 3) / 4 + 1);
  assert.equal(count('mayfly_events_ended_total', ',outcome="dead"'), events / 4 + 1);
});

test('a repeated event is answered from its first result, after kill -9, too', async () => {
  const pay = (order: number) => mayfly.json('invoke', 'pay', '--data', JSON.stringify({ order, at: Math.random() }));
  const payload = (answer: unknown): unknown => (answer as { payload: unknown }).payload;
  const first = payload(await pay(1));
  assert.deepEqual(payload(await pay(1)), first);
  mayfly = await mayfly.killAndRestart();
  assert.deepEqual(payload(await pay(1)), first);
  assert.notDeepEqual(payload(await pay(2)), first);
});
