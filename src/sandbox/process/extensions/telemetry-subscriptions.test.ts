import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../util/clock.ts';
import type { Parcel } from './attendant.ts';
import { TelemetrySubscriptions, type Subscription } from './telemetry-subscriptions.ts';

const to = (port: number): Subscription => ({
  types: ['function'],
  buffering: { maxItems: 1_000, maxBytes: 262_144, timeoutMs: 30_000 },
  destination: { protocol: 'HTTP', port, path: '/' },
});

test('another subscription of the same extension ends the first, and what waited for it is gone', async () => {
  const onTheWay: { parcel: Parcel; arrived: (ok: boolean) => void }[] = [];
  const subscriptions = new TelemetrySubscriptions({
    clock: systemClock,
    deliver: (parcel) => new Promise((arrived) => onTheWay.push({ parcel, arrived })),
  });
  const line = (text: string): void => subscriptions.take({ type: 'function', timeMs: 0, record: text });
  subscriptions.subscribe('one', to(1));
  subscriptions.initialised();
  line('x'.repeat(262_144));
  line('waits behind it');
  subscriptions.subscribe('one', to(2));
  line('for the second');
  onTheWay[0]?.arrived(true);
  const flushed = subscriptions.flush();
  await new Promise(setImmediate);
  for (const { arrived } of onTheWay) arrived(true);
  await flushed;
  assert.deepEqual(
    onTheWay.map(({ parcel }) => parcel.port),
    [1, 2],
  );
  assert.match(onTheWay[1]?.parcel.body ?? '', /for the second/);
  subscriptions.close();
});
