/** SIGTERM while an event is being handled: it is seen through, with the platform's API at hand, before the platform ends. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { callApi } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import { inTime } from '../harness/in-time.ts';
import { startMayfly } from '../harness/start-mayfly.ts';

/** Asks the platform for something late in its life. */
const code = `exports.handler = async ({ lastsMs }) => {
  await new Promise((resolve) => setTimeout(resolve, lastsMs));
  const answer = await fetch(process.env.AWS_ENDPOINT_URL);
  return answer.status;
};
`;

const manifest = `application: stopping
functions:
  late: { runtime: nodejs, handler: late.handler, code: late.cjs, timeout: 120, retries: { attempts: 0 } }
`;

test('an event that runs when the platform is asked to stop is seen through', { timeout: 280_000 }, async () => {
  const project = await mkdtemp(join(tmpdir(), 'mayfly-stopping-'));
  let mayfly = await startMayfly();
  const billed = async () => {
    const bill = (await mayfly.json('bill')) as {
      lines: { functionName?: string; requests?: number; errors?: number }[];
    };
    return bill.lines.find(({ functionName }) => functionName === 'late');
  };
  try {
    await writeFile(join(project, 'mayfly.yaml'), manifest);
    await writeFile(join(project, 'late.cjs'), code);
    await mayfly.json('deploy', project);
    const target = '/_mayfly/functions/late/invocations?type=event';
    let events = 0;
    await inTime(1_500, async (lastsMs) => {
      const body = JSON.stringify({ lastsMs });
      const accepted = await callApi(mayfly, { method: 'POST', target, service: 'mayfly', body });
      assert.equal(accepted.status, 202);
      events += 1;
      return eventually('the function is busy, or has been', 60_000, async () => {
        const answer = await callApi(mayfly, { target: '/_mayfly/functions/late', service: 'mayfly' });
        const { environments } = (await answer.json()) as { environments: { busy: number } };
        if (environments.busy === 1) return true;
        return (await billed())?.requests === events ? false : undefined;
      });
    });
    mayfly = await mayfly.stopAndRestart();
    const line = await billed();
    assert.deepEqual([line?.requests, line?.errors], [events, 0]);
  } finally {
    await mayfly[Symbol.asyncDispose]();
    await rm(project, { recursive: true, force: true });
  }
});
