/** A seeded simulation: random changes against a store that fails at random points, with a new start after each failure. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import type { Blobs } from '../../store/blobs.ts';
import type { Records } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import { PlatformError } from '../../util/errors.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import { randomIds } from '../../util/ids.ts';
import type { Buckets } from '../bucket.ts';
import { openBuckets } from './open-buckets.ts';
import {
  account,
  actor,
  assertNothingLeaks,
  assertSweptOnOpen,
  bytesOf,
  eventsOf,
  md5,
  textOf,
} from './open-test-buckets.ts';

/** Mulberry32: small, seeded, good enough to choose with. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Crash extends Error {}

/** From its crash on, a store answers nothing any more; the step at which it crashes may or may not have happened. */
function crashing(
  store: Store,
  next: () => number,
): { records: Records; blobs: Blobs; arm(steps: number): void; crashed(): boolean } {
  let left = Infinity;
  const step = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    left -= 1;
    if (left > 0) return work();
    if (left === 0 && next() < 0.5) await work();
    throw new Crash('the machine is off');
  };
  return {
    records: {
      get: (key) => step(() => store.records.get(key)),
      range: (range) => step(() => store.records.range(range)),
      transact: (operations) => step(() => store.records.transact(operations)),
    },
    blobs: {
      read: (key, range) => step(() => store.blobs.read(key, range)),
      write: (key, source) => step(() => store.blobs.write(key, source)),
      delete: (key) => step(() => store.blobs.delete(key)),
      list: (prefix) => store.blobs.list(prefix),
      size: (key) => store.blobs.size(key),
    },
    arm: (steps) => void (left = steps),
    crashed: () => left <= 0,
  };
}

/** What a key may hold: several possibilities after a change whose answer never came. */
type Model = Map<string, (string | undefined)[]>;
const bucket = { account, bucket: 'b-1' };

async function change(buckets: Buckets, model: Model, next: () => number): Promise<void> {
  const key = `k${Math.floor(next() * 4)}`;
  const before = model.get(key) ?? [undefined];
  const text = `${next()}`.repeat(1 + Math.floor(next() * 3));
  const kind = next();
  let after: string | undefined = text;
  const run = async (): Promise<void> => {
    if (kind < 0.45) await buckets.put({ ...bucket, key }, bytesOf(text), {}, actor);
    else if (kind < 0.7) {
      after = undefined;
      await buckets.remove({ ...bucket, key }, {}, actor);
    } else {
      const { uploadId } = await buckets.createUpload({ ...bucket, key }, {});
      const upload = { ...bucket, key, uploadId };
      await buckets.uploadPart(upload, 1, bytesOf('thrown away'), {});
      const part = await buckets.uploadPart(upload, 1, bytesOf(text), {});
      if (kind < 0.8) {
        after = before[0];
        await buckets.abortUpload(upload);
      } else await buckets.completeUpload(upload, [part], {}, actor);
    }
  };
  try {
    await run();
    if (!(kind >= 0.7 && kind < 0.8)) model.set(key, [after]);
  } catch (error) {
    assert.ok(error instanceof Crash, String(error));
    if (!(kind >= 0.7 && kind < 0.8)) model.set(key, [...before, after]);
    throw error;
  }
}

async function check(buckets: Buckets, model: Model): Promise<void> {
  for (const [key, possible] of model) {
    let found: string | undefined;
    try {
      const { object, body } = await buckets.get({ ...bucket, key });
      found = await textOf(body);
      assert.equal(
        object.etag.split('-')[0],
        object.partsCount === undefined ? md5(found) : md5(Buffer.from(md5(found), 'hex')),
      );
    } catch (error) {
      assert.ok(error instanceof PlatformError && error.reason === 'NoSuchKey', String(error));
    }
    assert.ok(possible.includes(found), `${key} holds ${found}, not one of ${possible.join(', ')}`);
    model.set(key, [found]);
  }
}

async function simulate(seed: number): Promise<void> {
  const next = random(seed);
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const model: Model = new Map();
  for (let lives = 0; lives < 12; lives++) {
    const fragile = crashing(store, next);
    const buckets = await openBuckets({ ...fragile, clock, ids: randomIds, wantsEvents: () => true });
    await assertNothingLeaks(store);
    await buckets.create(bucket);
    await check(buckets, model);
    fragile.arm(1 + Math.floor(next() * 60));
    while (!fragile.crashed()) {
      await clock.advance(Math.floor(next() * 20_000));
      try {
        await change(buckets, model, next);
      } catch (error) {
        assert.ok(error instanceof Crash, String(error));
      }
    }
    await buckets[Symbol.asyncDispose]();
  }
  const again = await openBuckets({ ...store, clock, ids: randomIds, wantsEvents: () => true });
  await check(again, model);
  const { items } = await again.objects(bucket, { limit: 100 });
  assert.deepEqual(
    items.map(({ key }) => key),
    [...model]
      .filter(([, [value]]) => value !== undefined)
      .map(([key]) => key)
      .toSorted(),
  );
  // What a key holds now is what its last event says.
  for (const { key, etag } of items) {
    const events = (await eventsOf(store))
      .filter((event) => event.key === key)
      .toSorted((a, b) => (a.sequencer < b.sequencer ? -1 : 1));
    assert.equal(events.at(-1)?.etag, etag);
  }
  await again[Symbol.asyncDispose]();
  await assertSweptOnOpen({ clock, store, buckets: again });
}

test('whatever is answered survives a crash at any step, and no crash leaks a blob', async () => {
  const first = Math.floor(Math.random() * 2 ** 31);
  for (let seed = first; seed < first + 60; seed++) {
    try {
      await simulate(seed);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});
