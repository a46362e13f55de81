import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import { TransactionTokens } from './transaction-tokens.ts';

const minuteMs = 60_000;

async function openTokens(tokensMax: number) {
  const clock = new FakeClock(1_700_000_000_000);
  const { records } = openMemoryStore({ clock });
  const open = (): Promise<TransactionTokens> => TransactionTokens.open({ records, clock, tokensMax });
  const tokens = await open();
  /** How many of `count` transactions are made, until one is refused. */
  const make = async (which: TransactionTokens, account: string, name: string, count: number): Promise<number> => {
    for (let made = 0; made < count; made += 1) {
      try {
        using claim = which.claim({ account, token: `${name}-${made}`, digest: 'same' });
        assert.equal(claim.status, 'new');
        if (claim.status !== 'new') return made;
        await records.transact(claim.operations);
        claim.written();
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'throttled');
        return made;
      }
    }
    return count;
  };
  return { clock, tokens, open, make };
}

test('an account that makes transactions without end leaves room for the tokens of others, also after a restart', async () => {
  const { tokens, open, make } = await openTokens(100);
  assert.equal(await make(tokens, 'one', 'a', 1_000), 80);
  assert.equal(await make(tokens, 'two', 'a', 10), 10);
  const again = await open();
  assert.equal(await make(again, 'one', 'b', 10), 0);
  assert.equal(await make(again, 'two', 'b', 2), 2);
});

test('after ten minutes there is room again, for who was refused', async () => {
  const { clock, tokens, make } = await openTokens(100);
  assert.equal(await make(tokens, 'one', 'a', 1_000), 80);
  await clock.advance(10 * minuteMs);
  assert.equal(await make(tokens, 'one', 'b', 1_000), 80);
});

test('what was not made gives its place back', async () => {
  const { tokens, make } = await openTokens(10);
  for (let count = 0; count < 100; count += 1) {
    using claim = tokens.claim({ account: 'one', token: `given-up-${count}`, digest: 'same' });
    assert.equal(claim.status, 'new');
  }
  assert.equal(await make(tokens, 'one', 'a', 100), 8);
});
