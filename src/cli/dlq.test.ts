import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CliRig } from './cli-rig.ts';

const letter = {
  id: 'letter-1',
  timeMs: Date.UTC(2026, 0, 15, 11),
  from: 'function hello',
  why: 'RetriesExhausted: Error: no',
  attempts: 3,
  payload: { order: 'seven' },
  to: 'function hello',
};

test('dlq shows where letters lie, and one of them with its payload', async () => {
  await using rig = await new CliRig().start();
  const places = [
    { kind: 'function', name: 'hello', count: 2, oldestMs: letter.timeMs, of: ['function hello'] },
    { kind: 'queue', name: 'jobs-dead', count: 0, of: ['queue jobs', 'rule orders, target 1'] },
  ];
  rig.answers.set('GET dead-letters', { json: { places } });
  rig.answers.set('GET dead-letters/function%3Ahello/letter-1', { json: letter });
  rig.answers.set('GET dead-letters/function%3Ahello', { json: { letters: [letter] } });
  assert.equal(
    (await rig.run(['dlq', 'ls'])).stdout,
    [
      'function:hello   2 letters  oldest 1 h ago  of function hello',
      'queue:jobs-dead  empty                      of queue jobs, rule orders, target 1',
      '',
    ].join('\n'),
  );
  const shown = await rig.run(['dlq', 'show', 'hello', 'letter-1']);
  assert.match(
    shown.stdout,
    /given up {2}1 h ago, by function hello, after 3 attempts\nwhy {7}RetriesExhausted: Error: no\n/,
  );
  assert.match(shown.stdout, /"order": "seven"/);
  assert.match((await rig.run(['dlq', 'show', 'function:hello'])).stdout, /^letter-1 .*\{"order":"seven"\}$/m);
});

test('dlq redrive says what went and what stays, and that something stays is its exit code', async () => {
  await using rig = await new CliRig().start();
  const refused = [{ id: 'letter-2', why: 'it is not there' }];
  rig.answers.set('POST dead-letters/function%3Ahello/redrive', {
    json: { sent: [{ id: 'letter-1', to: 'function hello', as: 'new-1' }], refused, left: 0 },
  });
  const ran = await rig.run(['dlq', 'redrive', 'function:hello', 'letter-1', 'letter-2']);
  assert.equal(ran.code, 1);
  assert.equal(ran.stdout, '1 letter sent again: 1 to function hello, as new-1.\n  letter-2 stays: it is not there\n');
  assert.deepEqual(JSON.parse(String(rig.calls.at(-1)?.body)), { ids: ['letter-1', 'letter-2'] });
  assert.equal((await rig.run(['dlq', 'redrive', 'hello'])).code, 2);
  assert.equal((await rig.run(['dlq', 'redrive', 'hello', 'letter-1', '--all'])).code, 2);
});

test('dlq edit sends what the file has, and nothing that is not JSON', async () => {
  await using rig = await new CliRig().start();
  rig.answers.set('GET dead-letters/function%3Ahello/letter-1', { json: letter });
  rig.answers.set('POST dead-letters/function%3Ahello/redrive', {
    json: { sent: [{ id: 'letter-1', to: 'function hello', as: 'new-1' }], refused: [], left: 0 },
  });
  rig.write({ 'fixed.json': '{"order":7}', 'broken.json': '{order' });
  assert.equal((await rig.run(['dlq', 'edit', 'hello', 'letter-1', '--payload', 'fixed.json'])).code, 0);
  assert.deepEqual(JSON.parse(String(rig.calls.at(-1)?.body)), { ids: ['letter-1'], payload: { order: 7 } });
  const broken = await rig.run(['dlq', 'edit', 'hello', 'letter-1', '--payload', 'broken.json']);
  assert.match(broken.stderr, /not JSON .*nothing was sent/);
  assert.equal((await rig.run(['dlq', 'edit', 'hello', 'letter-1'])).code, 2);
});

test('dlq purge drops by id, or all', async () => {
  await using rig = await new CliRig().start();
  rig.answers.set('DELETE dead-letters/queue%3Ajobs-dead', { json: { purged: 1 } });
  assert.equal((await rig.run(['dlq', 'purge', 'queue:jobs-dead', 'a', 'b'])).stdout, '2 letters dropped.\n');
  await rig.run(['dlq', 'purge', 'queue:jobs-dead', '--all']);
  assert.deepEqual(rig.calls.at(-1)?.query, { all: '1' });
});
