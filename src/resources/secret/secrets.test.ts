/** What time does to secrets, and what is left of them after a restart. Their operations: test/secretsmanager.test.ts. */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { openMemoryStore } from '../../store/memory/open-memory-store.ts';
import { scan, type Records } from '../../store/records.ts';
import { FakeClock } from '../../util/fake-clock.ts';
import { randomIds, type AccountId } from '../../util/ids.ts';
import { createSealer } from '../../util/sealer.ts';
import { createSealerVault } from '../vault.ts';
import { rotationWindow } from './rotation.ts';
import { pendingVersion, type Secret } from './secret.ts';
import { Secrets } from './secrets.ts';

const account = '000000000000' as AccountId;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const vault = createSealerVault(createSealer([Buffer.alloc(32, 7)], randomIds));
const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:rotator';

let clock: FakeClock;
let records: Records;
let secrets: Secrets;

const open = (): Promise<Secrets> =>
  Secrets.open({ region: 'us-east-1', records, clock, ids: randomIds, report: (message) => assert.fail(message) });

beforeEach(async () => {
  clock = new FakeClock(Date.UTC(2026, 2, 1, 10));
  ({ records } = openMemoryStore({ clock }));
  secrets = await open();
});

const token = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const put = (n: number, stages?: readonly string[]): Promise<Secret> =>
  secrets.putValue(
    account,
    'db',
    { token: token(n), value: { kind: 'text', text: String(n) }, ...(stages !== undefined && { stages }) },
    vault,
  );
const create = (): Promise<Secret> =>
  secrets.create(account, { name: 'db', token: token(0), value: { kind: 'text', text: '0' } }, vault);
const keys = async (): Promise<string[]> => {
  const found: string[] = [];
  for await (const { key } of scan(records, 'secret')) found.push(key);
  return found;
};

test('versions without a label go once they are a day old and a hundred, the oldest first, with what they held', async () => {
  await create();
  for (let n = 1; n < 100; n += 1) await put(n);
  await assert.rejects(put(100), { reason: 'LimitExceededException' });
  await clock.advance(dayMs + 1);
  const secret = await put(100);
  assert.deepEqual([secret.versions.length, secret.versions[0]?.id], [100, token(1)]);
  assert.equal((await keys()).filter((key) => key.startsWith('secret-value/')).length, 100);
  // A version with a label stays, however old.
  await put(101, ['KEPT']);
  await clock.advance(dayMs + 1);
  for (let n = 102; n < 200; n += 1) await put(n);
  assert.ok(secrets.need(account, 'db').versions.some(({ id }) => id === token(101)));
});

test('what was deleted is there until its time is over, and then nothing of it is', async () => {
  await create();
  const marked = await secrets.delete(account, 'db', 7 * dayMs);
  await clock.advance(7 * dayMs - 1);
  await secrets.purge(marked);
  assert.ok(secrets.find(account, 'db'));
  await clock.advance(1);
  await secrets.purge(marked);
  assert.equal(secrets.find(account, 'db'), undefined);
  assert.deepEqual(await keys(), []);
});

describe('rotation', () => {
  const rotate = (isImmediate: boolean, afterDays = 10): Promise<Secret> =>
    secrets.rotate(account, 'db', { token: token(1), functionArn, rules: { afterDays }, isImmediate });
  const steps = async (): Promise<string[]> => {
    const taken: string[] = [];
    for (
      let secret = secrets.need(account, 'db');
      secret.rotating !== undefined;
      secret = secrets.need(account, 'db')
    ) {
      const { step, token: version } = secret.rotating;
      taken.push(step);
      if (step === 'createSecret')
        await secrets.putValue(
          account,
          'db',
          { token: version, value: { kind: 'text', text: version }, stages: ['AWSPENDING'] },
          vault,
        );
      if (step === 'finishSecret')
        await secrets.moveStage(account, 'db', {
          stage: 'AWSCURRENT',
          fromId: secret.versions.find(({ stages }) => stages.includes('AWSCURRENT'))?.id,
          toId: version,
        });
      await secrets.stepDone(secret);
    }
    return taken;
  };
  const all = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

  test('goes on at the step that it had come to, whoever opens it', async () => {
    await create();
    await rotate(true);
    await secrets.stepDone(secrets.need(account, 'db'));
    secrets = await open();
    assert.deepEqual((await steps()).slice(0, 2), ['setSecret', 'testSecret']);
  });

  test('is due as its rules say, and not before; what was missed is done once', async () => {
    await create();
    await rotate(true);
    assert.deepEqual(await steps(), all);
    const due = Date.UTC(2026, 2, 11);
    assert.equal(rotationWindow(secrets.need(account, 'db'))?.startMs, due);
    await clock.advance(due - clock.now() - 1);
    await secrets.rotateNow(secrets.need(account, 'db'));
    assert.equal(secrets.need(account, 'db').rotating, undefined);
    await clock.advance(45 * dayMs);
    await secrets.rotateNow(secrets.need(account, 'db'));
    assert.deepEqual(await steps(), all);
    await secrets.rotateNow(secrets.need(account, 'db'));
    assert.equal(secrets.need(account, 'db').rotating, undefined);
    assert.equal(rotationWindow(secrets.need(account, 'db'))?.startMs, Date.UTC(2026, 4, 4));
  });

  test('that was given up leaves its version pending, and is taken up with it at the next time', async () => {
    await create();
    await rotate(true);
    await secrets.endRotation(secrets.need(account, 'db'));
    assert.equal(pendingVersion(secrets.need(account, 'db'))?.id, token(1));
    await assert.rejects(secrets.rotate(account, 'db', { token: token(2), isImmediate: true }), {
      reason: 'InvalidRequestException',
    });
    await clock.advance(11 * dayMs);
    await secrets.rotateNow(secrets.need(account, 'db'));
    assert.equal(secrets.need(account, 'db').rotating?.token, token(1));
    assert.deepEqual(await steps(), all);
  });

  test('that is only tried takes one step and leaves nothing', async () => {
    await create();
    await rotate(false);
    assert.deepEqual(await steps(), ['testSecret']);
    const { versions, rotatedMs } = secrets.need(account, 'db');
    assert.deepEqual([versions.length, rotatedMs], [1, undefined]);
    assert.ok(rotationWindow(secrets.need(account, 'db')) !== undefined);
  });

  test('that was cancelled is not gone on with, whatever its step comes to', async () => {
    await create();
    const before = await rotate(true);
    await secrets.cancelRotation(account, 'db');
    await secrets.stepDone(before);
    assert.equal(secrets.need(account, 'db').rotating, undefined);
    await clock.advance(100 * dayMs);
    await secrets.rotateNow(secrets.need(account, 'db'));
    assert.equal(secrets.need(account, 'db').rotating, undefined);
  });
});
