import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSqsService } from './aws/sqs/sqs.ts';
import { createStandings } from './identity/standing.ts';
import { Identities } from './resources/iam/identities.ts';
import { noKeys } from './resources/data-keys.ts';
import { QueueMoves } from './resources/queue/queue-moves.ts';
import { Queues } from './resources/queue.ts';
import { openMemoryStore } from './store/memory/open-memory-store.ts';
import { newCause } from './util/cause.ts';
import { FakeClock } from './util/fake-clock.ts';
import { derivedUuid, randomIds, type AccountId } from './util/ids.ts';
import { createSealer } from './util/sealer.ts';
import { wireServiceCalls } from './service-calls-wired.ts';

const account = '000000000000' as AccountId;
const roleArn = `arn:aws:iam::${account}:role/nightly`;
const sourceArn = `arn:aws:scheduler:us-east-1:${account}:schedule/default/nightly`;

const document = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const trusting = (Service: string): string =>
  document({ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' });
const mayMake = document({ Effect: 'Allow', Action: 'sqs:CreateQueue', Resource: '*' });

async function rig(role?: { trust?: string; policy?: string }) {
  const clock = new FakeClock();
  const store = openMemoryStore({ clock });
  const parts = { ...store, clock, ids: randomIds };
  const report = (what: string, cause: unknown): void => assert.fail(`${what}: ${String(cause)}`);
  const identities = await Identities.open({
    ...store,
    clock,
    sealer: createSealer([Buffer.alloc(32, 7)], randomIds),
    report,
  });
  if (role !== undefined) {
    const { trust = trusting('scheduler.amazonaws.com'), policy = mayMake } = role;
    await identities.change(account, (draft) =>
      draft.put('role', {
        account,
        name: 'nightly',
        path: '/',
        id: 'AROANIGHTLY',
        createdMs: 0,
        inline: { own: policy },
        attached: [],
        tags: {},
        trust,
        sessionSecondsMax: 3_600,
      }),
    );
  }
  const queues = await Queues.open(parts);
  const wired = wireServiceCalls({
    region: 'us-east-1',
    apiPort: () => 4566,
    requireRoom: () => {},
    log: (message) => assert.fail(message),
  });
  const audited: string[] = [];
  const moves = await QueueMoves.open({ ...parts, queues, report });
  wired.serve(
    {
      services: [createSqsService({ queues, moves, keysFor: () => noKeys })],
      standingOf: createStandings({ identities, grantsOf: () => undefined, clock }),
      authenticate: () => assert.fail('nothing came over a wire'),
      audit: ({ operation, principal, error }) =>
        Promise.resolve(void audited.push(`${principal?.kind} ${operation} ${error?.reason ?? 'ok'}`)),
      causeOf: () => undefined,
      clock,
      ids: randomIds,
      region: 'us-east-1',
      onError: (error) => assert.fail(String(error)),
    },
    identities,
  );
  const make = (given = roleArn) =>
    wired.calls.call({
      service: 'sqs',
      action: 'createQueue',
      input: '{"QueueName":"made"}',
      account,
      roleArn: given,
      sourceArn,
      id: derivedUuid('call'),
      cause: newCause(0, '0'.repeat(24)),
    });
  const mayAssume = (): boolean => wired.calls.mayAssume({ account, roleArn, sourceArn });
  return { make, mayAssume, audited, made: () => queues.get(account, 'made') !== undefined };
}

const denied = (message: RegExp) => ({ code: 'permission_denied', reason: 'AccessDenied', message });

test('a call has what the policies of its role allow, and is in the audit log', async () => {
  const { make, made, mayAssume, audited } = await rig({});
  assert.ok(mayAssume());
  await make();
  assert.ok(made());
  assert.deepEqual(audited, ['role CreateQueue ok']);
});

test('a call that they do not allow is denied, which is in the audit log, too', async () => {
  const policy = document({ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' });
  const { make, made, audited } = await rig({ policy });
  await assert.rejects(make(), denied(/assumed-role\/nightly\/.* is not authorized to perform: sqs:CreateQueue/));
  assert.ok(!made());
  assert.deepEqual(audited, ['role CreateQueue AccessDenied']);
});

test('what they deny from some day on is denied to a schedule, too, which has no request that says the time', async () => {
  const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
  const until = (day: string) =>
    document(everything, {
      ...everything,
      Effect: 'Deny',
      Condition: { DateGreaterThan: { 'aws:CurrentTime': day } },
    });
  const later = await rig({ policy: until('2999-01-01T00:00:00Z') });
  await later.make();
  assert.ok(later.made());
  const { make, made } = await rig({ policy: until('1969-01-01T00:00:00Z') });
  await assert.rejects(make(), denied(/explicit deny/));
  assert.ok(!made());
});

test('a role that does not trust the scheduler calls nothing', async () => {
  const { make, mayAssume } = await rig({ trust: trusting('lambda.amazonaws.com') });
  assert.ok(!mayAssume());
  await assert.rejects(make(), denied(/does not let scheduler.amazonaws.com assume it/));
});

test('a role that trusts it for another schedule calls nothing', async () => {
  const trust = document({
    Effect: 'Allow',
    Principal: { Service: 'scheduler.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: { ArnEquals: { 'aws:SourceArn': `${sourceArn}s` } },
  });
  const { make } = await rig({ trust });
  await assert.rejects(make(), denied(/does not let/));
});

test('a role that is not there, or is of another account, calls nothing', async () => {
  const { make } = await rig();
  await assert.rejects(make(), denied(/there is no role/));
  await assert.rejects(make('arn:aws:iam::111111111111:role/nightly'), denied(/there is no role/));
});
