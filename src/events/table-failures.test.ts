import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account } from './source-rig.ts';
import { eventOf, letters, queueArn, told, world } from './table-rig.ts';

test('a poisoned record is found by halves and told to the destination; all beside it are processed in order', async () => {
  const seen: string[] = [];
  const one = await world({
    binding: { bisects: true, retriesMax: 2, onFailure: queueArn, windowMs: 1_000 },
    decide(invocation) {
      const all = eventOf(invocation).Records.map(told);
      if (all.includes('item:13')) return { status: 'function_error', errorMessage: 'poison' };
      seen.push(...all);
      return { status: 'ok' };
    },
  });
  for (let n = 0; n < 40; n += 1) await one.put('item', n);
  await one.clock.advance(10 * 60_000);
  assert.deepEqual(
    seen,
    Array.from({ length: 40 }, (_, n) => `item:${n}`).filter((name) => name !== 'item:13'),
  );
  const [letter, ...more] = await letters(one);
  assert.equal(more.length, 0);
  assert.equal(letter?.DDBStreamBatchInfo.batchSize, 1);
  const failed = one.invoker.invocations.map(eventOf).filter(({ Records: all }) => all.map(told).join() === 'item:13');
  assert.equal(failed.length, 3, 'the first try of it alone, and two more');
  const poisoned = failed[0]?.Records[0] ?? assert.fail('it was tried alone');
  const shard = /^shardId-\d{20}-[0-9a-f]{8}$/;
  const {
    requestContext,
    DDBStreamBatchInfo: place,
    ...rest
  } = letter as never as Record<string, Record<string, unknown>>;
  assert.match(String(place?.['shardId']), shard);
  assert.deepEqual(requestContext, {
    requestId: requestContext?.['requestId'],
    functionArn: `arn:aws:lambda:us-east-1:${account}:function:listen:live`,
    condition: 'RetryAttemptsExhausted',
    approximateInvokeCount: 3,
  });
  assert.deepEqual(place, {
    shardId: place?.['shardId'],
    startSequenceNumber: poisoned.dynamodb.SequenceNumber,
    endSequenceNumber: poisoned.dynamodb.SequenceNumber,
    approximateArrivalOfFirstRecord: '2026-01-01T00:00:00Z',
    approximateArrivalOfLastRecord: '2026-01-01T00:00:00Z',
    batchSize: 1,
    streamArn: poisoned.eventSourceARN,
  });
  assert.deepEqual(rest, {
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: rest['timestamp'],
  });
  await one.stop();
});

test('where no destination is named, what is given up lies in the dead letters of the function', async () => {
  const one = await world({
    binding: { retriesMax: 0 },
    decide: () => ({ status: 'function_error', errorMessage: 'no' }),
  });
  await one.put('a', 1);
  await one.clock.advance(1_000);
  assert.equal(await one.asynchronous.deadLetterCount(account, 'listen'), 1);
  await one.stop();
});

test('it goes on at the lowest record that the function reports, and a bad answer is the whole batch', async () => {
  const answers: string[] = [];
  const one = await world({
    binding: { reportsFailures: true, windowMs: 1_000 },
    decide(invocation) {
      const { Records: records } = eventOf(invocation);
      const [second, third] = [records[1], records[2]].map((record) => record?.dynamodb.SequenceNumber);
      const answer = [
        // Whatever the order in which they are named.
        { batchItemFailures: [{ itemIdentifier: third }, { itemIdentifier: second }] },
        { batchItemFailures: [{ itemIdentifier: '' }] },
        { batchItemFailures: [{ itemIdentifier: 'unknown' }] },
        {},
      ][answers.length];
      answers.push(records.map(told).join());
      return { status: 'ok', answer: JSON.stringify(answer) };
    },
  });
  for (let n = 0; n < 4; n += 1) await one.put('a', n);
  await one.clock.advance(60_000);
  assert.deepEqual(answers, ['a:0,a:1,a:2,a:3', 'a:1,a:2,a:3', 'a:1,a:2,a:3', 'a:1,a:2,a:3']);
  await one.stop();
});

test('a failing item holds up its lane alone, and what is older than may be is given up', async () => {
  const seen: string[] = [];
  const one = await world({
    binding: { parallel: 10, batchMax: 1, ageMaxMs: 60_000, onFailure: queueArn },
    decide(invocation) {
      const [record = ''] = eventOf(invocation).Records.map(told);
      if (record === 'bad:1') return { status: 'function_error', errorMessage: 'no' };
      seen.push(record);
      return { status: 'ok' };
    },
  });
  await one.put('bad', 1);
  await one.put('bad', 2);
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) await one.put(id, 1);
  await one.clock.advance(30_000);
  assert.ok(seen.length >= 4, `${seen.length} of the others have arrived`);
  assert.ok(!seen.includes('bad:2'));
  await one.clock.advance(10 * 60_000);
  const given = await letters(one);
  assert.match(JSON.stringify(given), /"condition":"RecordAgeExceeded"/);
  // What was behind it in its lane may have become too old as well.
  assert.equal(
    given.reduce((all, { DDBStreamBatchInfo: { batchSize } }) => all + batchSize, seen.length),
    10,
  );
  await one.stop();
});
