import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { functionArn, type AccountId } from '../util/ids.ts';
import { Admission } from './admit.ts';

const account = '000000000000' as AccountId;
const arn = (name: string) => functionArn('us-east-1', account, name);
const enter = (admission: Admission, name: string, max?: number) => admission.enter(account, arn(name), max);

test('what is set aside for one function the others cannot take, and it is there for that function at once', () => {
  const admission = new Admission(() => 10);
  admission.setAside(account, arn('own'), 4);
  for (let count = 0; count < 6; count++) assert.equal(enter(admission, 'other'), 'admitted');
  assert.equal(enter(admission, 'other'), 'account');
  for (let count = 0; count < 4; count++) assert.equal(enter(admission, 'own', 4), 'admitted');
  assert.equal(enter(admission, 'own', 4), 'function');
  admission.leave(account, arn('own'));
  assert.equal(enter(admission, 'other'), 'account', 'what the function gave back stays its own');
  admission.leave(account, arn('other'));
  assert.equal(enter(admission, 'other'), 'admitted');
});

test('beyond what is set aside a function without a limit of its own runs on what is shared', () => {
  const admission = new Admission(() => 5);
  admission.setAside(account, arn('provisioned'), 2);
  for (let count = 0; count < 5; count++) assert.equal(enter(admission, 'provisioned'), 'admitted');
  assert.equal(enter(admission, 'provisioned'), 'account');
  assert.equal(enter(admission, 'other'), 'account');
});

test('a limit of none lets none run', () => {
  assert.equal(enter(new Admission(() => 5), 'stopped', 0), 'function');
});

test('whatever enters, leaves and is set aside meanwhile, in the end nothing is counted', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    fc.record({ kind: fc.constant('enter' as const), name }),
    fc.record({ kind: fc.constant('leave' as const), name }),
    fc.record({ kind: fc.constant('setAside' as const), name, count: fc.integer({ min: 0, max: 3 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const admission = new Admission(() => 10);
      const running = new Map<string, number>();
      for (const one of steps) {
        const now = running.get(one.name) ?? 0;
        if (one.kind === 'setAside') admission.setAside(account, arn(one.name), one.count);
        else if (one.kind === 'leave') {
          if (now === 0) continue;
          admission.leave(account, arn(one.name));
          running.set(one.name, now - 1);
        } else if (enter(admission, one.name) === 'admitted') running.set(one.name, now + 1);
      }
      for (const [each, count] of running) {
        assert.equal(admission.running(arn(each)), count);
        for (let left = count; left > 0; left--) admission.leave(account, arn(each));
      }
      for (const each of ['a', 'b', 'c']) admission.setAside(account, arn(each), 0);
      assert.equal(admission.total, 0);
      for (let count = 0; count < 10; count++) assert.equal(enter(admission, 'd'), 'admitted');
      assert.equal(enter(admission, 'd'), 'account');
    }),
  );
});
