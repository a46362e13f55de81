/** STS, called by each genuine client: boto3, the `aws` command and the SDK for JavaScript; and moto's server beside. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStsService } from '../src/aws/sts/sts.ts';
import { javascriptCaller, pythonCaller, type AwsCaller } from './harness/aws-callers.ts';
import { awsClient } from './harness/aws-client.ts';
import { startMayfly } from './harness/start-mayfly.ts';
import { walk, type Walked, wrongIn } from './harness/walk.ts';
import { hasClients, testMoto } from './harness/walk-tests.ts';
import { stsWalk } from './walks/sts.ts';

async function walked(caller: AwsCaller): Promise<Walked[]> {
  await using opened = caller;
  return await walk(stsWalk, opened);
}

test('every operation is called by every client, and does what AWS says', async () => {
  await using mayfly = await startMayfly();
  const reached = awsClient(mayfly);
  const callers = [javascriptCaller(reached)];
  if (hasClients) callers.push(pythonCaller('boto3', reached), pythonCaller('aws', reached));
  for (const caller of callers) {
    const done = await walked(caller);
    // Whoever comes after the first finds the role there.
    assert.deepEqual(
      wrongIn(done).filter((wrong) => !wrong.startsWith('make a role: refused EntityAlreadyExists')),
      [],
    );
    const called = new Set(done.map(({ step }) => step.operation));
    const service = createStsService({ privateIssuers: [] } as never);
    const built = Object.entries(service.operations).flatMap(([name, entry]) => (entry === 'not built' ? [] : [name]));
    assert.deepEqual(
      built.filter((operation) => !called.has(operation)),
      [],
    );
  }
});

/** As `verdict` words it: `accepted` is what AWS refuses. */
const motoDiffers: Readonly<Record<string, string>> = {
  // It gives credentials to whoever asks, for whatever role, without a look at policies, durations, tags or tokens.
  'assume it for too long': 'accepted',
  'assume it with what is no policy': 'accepted',
  'assume it with a tag twice': 'accepted',
  'assume what is not there': 'accepted',
  'a role for what is no token': 'accepted',
  // Every key is of its own account.
  'whose a key is': 'answers otherwise',
};

testMoto('moto’s server agrees, or AWS’s page says otherwise', stsWalk, motoDiffers);
