/** SNS through boto3 and the genuine `aws` command, and beside moto's server: where the two differ, SNS's page is right. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { openSnsRig, type SnsRig } from './harness/sns-rig.ts';
import { startMoto } from './harness/start-moto.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'harness', 'sns_clients.py');

function answers(command: string, ...words: string[]): boolean {
  try {
    execFileSync(command, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

let rig: SnsRig;
before(async () => (rig = await openSnsRig()));
after(async () => {
  await rig[Symbol.asyncDispose]();
  assert.deepEqual(rig.errors, []);
});

/** Of each step what came of it. */
async function walk(python: string, environment: NodeJS.ProcessEnv): Promise<Map<string, unknown>> {
  const { stdout } = await run(python, [script], { env: environment, timeout: 240_000 });
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, unknown]),
  );
}

/** What moto's server does otherwise than SNS's pages say; docs/reference/sns.md has it in words. */
const motoDiffers: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['subscribe, a protocol that is none', 'ok null'],
  [
    'subscriptions',
    'ok [["sqs", "arn:aws:sqs:us-east-1:ACCOUNT:inbox"], ["smoke", "arn:aws:sqs:us-east-1:ACCOUNT:inbox"]]',
  ],
  [
    'envelope',
    '{"Message": "hello", "MessageAttributes": {"n": {"Type": "Number", "Value": "1"}}, "SignatureVersion": "2", "Subject": "hi", "TopicArn": "arn:aws:sns:us-east-1:ACCOUNT:news", "Type": "Notification"}',
  ],
  ['publish nothing', 'ok null'],
  ['publish a number that is none', 'refused InvalidParameter'],
  ['publish a type that is none', 'refused InvalidParameter'],
  ['publish FIFO without a group', 'refused MissingParameter'],
]);

const hasBoto3 = answers('python3', '-c', 'import boto3');

test('boto3 walks through what SNS does', { skip: !hasBoto3 && 'boto3 is not installed' }, async () => {
  const outcomes = await walk('python3', rig.environment);
  const told = Object.fromEntries(outcomes);
  assert.equal(told['publish'], 'ok ["MessageId"]');
  assert.deepEqual(told['filtered and raw'], ['order', 'return']);
  assert.deepEqual(told['in order'], ['1', '2', '3']);
  assert.equal(told['delete again'], 'ok null');
});

test(
  'moto’s server agrees, or SNS’s page says otherwise',
  { skip: !hasBoto3 && 'boto3 is not installed' },
  async (t) => {
    await using moto = await startMoto({});
    if (moto === undefined) return t.skip('moto is not installed');
    const environment = { ...process.env, ENDPOINT: moto.url, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' };
    await using own = await openSnsRig();
    const [theirs, ours] = [await walk('python3', environment), await walk('python3', own.environment)];
    for (const [step, outcome] of ours) {
      const other = motoDiffers.get(step) ?? outcome;
      assert.deepEqual(theirs.get(step), other, step);
    }
  },
);

test(
  'the aws command makes a topic, subscribes a queue, publishes and cleans up',
  { skip: !answers('aws', '--version') && 'the aws command is not installed' },
  async () => {
    // Older commands do not read AWS_ENDPOINT_URL.
    const aws = async (...words: string[]): Promise<string> =>
      (
        await run('aws', ['--endpoint-url', rig.endpoint, 'sns', ...words, '--output', 'text'], {
          env: rig.environment,
          timeout: 240_000,
        })
      ).stdout.trim();
    const arn = await aws('create-topic', '--name', 'by-command', '--tags', 'Key=a,Value=b');
    assert.equal(arn, 'arn:aws:sns:us-east-1:000000000000:by-command');
    const queue = await rig.openQueue('by-command');
    const subscription = await aws(
      'subscribe',
      '--topic-arn',
      arn,
      '--protocol',
      'sqs',
      '--notification-endpoint',
      queue,
    );
    assert.ok(subscription.startsWith(`${arn}:`));
    await aws(
      'set-subscription-attributes',
      '--subscription-arn',
      subscription,
      '--attribute-name',
      'RawMessageDelivery',
      '--attribute-value',
      'true',
    );
    await aws('publish', '--topic-arn', arn, '--message', 'hello from a command line');
    assert.equal((await rig.received('by-command', 1))[0]?.body, 'hello from a command line');
    assert.match(await aws('list-subscriptions-by-topic', '--topic-arn', arn), new RegExp(subscription));
    assert.match(await aws('list-tags-for-resource', '--resource-arn', arn), /a\s+b/);
    await aws('unsubscribe', '--subscription-arn', subscription);
    await aws('delete-topic', '--topic-arn', arn);
    assert.doesNotMatch(await aws('list-topics'), /by-command/);
  },
);
