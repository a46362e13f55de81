/** What functions call through Lambda's API: with the permissions that they have, and traced to what caused it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AddPermissionCommand, InvokeCommand, LambdaClient, RemovePermissionCommand } from '@aws-sdk/client-lambda';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

let mayfly: StartedMayfly;
let lambda: LambdaClient;
before(async () => {
  mayfly = await startMayfly();
  lambda = new LambdaClient(awsClient(mayfly));
  await mayfly.json('deploy', join(import.meta.dirname, 'from-inside'));
});
after(async () => {
  lambda.destroy();
  await mayfly[Symbol.asyncDispose]();
});

async function ask(event: object): Promise<Record<string, unknown>> {
  const { Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: 'asks', Qualifier: 'live', Payload: Buffer.from(JSON.stringify(event)) }),
  );
  return JSON.parse(Payload?.transformToString() ?? '') as Record<string, unknown>;
}

test('a function may call what it is permitted to, and one trace goes through both', async () => {
  const { mine, answer } = await ask({ FunctionName: 'answers' });
  const { event, trace } = answer as Record<string, unknown>;
  assert.deepEqual(event, { from: 'inside' });
  assert.match(String(mine), /^Root=1-/);
  assert.equal(trace, mine);
});

test('and nothing else', async () => {
  const { name, message } = await ask({ FunctionName: 'again' });
  assert.equal(name, 'AccessDeniedException');
  assert.match(String(message), /not authorized to perform: lambda:InvokeFunction on resource: .*:function:again/);
});

test('unless the other one’s resource policy lets it', async () => {
  assert.equal((await ask({ FunctionName: 'closed' }))['name'], 'AccessDeniedException');
  const policy = { FunctionName: 'closed', StatementId: 'asks' };
  await lambda.send(
    new AddPermissionCommand({
      ...policy,
      Action: 'lambda:InvokeFunction',
      Principal: 'arn:aws:iam::000000000000:role/asks',
    }),
  );
  assert.ok('answer' in (await ask({ FunctionName: 'closed' })));
  await lambda.send(new RemovePermissionCommand(policy));
  assert.equal((await ask({ FunctionName: 'closed' }))['name'], 'AccessDeniedException');
});

test('a function reads what another one streams', async () => {
  assert.deepEqual(await ask({ FunctionName: 'streams', stream: true }), { chunks: ['one', 'two'] });
});

test('a function that feeds itself through events is stopped after sixteen runs, and told so when it asks', async () => {
  await lambda.send(
    new InvokeCommand({ FunctionName: 'again', InvocationType: 'Event', Payload: Buffer.from('{"n":0}') }),
  );
  const log = await eventually('the loop is stopped', 60_000, async () => {
    const lines = JSON.stringify(await mayfly.json('logs', 'again'));
    // Its own words: the platform says so, too, and a little earlier.
    return lines.includes('stopped: {') ? lines : undefined;
  });
  // One by one: a message with the whole log would be too long to read.
  for (const [expected, isThere] of [
    [/stopped: .*RecursiveInvocationException/, true],
    [/step 15/, true],
    [/step 16/, false],
  ] as const) {
    assert.equal(expected.test(log), isThere, String(expected));
  }
});
