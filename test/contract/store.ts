/**
 * What every engine of the store promises, port by port. An engine's test calls `storeContract` with how to open it.
 * Time is a fake clock's, so nothing here waits.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { blobsContract } from './store-blobs.ts';
import { bytes, opener } from './store-engine.ts';
import type { Engine, Open } from './store-engine.ts';
import { groupsContract } from './store-groups.ts';
import { logContract } from './store-log.ts';
import { recordsContract } from './store-records.ts';
import { talliesContract } from './store-tallies.ts';

export function storeContract(name: string, engine: Engine): void {
  const open = opener(engine);
  suite(`${name}: records`, () => recordsContract(open));
  suite(`${name}: log`, () => logContract(open));
  suite(`${name}: tallies`, () => talliesContract(open));
  suite(`${name}: groups`, () => groupsContract(open));
  suite(`${name}: blobs`, () => blobsContract(open));
  suite(`${name}: leases`, () => leasesContract(open));
  if (engine.persists) suite(`${name}: after a restart`, () => restartContract(open));
}

function leasesContract(open: Open): void {
  test('one holder at a time, until the lease is over', async (t) => {
    const { store, clock } = await open(t);
    const first = await store.leases.acquire('relay', 'a', 1_000);
    assert.equal(first?.expiresMs, clock.now() + 1_000);
    assert.equal(await store.leases.acquire('relay', 'b', 1_000), undefined);
    assert.ok(await store.leases.acquire('another', 'b', 1_000));
    await clock.advance(1_000);
    assert.equal((await store.leases.acquire('relay', 'b', 1_000))?.holder, 'b');
  });

  test('a holder renews its lease; one that is lost cannot be renewed', async (t) => {
    const { store, clock } = await open(t);
    const lease = await store.leases.acquire('relay', 'a', 1_000);
    assert.ok(lease);
    await clock.advance(900);
    assert.equal(await store.leases.renew(lease, 1_000), true);
    await clock.advance(900);
    assert.equal(await store.leases.acquire('relay', 'b', 1_000), undefined);
    await clock.advance(100);
    assert.equal(await store.leases.renew(lease, 1_000), false);
    assert.ok(await store.leases.acquire('relay', 'b', 1_000));
    assert.equal(await store.leases.renew(lease, 1_000), false);
  });

  test('releasing gives it to the next at once; releasing an old lease does nothing', async (t) => {
    const { store } = await open(t);
    const old = await store.leases.acquire('relay', 'a', 1_000);
    const present = await store.leases.acquire('relay', 'a', 1_000);
    assert.ok(old && present);
    await store.leases.release(old);
    assert.equal(await store.leases.acquire('relay', 'b', 1_000), undefined);
    await store.leases.release(present);
    assert.ok(await store.leases.acquire('relay', 'b', 1_000));
  });

  test('every fencing token of a name is larger than all before it', async (t) => {
    const { store, clock } = await open(t);
    const steps = fc.record({ holder: fc.constantFrom('a', 'b'), release: fc.boolean(), waitMs: fc.nat({ max: 150 }) });
    let last = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 12 }), async (all) => {
        for (const { holder, release, waitMs } of all) {
          const lease = await store.leases.acquire('fenced', holder, 100);
          if (lease !== undefined) {
            assert.ok(lease.token > last, `${lease.token} after ${last}`);
            last = lease.token;
            if (release) await store.leases.release(lease);
          }
          await clock.advance(waitMs);
        }
      }),
      { numRuns: 25 },
    );
  });
}

function restartContract(open: Open): void {
  test('everything is there, and no revision, receipt or token is given again', async (t) => {
    const opened = await open(t);
    const { records, log, blobs, leases } = opened.store;
    const put = await records.transact([
      { kind: 'put', key: 'kept', value: { at: 1 } },
      { kind: 'append', topic: 'kept', message: { id: 'outbox', body: 'from a transaction' } },
    ]);
    await records.transact([{ kind: 'put', key: 'gone', value: 1 }]);
    await records.transact([{ kind: 'delete', key: 'gone' }]);
    await log.append('kept', [{ id: 'later', body: 'delayed', notBeforeMs: opened.clock.now() + 5_000 }]);
    await blobs.write('some/blob', bytes('a blob'));
    const lease = await leases.acquire('relay', 'a', 60_000);
    const [leased] = await log.receive('kept', { max: 1, leaseMs: 60_000, holder: 'consumer' });
    assert.ok(put.status === 'committed' && lease !== undefined && leased !== undefined);

    const store = await opened.reopen();
    assert.deepEqual(await store.records.get('kept'), { key: 'kept', value: { at: 1 }, revision: put.revision });
    assert.equal(await store.records.get('gone'), undefined);
    assert.equal(await store.blobs.size('some/blob'), 6);
    assert.deepEqual(await store.log.depth('kept'), { ready: 0, delayed: 1, leased: 1 });
    assert.deepEqual(await store.log.balance('kept'), { counts: { accepted: 2 }, held: 2 });
    assert.equal(await store.leases.acquire('relay', 'b', 1_000), undefined);
    assert.equal(await store.leases.renew(lease, 60_000), true);

    await store.log.release('consumer');
    const [again] = await store.log.receive('kept', { max: 1, leaseMs: 1_000 });
    assert.equal(again?.id, 'outbox');
    assert.equal(again.receives, 2);
    assert.equal(await store.log.acknowledge('kept', [leased.receipt]), 0);
    const next = await store.records.transact([{ kind: 'put', key: 'gone', value: 2 }]);
    assert.ok(next.status === 'committed' && next.revision > lease.token);
  });

  test('a delay goes on, and wakes who watches', async (t) => {
    const opened = await open(t);
    await opened.store.log.append('kept', [{ id: 'later', body: '', notBeforeMs: opened.clock.now() + 5_000 }]);
    const store = await opened.reopen();
    let woken = 0;
    store.log.watch('kept', () => (woken += 1));
    await opened.clock.advance(4_999);
    assert.equal(woken, 0);
    await opened.clock.advance(1);
    assert.equal(woken, 1);
    assert.equal((await store.log.receive('kept', { max: 10, leaseMs: 1_000 })).length, 1);
  });
}
