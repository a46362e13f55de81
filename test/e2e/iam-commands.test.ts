/** `mayfly iam` on the whole platform: a refusal explained, what a function used, and the app at work with no more than that. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const account = '000000000000';
const queue = `arn:aws:sqs:us-east-1:${account}:jobs`;

const handler = `
import boto3
s3 = boto3.client("s3")
sqs = boto3.client("sqs")
def handler(event, context):
    if event.get("steal"):
        try:
            s3.get_object(Bucket="others", Key="a")
            return "stolen"
        except Exception as error:
            return {"refused": error.response["ResponseMetadata"]["RequestId"]}
    s3.put_object(Bucket="pics", Key="in/" + event["name"], Body=b"1")
    sqs.send_message(QueueUrl="http://127.0.0.1:4566/${account}/jobs", MessageBody="x")
    return "done"
`;

const manifest = `application: shop
resources:
  buckets: [pics, others]
  queues: { jobs: {} }
functions:
  work:
    runtime: python
    handler: work.handler
    permissions: # for now
      - { allow: ['s3:*', 'sqs:*'], on: ['arn:aws:s3:::pics*', '${queue}'] }
    timeout: 30s # boto3 takes its time
`;

let mayfly: StartedMayfly;
const project = mkdtempSync(join(tmpdir(), 'mayfly-iam-'));

before(async () => {
  writeFileSync(join(project, 'mayfly.yaml'), manifest);
  writeFileSync(join(project, 'work.py'), handler);
  mayfly = await startMayfly();
  await mayfly.json('deploy', project);
});
after(async () => {
  await mayfly[Symbol.asyncDispose]();
  rmSync(project, { recursive: true });
});

const call = async (event: object): Promise<unknown> =>
  ((await mayfly.json('invoke', 'work', '--data', JSON.stringify(event))) as { payload: unknown }).payload;

type Tightened = {
  used: { action: string; resource: string; count: number }[];
  least: { actions: string[]; resources: string[] }[];
};

test('two actions are used, and tighten yields exactly those; the app works on with them alone', async () => {
  assert.equal(await call({ name: 'a.jpg' }), 'done');
  assert.equal(await call({ name: 'b.jpg' }), 'done');
  mayfly = await mayfly.stopAndRestart();
  const { used } = (await mayfly.json('iam', 'tighten', 'work')) as Tightened;
  assert.deepEqual(
    used.map(({ action, resource, count }) => [action, resource, count]),
    [
      ['s3:PutObject', 'arn:aws:s3:::pics/in/*', 2],
      ['sqs:SendMessage', queue, 2],
    ],
  );
  const { least } = (await mayfly.json('iam', 'tighten', 'work', '--write', '--project', project)) as Tightened;
  assert.deepEqual(
    least.map(({ actions, resources }) => [actions, resources]),
    [
      [['s3:PutObject'], ['arn:aws:s3:::pics/in/*']],
      [['sqs:SendMessage'], [queue]],
    ],
  );
  assert.match(readFileSync(join(project, 'mayfly.yaml'), 'utf8'), /timeout: 30s # boto3 takes its time\n$/);
  await mayfly.json('deploy', project);
  assert.equal(await call({ name: 'c.jpg' }), 'done');
  const after = (await mayfly.json('iam', 'why', 'work', 's3:GetObject', 'arn:aws:s3:::pics/in/a')) as {
    decision: string;
  };
  assert.equal(after.decision, 'not_allowed');
});

test('a refused call is explained by its request id, statement by statement', async () => {
  const { refused } = (await call({ steal: true })) as { refused: string };
  const why = (await mayfly.json('iam', 'why', refused)) as {
    principal: string;
    action: string;
    resource: string;
    decision: string;
    refused: { message: string };
    statements: { applies: boolean; differs: string[] }[];
  };
  assert.deepEqual([why.action, why.resource, why.decision], ['s3:GetObject', 'arn:aws:s3:::others/a', 'not_allowed']);
  assert.match(why.refused.message, /because no identity-based policy allows the s3:GetObject action/);
  assert.ok(why.statements.every(({ applies, differs }) => !applies && differs.includes('action')));
  await assert.rejects(mayfly.json('iam', 'why', 'none-of-ours-1'), (error: { stdout?: string }) =>
    String(error.stdout).includes('no refused call with the request id'),
  );
});
