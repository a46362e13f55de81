import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EnvironmentId } from '../util/ids.ts';
import { EnvironmentTurns, waitingRequestsMax } from './environment-turns.ts';

const [one, two, three] = ['one', 'two', 'three'] as EnvironmentId[] as [EnvironmentId, EnvironmentId, EnvironmentId];

test('environments come one after the other, whatever each asks for', async () => {
  const turns = new EnvironmentTurns();
  const begun: string[] = [];
  const ask = async (environment: EnvironmentId, name: string): Promise<void> => {
    await turns.next(environment);
    begun.push(name);
  };
  const asked = [ask(one, '1a'), ask(one, '1b'), ask(one, '1c'), ask(one, '1d'), ask(two, '2a'), ask(three, '3a')];
  await asked[0];
  asked.push(ask(two, '2b'), ask(one, '1e'));
  await Promise.all(asked);
  assert.deepEqual(begun, ['1a', '2a', '3a', '1b', '2b', '1c', '1d', '1e']);
  await ask(two, 'again');
  assert.equal(begun.at(-1), 'again');
});

test('each turn is one of the event loop', async () => {
  const turns = new EnvironmentTurns();
  let loops = 0;
  const count = (): void => {
    loops += 1;
    if (loops < 1_000) setImmediate(count);
  };
  setImmediate(count);
  const at = await Promise.all(Array.from({ length: 5 }, async () => (await turns.next(one), loops)));
  assert.equal(new Set(at).size, 5);
});

test('no more of one environment wait than are said, and of others as many', async () => {
  const turns = new EnvironmentTurns();
  const waiting = Array.from({ length: waitingRequestsMax }, () => turns.next(one));
  assert.ok(waiting.every((turn) => turn !== undefined));
  assert.equal(turns.next(one), undefined);
  assert.notEqual(turns.next(two), undefined);
  await waiting[0];
  assert.notEqual(turns.next(one), undefined);
  assert.equal(turns.next(one), undefined);
  await Promise.all(waiting);
  assert.notEqual(turns.next(one), undefined);
});
