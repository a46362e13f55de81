import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../util/fake-clock.ts';
import type { RequestId } from '../../../util/ids.ts';
import type { InvokeRequest } from '../../sandbox.ts';
import { GivenInvocations, type Given } from './given-invocations.ts';

function open() {
  const clock = new FakeClock();
  const said: string[] = [];
  const settled: string[] = [];
  const given = new GivenInvocations({
    clock,
    recall: () => void said.push('recall'),
    sendEarly: ({ requestId }) => void said.push(requestId),
  });
  const one = (name: string): Given => ({
    request: { requestId: name as RequestId } as InvokeRequest,
    settle: ({ status }) => void settled.push(`${name} ${status}`),
  });
  return { given, clock, said, settled, one };
}

test('those behind one that takes long are asked for, and those given back run elsewhere', async () => {
  const { given, clock, said, settled, one } = open();
  for (const name of ['a', 'b', 'c']) given.add(one(name));
  await clock.advance(5);
  assert.deepEqual([said, given.isRecalling], [['recall'], true]);
  assert.equal(given.gaveBack(3), false, 'the first runs');
  assert.equal(given.gaveBack(1), true);
  assert.deepEqual([settled, given.count, given.isRecalling], [['c not_started'], 2, false]);
  assert.equal(given.gaveBack(0), false, 'nobody asked again');
});

test('nobody is asked for where one after the other is answered in time, and nobody behind the last', async () => {
  const { given, clock, said, one } = open();
  for (const name of ['a', 'b', 'c']) given.add(one(name));
  await clock.advance(4);
  given.answered();
  await clock.advance(4);
  given.answered();
  await clock.advance(100);
  assert.deepEqual([said, given.first?.request.requestId], [[], 'c']);
  given.add(one('d'));
  await clock.advance(5);
  assert.deepEqual(said, ['recall'], 'it is looked at again as soon as another is behind');
});

test('nobody is asked for once it ends', async () => {
  const { given, clock, said, settled, one } = open();
  for (const name of ['a', 'b']) given.add(one(name));
  given.close();
  await clock.advance(100);
  assert.deepEqual([said, given.takeAll().length, given.count, settled], [[], 2, 0, []]);
});

test('one that comes while the code is loaded is said once it is heard, and not again by who begins it', () => {
  const before = open();
  before.given.addEarly(before.one('a'));
  assert.deepEqual([before.said, before.given.hasUnsaid], [[], true]);
  before.given.heard();
  assert.deepEqual([before.said, before.given.takeUnsaid()], [['a'], undefined]);
  const after = open();
  after.given.heard();
  after.given.addEarly(after.one('a'));
  assert.deepEqual([after.said, after.given.hasUnsaid], [['a'], false]);
  const never = open();
  never.given.addEarly(never.one('a'));
  assert.equal(never.given.takeUnsaid()?.requestId, 'a');
  never.given.heard();
  assert.deepEqual([never.said, never.given.count], [[], 1]);
});
