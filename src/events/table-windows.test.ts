import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Invocation } from '../invoke/invoke.ts';
import type { FakeOutcome } from './fake-invoker.ts';
import { eventOf, told, world, type Event } from './table-rig.ts';

test('time windows hand their state on, end once, and begin anew', async () => {
  const finals: [string, unknown][] = [];
  const one = await world({
    binding: { tumblingMs: 60_000 },
    decide(invocation) {
      const { Records: records, state = {}, window, isFinalInvokeForWindow: isFinal } = eventOf(invocation);
      if (isFinal === true) {
        assert.deepEqual(records, []);
        finals.push([window?.start ?? '', state['sum']]);
        return { status: 'ok', answer: '{}' };
      }
      const sum = records.reduce((all, { dynamodb }) => all + Number(dynamodb.NewImage?.n?.N), state['sum'] ?? 0);
      return { status: 'ok', answer: JSON.stringify({ state: { sum } }) };
    },
  });
  for (let n = 1; n <= 6; n += 1) {
    await one.put('a', n);
    await one.clock.advance(25_000);
  }
  await one.clock.advance(120_000);
  assert.deepEqual(finals, [
    ['2026-01-01T00:00:00Z', 1 + 2 + 3],
    ['2026-01-01T00:01:00Z', 4 + 5],
    ['2026-01-01T00:02:00Z', 6],
  ]);
  await one.stop();
});

test('the state of a window outlives the process', async () => {
  const decide = (invocation: Invocation): FakeOutcome => {
    const { Records: records, state = {} } = eventOf(invocation);
    return { status: 'ok', answer: JSON.stringify({ state: { seen: (state['seen'] ?? 0) + records.length } }) };
  };
  const first = await world({ binding: { tumblingMs: 900_000 }, decide });
  await first.put('a', 1);
  await first.clock.advance(1_000);
  await first.stop();
  const kept = JSON.stringify(await first.store.records.range({ prefix: 'stream-position/', limit: 10 }));
  assert.match(kept, /sealedState/);
  assert.doesNotMatch(kept, /seen/, 'what the function made of items is not in the clear');
  const second = await world({ on: { clock: first.clock, store: first.store }, decide });
  await second.put('a', 2);
  await second.clock.advance(1_000);
  const [event] = second.invoker.invocations.map(eventOf);
  assert.deepEqual(event?.state, { seen: 1 });
  assert.deepEqual(event.Records.map(told), ['a:2']);
  await second.stop();
});

test('an answer without a state is a failure of the window, and one that has grown too large ends it early', async () => {
  const events: Event[] = [];
  const one = await world({
    binding: { tumblingMs: 60_000, retriesMax: 1 },
    decide(invocation) {
      const event = eventOf(invocation);
      events.push(event);
      if (events.length === 1) return { status: 'ok', answer: '{"nothing":1}' };
      return { status: 'ok', answer: JSON.stringify({ state: { large: 'x'.repeat(1024 * 1024) } }) };
    },
  });
  await one.put('a', 1);
  await one.clock.advance(5_000);
  assert.deepEqual(
    events.map(({ isFinalInvokeForWindow: isFinal, isWindowTerminatedEarly: isEarly }) => [isFinal, isEarly]),
    [
      [false, false],
      [false, false],
      [true, true],
    ],
  );
  await one.put('a', 2);
  await one.clock.advance(5_000);
  assert.deepEqual(events[3]?.state, {}, 'the same window, with a new state');
  await one.stop();
});
