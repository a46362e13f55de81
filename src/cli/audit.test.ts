import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CliRig } from './cli-rig.ts';

const entry = {
  sequence: 7,
  timeMs: Date.UTC(2026, 0, 15, 11),
  actor: { kind: 'user', name: 'ada', arn: 'arn:aws:iam::000000000000:user/ada', accessKeyId: 'AKIA1' },
  service: 'sqs',
  operation: 'CreateQueue',
  resources: ['arn:aws:sqs:us-east-1:000000000000:jobs'],
  parameters: { QueueName: 'jobs', Delay: 3 },
  from: { address: '127.0.0.1', userAgent: 'aws-cli' },
  result: 'ok',
  count: 1,
};
const denied = {
  ...entry,
  sequence: 8,
  actor: { kind: 'unknown', name: '', arn: '', accessKeyId: 'AKIA2' },
  resources: [],
  parameters: {},
  result: 'denied',
  error: { code: 'InvalidClientTokenId', message: '' },
  count: 40,
};

test('audit log shows entries as a log is read, and asks for those that are wanted', async () => {
  await using rig = await new CliRig().start();
  rig.answers.set('GET audit', { json: { entries: [denied, entry] } });
  const { stdout } = await rig.run(['audit', 'log', '--who', 'ada', '--denied', '--limit', '5', '--since', '1h']);
  assert.deepEqual(stdout.trimEnd().split('\n'), [
    '7  1 h ago  user ada from 127.0.0.1             sqs:CreateQueue  ok                               arn:aws:sqs:us-east-1:000000000000:jobs Delay=3',
    '8  1 h ago  somebody with AKIA2 from 127.0.0.1  sqs:CreateQueue  denied InvalidClientTokenId ×40',
  ]);
  const { from, ...query } = rig.calls.at(-1)?.query ?? {};
  assert.deepEqual(query, { result: 'denied', who: 'ada', limit: '5' });
  assert.match(String(from), /^\d+$/);
  assert.equal((await rig.run(['audit', 'log', '--limit', '0'])).code, 2);
  assert.equal((await rig.run(['audit', 'tail'])).code, 2);
});

test('audit log --verify says whether it is as it was written, also by its exit code', async () => {
  await using rig = await new CliRig().start();
  const head = { sequence: 8, hash: 'a'.repeat(64) };
  rig.answers.set('GET audit/verification', { json: { entries: 8, head, faults: [] } });
  const whole = await rig.run(['audit', 'log', '--verify', '--expected', `8:${head.hash}`]);
  assert.match(whole.stdout, /^as it was written: 8 entries, .*\nlast entry: 8:a{64}\n/);
  assert.deepEqual([whole.code, rig.calls.at(-1)?.query], [0, { expected: `8:${head.hash}` }]);
  const problem = 'entry 3 was changed after it was written';
  rig.answers.set('GET audit/verification', { json: { entries: 8, head, faults: [{ sequence: 3, problem }] } });
  const broken = await rig.run(['audit', 'log', '--verify']);
  assert.match(broken.stdout, /^not as it was written: 1 fault in 8 entries\n {2}entry 3 was changed/);
  assert.equal(broken.code, 1);
  assert.equal((await rig.run(['audit', 'log', '--expected', 'x'])).code, 2);
});

test('audit says what is wrong, the gravest first, and fails where it is as grave as was said', async () => {
  await using rig = await new CliRig().start();
  const finding = {
    severity: 'high',
    kind: 'open-policy',
    subject: 'arn:aws:sqs:::jobs',
    problem: 'is open',
    advice: 'Close it.',
  };
  const path = ['everybody', 'GET /', 'function/a', 'may do everything', 'administrator'];
  const way = { ...finding, severity: 'critical', kind: 'public-to-administrator', subject: 'function/a', path };
  const graph = { nodes: [], edges: [{ from: 'everybody', by: 'GET /', to: 'function/a' }] };
  rig.answers.set('GET audit/findings', { json: { findings: [way, finding], graph } });
  const { stdout, code } = await rig.run(['audit', '--graph']);
  assert.deepEqual(stdout.trimEnd().split('\n'), [
    'critical  function/a: is open (public-to-administrator)',
    '    everybody -[GET /]→ function/a -[may do everything]→ administrator',
    '    → Close it.',
    'high  arn:aws:sqs:::jobs: is open (open-policy)',
    '    → Close it.',
    '',
    '2 findings: 1 critical, 1 high.',
    '',
    'who can become whom',
    '  everybody  -[GET /]→  function/a',
  ]);
  assert.equal(code, 0);
  rig.answers.set('GET audit/findings', { json: { findings: [finding], graph } });
  assert.equal((await rig.run(['audit', '--fail-on', 'critical'])).code, 0);
  assert.equal((await rig.run(['audit', '--fail-on', 'high'])).code, 1);
  assert.equal((await rig.run(['audit', '--fail-on', 'medium', '--json'])).code, 1);
  for (const words of [
    ['--fail-on', 'bad'],
    ['--denied'],
    ['--limit', '3'],
    ['log', '--graph'],
    ['log', '--fail-on', 'low'],
  ])
    assert.equal((await rig.run(['audit', ...words])).code, 2, words.join(' '));
});
