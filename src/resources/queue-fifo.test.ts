/** FIFO queues: what is sent again, asked for again, and deleted too late. Their order is test/model's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { PlatformError, type ErrorCode } from '../util/errors.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type AccountId } from '../util/ids.ts';
import { Queues, type QueueReceive } from './queue.ts';

const account = '000000000000' as AccountId;
const senderId = 'me';
const refusedWith = (code: ErrorCode, text: RegExp) => (error: unknown) =>
  error instanceof PlatformError && error.code === code && text.test(error.message);

async function openFifo() {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const queues = await Queues.open({ ...store, clock, ids: randomIds });
  await queues.create(account, 'jobs');
  await queues.create(account, 'jobs.fifo');
  const send = (body: string) => queues.send(account, 'jobs', [{ body, senderId }]);
  const receive = () => queues.receive(account, 'jobs', { max: 10 });
  const sendTo = (group: string, body: string, deduplicationId?: string) =>
    queues.send(account, 'jobs.fifo', [{ body, senderId, group, ...(deduplicationId && { deduplicationId }) }]);
  const take = (max = 10, more: Partial<QueueReceive> = {}) => queues.receive(account, 'jobs.fifo', { max, ...more });
  return { clock, queues, send, receive, sendTo, take };
}

test('a message that is sent again within five minutes is answered as the first, by its id or by its content', async () => {
  const { clock, queues, sendTo, take } = await openFifo();
  const [first] = await sendTo('a', 'one', 'id');
  assert.match(first?.sequenceNumber ?? '', /^\d{20}$/);
  assert.deepEqual(await sendTo('b', 'another body', 'id'), [first]);
  await assert.rejects(sendTo('a', 'no id'), refusedWith('invalid_argument', /ContentBasedDeduplication enabled/));
  const fifo = { contentDeduplication: true, deduplicationScope: 'messageGroup', throughputLimit: 'perQueue' } as const;
  await queues.update(account, 'jobs.fifo', { fifo });
  const [second] = await sendTo('a', 'content');
  assert.deepEqual(await sendTo('a', 'content'), [second]);
  assert.notDeepEqual(await sendTo('b', 'content'), [second], 'another group, another scope');
  assert.equal((await take()).length, 3);
  await clock.advance(300_000);
  assert.notDeepEqual(await sendTo('a', 'content'), [second]);
});

test('a receive that is asked again under its name answers the same messages, until something was done to one', async () => {
  const { clock, queues, sendTo, take } = await openFifo();
  await sendTo('a', 'a1', '1');
  await sendTo('a', 'a2', '2');
  const asked = { attemptId: 'attempt' };
  const first = await take(2, asked);
  assert.deepEqual(await take(2, asked), first);
  assert.deepEqual(await take(2, { attemptId: 'another' }), []);
  await clock.advance(20_000);
  assert.deepEqual(await take(2, asked), first, 'and hides them anew');
  await clock.advance(20_000);
  assert.equal(await queues.remove(account, 'jobs.fifo', [first[0]?.receipt ?? '']), 1);
  assert.deepEqual(await take(2, asked), []);
  await clock.advance(30_000);
  assert.deepEqual(
    (await take(2, asked)).map(({ body, receives }) => [body, receives]),
    [['a2', 2]],
  );
});

test('a receipt of a FIFO queue ends with its visibility; of a standard queue, when somebody else has the message', async () => {
  const { clock, queues, send, receive, sendTo, take } = await openFifo();
  await sendTo('a', 'a1', '1');
  const [ordered] = await take();
  await send('plain');
  const [plain] = await receive();
  await clock.advance(30_000);
  await assert.rejects(
    queues.remove(account, 'jobs.fifo', [ordered?.receipt ?? '']),
    refusedWith('invalid_argument', /The receipt handle has expired/),
  );
  assert.equal(await queues.changeVisibility(account, 'jobs', plain?.receipt ?? '', 10), 'not_in_flight');
  assert.equal(await queues.remove(account, 'jobs', [plain?.receipt ?? '']), 1);
});
