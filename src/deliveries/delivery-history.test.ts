import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import type { DeliveryStep } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';
import type { AccountId } from '../util/ids.ts';
import { DeliveryHistory, outcomeOf } from './delivery-history.ts';

const account = '000000000000' as AccountId;
const day = 86_400_000;

function start(before?: { clock: FakeClock; records: ReturnType<typeof openMemoryStore>['records'] }) {
  const clock = before?.clock ?? new FakeClock(10 * day);
  const records = before?.records ?? openMemoryStore({ clock }).records;
  const history = new DeliveryHistory({ records, clock, accounts: () => [account] });
  const tell = (place: string, id: string, step: DeliveryStep, from?: string[]): void =>
    history.take({
      kind: 'delivery',
      timeMs: clock.now(),
      account,
      place,
      id,
      source: 'topic',
      step,
      ...(from && { from }),
    });
  const story = async (id: string) =>
    (await history.story(account, id)).map(
      (node) => `${node.place} ${node.id} ${node.steps.map(({ kind }) => kind).join(' ')}`,
    );
  return { clock, records, history, tell, story };
}

test('the story of an id goes up to its source and down to every outcome, whichever of them is asked for', async () => {
  const { clock, history, tell, story } = start();
  tell('topic news', 'message', {
    kind: 'handed_on',
    to: [
      { place: 'a', id: 'one' },
      { place: 'b', id: 'two' },
    ],
  });
  await clock.advance(1);
  tell('function a', 'one', { kind: 'accepted' });
  await clock.advance(1);
  tell('function b', 'two', { kind: 'accepted' });
  tell('function a', 'one', { kind: 'attempt', number: 1, isOk: false, tookMs: 1 });
  tell('function a', 'one', { kind: 'ended', outcome: 'dead' });
  await clock.advance(1);
  tell('function a', 'again', { kind: 'accepted' }, ['one']);
  tell('function c', 'another', { kind: 'accepted' });
  const all = [
    'topic news message handed_on',
    'function a one accepted attempt ended',
    'function b two accepted',
    'function a again accepted',
  ];
  for (const id of ['message', 'one', 'again']) assert.deepEqual(await story(id), all, id);
  assert.deepEqual(await story('none'), []);
  const dead = await history.list(account, { outcome: 'dead', limit: 10 });
  assert.deepEqual(
    dead.map(({ id }) => id),
    ['one'],
  );
  assert.deepEqual(
    (await history.list(account, { place: 'function a', limit: 1 })).map(({ id }) => id),
    ['again'],
  );
  await history[Symbol.asyncDispose]();
});

test('it is told after a restart, and what went on since then belongs to it', async () => {
  const first = start();
  first.tell('function a', 'one', { kind: 'accepted' });
  first.tell('function a', 'one', { kind: 'retry', delayMs: 5 });
  await first.history[Symbol.asyncDispose]();
  await first.clock.advance(5);
  const second = start(first);
  assert.deepEqual(await second.story('one'), ['function a one accepted retry']);
  second.tell('function a', 'one', { kind: 'ended', outcome: 'succeeded' });
  assert.deepEqual(await second.story('one'), ['function a one accepted retry ended']);
  await second.history[Symbol.asyncDispose]();
});

test('it is bounded: steps of one, links of one, and days', async () => {
  const { clock, records, history, tell } = start();
  for (let number = 1; number <= 100; number++)
    tell('function a', 'one', { kind: 'attempt', number, isOk: false, tookMs: 1 });
  for (let refusal = 0; refusal < 50; refusal++) tell('function a', 'two', { kind: 'waits', why: 'throttled' });
  tell('topic news', 'wide', {
    kind: 'handed_on',
    to: Array.from({ length: 500 }, (_, at) => ({ place: 'a', id: `m${at}` })),
  });
  const [wide] = await history.story(account, 'wide');
  const [one] = await history.story(account, 'one');
  const [two] = await history.story(account, 'two');
  assert.deepEqual([wide?.to.length, one?.steps.length, one?.stepsLeftOut], [100, 30, 70]);
  assert.deepEqual(
    two?.steps.map((step) => step.kind === 'waits' && step.times),
    [50],
  );
  assert.ok((await records.range({ prefix: 'delivery', limit: 1_000 })).length > 0);
  await clock.advance(7 * day);
  await clock.advance(2 * 3_600_000);
  assert.deepEqual(await records.range({ prefix: 'delivery', limit: 1_000 }), []);
  await history[Symbol.asyncDispose]();
});

test('of a day with very many those that fail are kept beside those that went well', async () => {
  const { clock, history, tell, records } = start();
  for (let made = 0; made < 20_100; made++) {
    if (made % 1_000 === 0) await clock.advance(1_000);
    tell('function a', `id-${made}`, { kind: 'ended', outcome: 'succeeded' });
  }
  tell('function a', 'bad', { kind: 'ended', outcome: 'dead' });
  assert.equal(history.leftOut, 101);
  await history[Symbol.asyncDispose]();
  assert.equal((await records.range({ prefix: 'delivery-of/000000000000/id-20050/', limit: 1 })).length, 0);
  assert.equal((await records.range({ prefix: 'delivery-of/000000000000/bad/', limit: 1 })).length, 1);
});

test('what is not over is under way', () => {
  assert.equal(outcomeOf({ steps: [] }), 'under way');
  assert.equal(outcomeOf({ steps: [{ kind: 'ended', outcome: 'dropped', timeMs: 0 }] }), 'dropped');
});
