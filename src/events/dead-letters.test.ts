import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FunctionRecord } from '../registry/function.ts';
import { randomIds } from '../util/ids.ts';
import { deadLettersTopic } from './dead-letter.ts';
import { DeadLetters } from './dead-letters.ts';
import { queueSource } from './queue.ts';
import { account, rig, type SourceRig } from './source-rig.ts';

type Outcome = 'ok' | 'fails';

async function start() {
  const state: { outcome: Outcome } = { outcome: 'fails' };
  const made = await rig(queueSource, {
    decide: () => (state.outcome === 'ok' ? { status: 'ok' } : { status: 'function_error', errorMessage: 'no' }),
  });
  const record = { name: 'hello', latest: { settings: {} } } as FunctionRecord;
  const letters = new DeadLetters({
    ...made.store,
    registry: { list: () => [record], get: (_, name) => (name === 'hello' ? record : undefined) },
    queues: made.queues,
    asynchronous: made.asynchronous,
    namedBy: () => new Map([['other-dead', ['rule orders, target 1']]]),
    clock: made.clock,
    ids: randomIds,
  });
  return { ...made, letters, state };
}

/** An event that hello gives up. */
async function giveUp({ asynchronous, clock, store }: SourceRig, event: unknown): Promise<string> {
  const requestId = randomIds.uuid() as Parameters<typeof asynchronous.enqueue>[0]['requestId'];
  await asynchronous.enqueue({
    requestId,
    account,
    functionName: 'hello',
    qualifier: 'live',
    event: JSON.stringify(event),
    source: 'api',
    cause: { traceId: 'Root=1-00000000-000000000000000000000000', hops: {} },
  });
  for (let wait = 0; wait < 20; wait++) await clock.advance(30_000);
  assert.ok(await store.log.find(deadLettersTopic(account, 'hello'), requestId));
  return requestId;
}

test("a function's dead letter says what and why, and is sent to the function again under a new id", async () => {
  const made = await start();
  const { letters, state, invoker, clock } = made;
  const id = await giveUp(made, { order: 7 });
  assert.deepEqual(
    (await letters.places(account)).map(({ kind, name, count }) => [kind, name, count]),
    [['function', 'hello', 1]],
  );
  const [letter] = await letters.list(account, 'function:hello', 10);
  assert.ok(letter);
  assert.deepEqual([letter.id, letter.payload, letter.attempts, letter.to], [id, { order: 7 }, 3, 'function hello']);
  assert.match(letter.why ?? '', /^RetriesExhausted: Error: no$/);

  state.outcome = 'ok';
  const before = invoker.invocations.length;
  const { sent, refused, left } = await letters.redrive(account, 'function:hello', [id, id]);
  assert.deepEqual([sent.length, refused, left], [1, [], 0]);
  await clock.advance(1);
  const again = invoker.invocations.slice(before);
  assert.deepEqual(
    again.map(({ requestId, qualifier, event, attempt, source }) => [
      requestId,
      qualifier,
      String(event),
      attempt,
      source,
    ]),
    [[sent[0]?.as, 'live', '{"order":7}', 1, 'redrive']],
  );
  assert.notEqual(sent[0]?.as, id);
  assert.deepEqual((await letters.redrive(account, 'function:hello', [id])).refused, [{ id, why: 'it is not there' }]);
  await made.stop();
});

test('a letter can be sent again with another payload, and what is given up again lies there again', async () => {
  const made = await start();
  const { letters, invoker, clock } = made;
  const id = await giveUp(made, { order: 'seven' });
  await letters.redrive(account, 'function:hello', [id], { order: 7 });
  for (let wait = 0; wait < 20; wait++) await clock.advance(30_000);
  assert.equal(String(invoker.invocations.at(-1)?.event), '{"order":7}');
  assert.deepEqual(
    (await letters.list(account, 'function:hello', 10)).map(({ payload }) => payload),
    [{ order: 7 }],
  );
  await assert.rejects(letters.redrive(account, 'function:hello', 'all', {}), /a payload is for one letter/);
  assert.equal(await letters.purge(account, 'function:hello', 'all'), 1);
  assert.deepEqual(await letters.places(account), []);
  await made.stop();
});

test('what lies in a queue goes back to the queue that it was spent in, unless somebody has it', async () => {
  const made = await start();
  const { letters, queues, clock } = made;
  await queues.create(account, 'jobs-dead');
  const jobs = await queues.create(account, 'jobs', { redrive: { deadLetterQueue: 'jobs-dead', receivesMax: 1 } });
  await queues.send(account, 'jobs', [
    { body: 'first', senderId: account },
    { body: 'second', senderId: account },
  ]);
  await queues.receive(account, 'jobs', { max: 10, visibilityMs: 1_000, waitMs: 0 });
  await clock.advance(2_000);
  await queues.receive(account, 'jobs', { max: 10, waitMs: 0 });
  const [place] = await letters.places(account);
  assert.deepEqual([place?.name, place?.count, place?.of], ['jobs-dead', 2, ['queue jobs']]);
  const lying = await letters.list(account, 'queue:jobs-dead', 10);
  assert.deepEqual(
    lying.map(({ from, why, payload, to }) => [from, why, payload, to]),
    [
      ['queue jobs', 'received 1 times', 'first', 'queue jobs'],
      ['queue jobs', 'received 1 times', 'second', 'queue jobs'],
    ],
  );
  const [held] = await queues.receive(account, 'jobs-dead', { max: 1, waitMs: 0 });
  const { sent, refused, left } = await letters.redrive(account, 'queue:jobs-dead', 'all');
  assert.deepEqual([sent.length, refused.map(({ id }) => id), left], [1, [held?.id], 1]);
  assert.equal((await queues.depth(account, jobs.name)).ready, 1);
  await made.stop();
});

test("a function's letter in a queue goes back to the function, and one of nobody's stays", async () => {
  const made = await start();
  const { letters, queues, state, invoker, clock } = made;
  state.outcome = 'ok';
  await queues.create(account, 'other-dead');
  await queues.send(account, 'other-dead', [
    {
      body: '{"order":1}',
      senderId: 'function:hello',
      attributes: { ErrorCode: { type: 'Number', text: '200' }, RequestID: { type: 'String', text: 'r' } },
    },
    { body: 'by hand', senderId: account },
  ]);
  const { sent, refused } = await letters.redrive(account, 'queue:other-dead', 'all');
  assert.deepEqual(
    [sent.map(({ to }) => to), refused.map(({ why }) => why)],
    [['function hello'], ['it does not say where it came from']],
  );
  await clock.advance(1);
  assert.equal(String(invoker.invocations.at(-1)?.event), '{"order":1}');
  await assert.rejects(letters.list(account, 'queue:none', 1), /there are no dead letters at 'queue:none'/);
  await made.stop();
});
