/** The limits of other providers: at the last good value and one beyond, by the command line and by the platform. docs/reference/limits.md */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { limitProfileNames, limitProfiles } from '../../src/util/limit-profiles.ts';
import { callApi, invokeFunction } from '../harness/api-client.ts';
import { awsClient } from '../harness/aws-client.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const run = promisify(execFile);
const command = join(import.meta.dirname, '../../bin/mayfly');

const code = `def left(event, context):
    return {"left": context.get_remaining_time_in_millis(), "memory": int(context.memory_limit_in_mb)}
`;

describe('limits of other providers', () => {
  let mayfly: StartedMayfly;
  let project: string;

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'mayfly-profiles-'));
    await writeFile(join(project, 'left.py'), code);
    mayfly = await startMayfly({ flags: ['--limits', 'google'] });
  });

  after(async () => {
    await mayfly[Symbol.asyncDispose]();
    await rm(project, { recursive: true, force: true });
  });

  async function deploy(functions: Readonly<Record<string, string>>): Promise<string> {
    const lines = Object.entries(functions).map(
      ([name, more]) => `  ${name}: { runtime: python, handler: left.left, code: left.py, ${more} }\n`,
    );
    await writeFile(join(project, 'mayfly.yaml'), `application: profiles\nfunctions:\n${lines.join('')}`);
    try {
      await run(command, ['deploy', project, '--data', mayfly.data]);
      return '';
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  }

  const secondsOf = (ms: number): number => ms / 1_000;

  test('each accepts its longest time-out and its most memory, and a function has that much', async () => {
    const functions = limitProfileNames.map((name): [string, string] => {
      const { timeoutMsMax, memoryMbMax } = limitProfiles[name];
      return [name, `limits: ${name}, timeout: ${secondsOf(timeoutMsMax)}, memory: ${memoryMbMax}`];
    });
    assert.equal(await deploy(Object.fromEntries(functions)), '');
    for (const name of ['azure-premium', 'cloudflare'] as const) {
      const { timeoutMsMax, memoryMbMax } = limitProfiles[name];
      const { payload } = await invokeFunction(mayfly, name, {});
      const { left, memory } = payload as { left: number; memory: number };
      assert.ok(left > timeoutMsMax - 5_000 && left <= timeoutMsMax, `${name}: ${left} ms were left`);
      assert.equal(memory, memoryMbMax);
    }
  });

  test('each refuses a second and a megabyte more, with line and column', async () => {
    for (const name of limitProfileNames) {
      const { timeoutMsMax, memoryMbMax } = limitProfiles[name];
      const [time, memory] = [
        await deploy({ over: `limits: ${name}, timeout: ${secondsOf(timeoutMsMax) + 1}` }),
        await deploy({ over: `limits: ${name}, memory: ${memoryMbMax + 1}` }),
      ];
      assert.match(time, /mayfly\.yaml:3:\d+ functions\.over\.timeout/, name);
      assert.match(memory, /mayfly\.yaml:3:\d+ functions\.over\.memory/, name);
    }
  });

  test('what names none has those of the platform, whoever asks', async () => {
    assert.match(await deploy({ plain: 'timeout: 541' }), /at most 9m is accepted with the limits of google/);
    assert.equal(await deploy({ plain: 'timeout: 540' }), '');
    const settings = {
      runtime: 'python',
      handler: 'left.left',
      bundle: '0'.repeat(64),
      network: 'none',
      memoryMb: 128,
      timeoutMs: 540_001,
      environment: {},
    };
    const one = { name: 'plain', url: false, sources: [], settings };
    const body = JSON.stringify({ application: 'profiles', functions: [one], buckets: [], queues: [] });
    const refused = await callApi(mayfly, { method: 'POST', target: '/_mayfly/deployments', service: 'mayfly', body });
    const { error } = (await refused.json()) as { error: { field: string; message: string } };
    assert.equal(error.field, 'functions.plain.settings.timeoutMs');
    assert.match(error.message, /from 1 to 540000/);

    const lambda = new LambdaClient(awsClient(mayfly));
    const update = (Timeout: number) =>
      lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'plain', Timeout }));
    await update(540);
    await assert.rejects(update(541), {
      name: 'InvalidParameterValueException',
      message: /^Timeout is not within the limits that this platform was started with: .* from 1 to 540000$/,
    });
    lambda.destroy();
  });
});
