import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { Telemetry } from '../telemetry/telemetry.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { startDeadLetterBounds } from './dead-letter-bounds.ts';

test('of too many dead letters the oldest go, and so does what is too old; both are told', async () => {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const telemetry = new Telemetry();
  const lines: string[] = [];
  telemetry.attach({
    take: (event) => void (event.kind === 'log' && lines.push(event.text)),
    flush: () => Promise.resolve(),
  });
  const told: string[] = [];
  const [countMax, ageMsMax] = [10, 3_600_000];
  const bounds = startDeadLetterBounds({
    ...store,
    telemetry,
    clock,
    tell: (message) => void told.push(message),
    bounds: { countMax, ageMsMax },
  });
  const topic = 'dead/000000000000/hello';
  await store.log.append(topic, [
    { id: 'first', body: '{}' },
    { id: 'second', body: '{}' },
  ]);
  await clock.advance(1);
  await store.log.append(
    topic,
    Array.from({ length: countMax - 1 }, (_, at) => ({ id: `m${at}`, body: '{}' })),
  );
  await clock.advance(60_000);
  assert.equal(await store.log.find(topic, 'first'), undefined);
  assert.ok(await store.log.find(topic, 'second'));
  assert.equal((await store.log.balance(topic)).held, countMax);
  assert.deepEqual(told, [`dead letters of hello were dropped: of more than ${countMax} the 1 oldest`]);
  assert.deepEqual(lines, [`DEAD LETTERS DROPPED of more than ${countMax} the 1 oldest`]);
  await clock.advance(ageMsMax);
  await clock.advance(60_000);
  assert.deepEqual(await store.log.balance(topic), {
    counts: { accepted: countMax + 1, taken: 1, expired: countMax },
    held: 0,
  });
  await bounds[Symbol.asyncDispose]();
});
