/** Reserved and provisioned concurrency through Lambda's API, as the official client sees them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateAliasCommand,
  DeleteFunctionConcurrencyCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionRecursionConfigCommand,
  GetProvisionedConcurrencyConfigCommand,
  LambdaClient,
  ListProvisionedConcurrencyConfigsCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionRecursionConfigCommand,
  PutProvisionedConcurrencyConfigCommand,
  type LambdaServiceException,
} from '@aws-sdk/client-lambda';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { inTime } from '../harness/in-time.ts';
import { arnOf, openLambdaRig, type LambdaRig } from '../harness/lambda-rig.ts';

const code = {
  'index.mjs': `
let calls = 0;
export const handler = async (event) => {
  if (event.sleepMs) await new Promise((resolve) => setTimeout(resolve, event.sleepMs));
  return { type: process.env.AWS_LAMBDA_INITIALIZATION_TYPE, pid: process.pid, calls: ++calls };
};
`,
};
type Said = { type: string; calls: number };

let rig: LambdaRig;
before(async () => {
  rig = await openLambdaRig();
  for (const name of ['reserved', 'other']) await rig.make(name, code, { Timeout: 60 });
});
after(() => rig[Symbol.asyncDispose]());

/** Code and message of the refusal. */
async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as LambdaServiceException;
    return `${$metadata.httpStatusCode} ${name}: ${message}`;
  }
  return assert.fail('it was not refused');
}

const reserve = (FunctionName: string, ReservedConcurrentExecutions: number) =>
  rig.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
const reservedOf = async (FunctionName: string) =>
  (await rig.lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))).ReservedConcurrentExecutions;

test('reservations that are made at the same time leave the account its hundred', async () => {
  const names = ['one', 'two', 'three', 'four'];
  for (const name of names) await rig.make(name, code);
  const outcomes = await Promise.allSettled(names.map((name) => reserve(name, 300)));
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 3);
  for (const FunctionName of names) await rig.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
});

test('a reservation is kept, stops the function at 0, and is gone when deleted', async () => {
  assert.equal(await reservedOf('reserved'), undefined);
  assert.equal((await reserve('reserved', 0)).ReservedConcurrentExecutions, 0);
  assert.equal(await reservedOf(arnOf('reserved')), 0);
  assert.match(await refusal(rig.ask('reserved')), /^429 TooManyRequestsException: Rate Exceeded/);
  await rig.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: 'reserved' }));
  assert.equal(await reservedOf('reserved'), undefined);
  assert.equal((await rig.ask('reserved')).status, 200);
});

test('900 of 1,000 can be reserved in all, and not one more', async () => {
  await reserve('reserved', 900);
  assert.equal(
    await refusal(reserve('other', 1)),
    "400 InvalidParameterValueException: Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
  );
  await reserve('reserved', 899);
  await reserve('other', 1);
  for (const FunctionName of ['reserved', 'other'])
    await rig.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
  assert.equal(
    await refusal(reserve('nobody', 1)),
    `404 ResourceNotFoundException: Function not found: ${arnOf('nobody')}`,
  );
});

test('no more calls run at once than are reserved', async () => {
  await reserve('reserved', 1);
  await inTime(1_000, async (sleepMs) => {
    let isOver = false;
    const slow = rig.ask('reserved', { sleepMs }).finally(() => (isOver = true));
    const throttled = await eventually('a throttle, or the end', 120_000, async () => {
      const said = await refusal(rig.ask('reserved')).catch(() => '');
      return said === '' && !isOver ? undefined : said;
    });
    assert.equal((await slow).status, 200);
    if (throttled === '') return false;
    assert.match(throttled, /^429 TooManyRequestsException/);
    return true;
  });
  await rig.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: 'reserved' }));
});

test('what a loop is to come to is kept', async () => {
  const get = async () =>
    (await rig.lambda.send(new GetFunctionRecursionConfigCommand({ FunctionName: 'other' }))).RecursiveLoop;
  assert.equal(await get(), 'Terminate');
  await rig.lambda.send(new PutFunctionRecursionConfigCommand({ FunctionName: 'other', RecursiveLoop: 'Allow' }));
  assert.equal(await get(), 'Allow');
});

const provision = (FunctionName: string, Qualifier: string, ProvisionedConcurrentExecutions: number) =>
  rig.lambda.send(
    new PutProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier, ProvisionedConcurrentExecutions }),
  );

function ready(client: LambdaClient, FunctionName: string, Qualifier: string) {
  return eventually(`${FunctionName}:${Qualifier} provisioned`, 240_000, async () => {
    const state = await client.send(new GetProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier }));
    return state.Status === 'READY' ? state : undefined;
  });
}

test('provisioned environments are initialised before the first call, and are used first', async () => {
  await rig.make('kept', code, { Timeout: 60 });
  const { Version = '' } = await rig.lambda.send(new PublishVersionCommand({ FunctionName: 'kept' }));
  await rig.lambda.send(new CreateAliasCommand({ FunctionName: 'kept', Name: 'live', FunctionVersion: Version }));
  const accepted = await provision('kept', 'live', 2);
  assert.deepEqual([accepted.Status, accepted.RequestedProvisionedConcurrentExecutions], ['IN_PROGRESS', 2]);
  assert.match(accepted.LastModified ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
  const state = await ready(rig.lambda, 'kept', 'live');
  assert.equal(state.AvailableProvisionedConcurrentExecutions, 2);
  assert.equal(state.AllocatedProvisionedConcurrentExecutions, 2);

  const first = await rig.ask('kept', {}, { Qualifier: 'live', LogType: 'Tail' });
  assert.equal((first.payload as Said).type, 'provisioned-concurrency');
  assert.ok(!first.log.includes('Init Duration'), first.log);
  await inTime(1_000, async (sleepMs) => {
    const three = await Promise.all([1, 2, 3].map(() => rig.ask('kept', { sleepMs }, { Qualifier: 'live' })));
    const types = three.map(({ payload }) => (payload as Said).type).toSorted();
    // The third came when one of the others had ended.
    if (!types.includes('on-demand')) return false;
    assert.deepEqual(types, ['on-demand', 'provisioned-concurrency', 'provisioned-concurrency']);
    return true;
  });

  const listed = await rig.lambda.send(new ListProvisionedConcurrencyConfigsCommand({ FunctionName: 'kept' }));
  assert.deepEqual(
    listed.ProvisionedConcurrencyConfigs?.map(({ FunctionArn, Status }) => [FunctionArn, Status]),
    [[arnOf('kept:live'), 'READY']],
  );

  await rig.lambda.send(new DeleteProvisionedConcurrencyConfigCommand({ FunctionName: 'kept', Qualifier: 'live' }));
  assert.equal(
    await refusal(
      rig.lambda.send(new GetProvisionedConcurrencyConfigCommand({ FunctionName: 'kept', Qualifier: 'live' })),
    ),
    '404 ProvisionedConcurrencyConfigNotFoundException: No Provisioned Concurrency Config found for this function',
  );
});

test('what cannot be initialised is FAILED, with the reason', async () => {
  await rig.make('broken', { 'index.mjs': 'throw new Error("no");' });
  await rig.lambda.send(new PublishVersionCommand({ FunctionName: 'broken' }));
  await provision('broken', '1', 1);
  const state = await eventually('a failure', 60_000, async () => {
    const now = await rig.lambda.send(
      new GetProvisionedConcurrencyConfigCommand({ FunctionName: 'broken', Qualifier: '1' }),
    );
    return now.Status === 'FAILED' ? now : undefined;
  });
  assert.deepEqual(
    [state.StatusReason, state.AvailableProvisionedConcurrentExecutions],
    ['FUNCTION_ERROR_INIT_FAILURE', 0],
  );
});

test('provisioned concurrency is of a version or an alias that is there, and within what is reserved', async () => {
  await rig.make('wrong', code);
  const { Version = '' } = await rig.lambda.send(new PublishVersionCommand({ FunctionName: 'wrong' }));
  await rig.lambda.send(new CreateAliasCommand({ FunctionName: 'wrong', Name: 'live', FunctionVersion: Version }));
  await rig.lambda.send(new CreateAliasCommand({ FunctionName: 'wrong', Name: 'next', FunctionVersion: '$LATEST' }));
  const unpublished =
    '400 InvalidParameterValueException: Provisioned Concurrency Configs cannot be applied to unpublished function versions.';
  assert.equal(await refusal(provision('wrong', '$LATEST', 1)), unpublished);
  assert.equal(await refusal(provision('wrong', 'next', 1)), unpublished);
  assert.equal(
    await refusal(provision('wrong', '7', 1)),
    `404 ResourceNotFoundException: Function not found: ${arnOf('wrong:7')}`,
  );
  assert.equal(
    await refusal(provision('wrong', 'other', 1)),
    `404 ResourceNotFoundException: Cannot find alias arn: ${arnOf('wrong:other')}`,
  );
  assert.match(
    await refusal(provision('wrong', '1', 0)),
    /^400 ValidationException: 1 validation error detected: Value '0'/,
  );
  await reserve('wrong', 1);
  assert.equal(
    await refusal(provision('wrong', '1', 2)),
    '400 InvalidParameterValueException: Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function',
  );
  await provision('wrong', '1', 1);
  assert.equal(
    await refusal(provision('wrong', 'live', 1)),
    "409 ResourceConflictException: Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
  );
  assert.match(
    await refusal(reserve('wrong', 0)),
    /should not be lower than function's total provisioned concurrency \[1\]/,
  );
  await rig.lambda.send(new DeleteProvisionedConcurrencyConfigCommand({ FunctionName: 'wrong', Qualifier: '1' }));
  await provision('wrong', 'live', 1);
  assert.equal(
    await refusal(provision('wrong', '1', 1)),
    '409 ResourceConflictException: Version is pointed by a Provisioned Concurrency alias',
  );
});

test('they come back with a platform that was killed', async () => {
  await rig.make('survivor', code);
  await rig.lambda.send(new PublishVersionCommand({ FunctionName: 'survivor' }));
  await provision('survivor', '1', 2);
  await ready(rig.lambda, 'survivor', '1');
  await using mayfly = await rig.mayfly.killAndRestart();
  const lambda = new LambdaClient(awsClient(mayfly));
  const state = await ready(lambda, 'survivor', '1');
  assert.equal(state.AvailableProvisionedConcurrentExecutions, 2);
  lambda.destroy();
});
