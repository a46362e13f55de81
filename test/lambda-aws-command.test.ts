/** The whole life of a function through the genuine `aws` command: made, waited for, called, changed, published, shifted, rolled back, deleted. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { AddPermissionCommand } from '@aws-sdk/client-lambda';
import { eventually } from './harness/eventually.ts';
import { fetchUrl, openLambdaRig, role, runtime, zipOf, type LambdaRig } from './harness/lambda-rig.ts';

const run = promisify(execFile);

function versionOf(command: string): string | undefined {
  try {
    return execFileSync(command, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}
const skip = versionOf('aws') === undefined && 'the aws command is not installed';

const canaryCalls = 2_000;
const canaryShare = 0.1;
const connections = 16;
/** Six standard deviations: once in a billion runs it would be more by chance. */
const canaryDeviationMax = 6 * Math.sqrt(canaryCalls * canaryShare * (1 - canaryShare));

/** CommonJS, which is what finds packages of layers by their names. */
const codeOf = (build: number): Record<string, string> => ({
  'index.js': `const tool = () => { try { return require('tool'); } catch { return null; } };
exports.handler = async (event) => {
  if (event.fails) throw new TypeError('asked to');
  console.log('marked', event.mark);
  return { build: ${build}, event: event.rawPath ?? event, word: process.env.WORD ?? null, tool: tool() };
};
`,
});

let rig: LambdaRig;
let folder: string;
before(async () => {
  rig = await openLambdaRig();
  folder = await mkdtemp(join(tmpdir(), 'mayfly-aws-lambda-'));
  await writeFile(join(folder, 'one.zip'), await zipOf(codeOf(1)));
  await writeFile(join(folder, 'two.zip'), await zipOf(codeOf(2)));
  await writeFile(
    join(folder, 'tool.zip'),
    await zipOf({ 'nodejs/node_modules/tool/index.js': `module.exports = 'hammer';` }),
  );
});
after(async () => {
  await rig[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

type Output = Record<string, unknown>;

/** Answers what the command printed. Older commands do not read AWS_ENDPOINT_URL. */
async function aws(...words: string[]): Promise<Output> {
  return commanded(words, rig.mayfly.awsEnvironment);
}

async function commanded(words: readonly string[], env: NodeJS.ProcessEnv): Promise<Output> {
  const { stdout } = await run('aws', ['--endpoint-url', rig.mayfly.api, '--output', 'json', 'lambda', ...words], {
    env,
    timeout: 240_000,
  });
  return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Output);
}

const named = ['--function-name', 'life'];

/** Calls through the command: what it printed of the call, and the payload. */
async function invoke(payload: object, ...words: string[]): Promise<{ said: Output; payload: Output | undefined }> {
  const file = join(folder, `out-${words.join('')}.json`);
  // Versions 1 and 2 of the command take what is in a file alike.
  const event = `${file}.event`;
  await writeFile(event, JSON.stringify(payload));
  const said = await aws('invoke', ...named, '--payload', `fileb://${event}`, ...words, file);
  const text = await readFile(file, 'utf8');
  return { said, payload: text === '' ? undefined : (JSON.parse(text) as Output) };
}

describe('a function’s life', { skip }, () => {
  test('it is made, and active', async () => {
    const settings = ['--runtime', runtime, '--handler', 'index.handler', '--role', role, '--timeout', '10'];
    const zip = ['--zip-file', `fileb://${join(folder, 'one.zip')}`];
    const made = await aws('create-function', ...named, ...settings, ...zip, '--tags', 'team=birds');
    assert.deepEqual([made['Version'], made['State'], made['PackageType']], ['$LATEST', 'Pending', 'Zip']);
    const sha256 = createHash('sha256')
      .update(await readFile(join(folder, 'one.zip')))
      .digest('base64');
    assert.equal(made['CodeSha256'], sha256);
    await aws('wait', 'function-active-v2', ...named);
    const { Configuration, Code, Tags } = (await aws('get-function', ...named)) as {
      Configuration: Output;
      Code: { Location: string };
      Tags: Output;
    };
    assert.deepEqual(
      [Configuration['State'], Configuration['LastUpdateStatus'], Tags],
      ['Active', 'Successful', { team: 'birds' }],
    );
    const code = Buffer.from(await (await fetch(Code.Location)).arrayBuffer());
    assert.equal(createHash('sha256').update(code).digest('base64'), sha256, 'what is downloaded is what was uploaded');
  });

  test('it is called, in each way', async () => {
    const [answered, failed, accepted, tried] = await Promise.all([
      invoke({ mark: 'waited' }, '--log-type', 'Tail'),
      invoke({ fails: true }, '--invocation-type', 'RequestResponse'),
      invoke({ mark: 'later' }, '--invocation-type', 'Event'),
      invoke({ mark: 'never' }, '--invocation-type', 'DryRun'),
    ]);
    assert.deepEqual([answered.said['StatusCode'], answered.said['ExecutedVersion']], [200, '$LATEST']);
    assert.deepEqual(answered.payload, { build: 1, event: { mark: 'waited' }, word: null, tool: null });
    const tail = Buffer.from(String(answered.said['LogResult']), 'base64').toString();
    assert.match(
      tail,
      /^START RequestId: \S+ Version: \$LATEST\n.*marked waited\n(?:.*\n)*END RequestId: \S+\n(?:.*\n)*REPORT RequestId: \S+\tDuration: /,
    );
    assert.deepEqual([failed.said['StatusCode'], failed.said['FunctionError']], [200, 'Unhandled']);
    assert.deepEqual([failed.payload?.['errorType'], failed.payload?.['errorMessage']], ['TypeError', 'asked to']);
    assert.deepEqual([accepted.said['StatusCode'], accepted.payload], [202, undefined]);
    assert.deepEqual([tried.said['StatusCode'], tried.payload], [204, undefined]);
    const logged = await eventually('the asynchronous call', 60_000, async () => {
      const { lines } = (await rig.mayfly.json('logs', 'life')) as { lines: { text: string }[] };
      return lines.some(({ text }) => text.includes('marked later')) ? lines.map(({ text }) => text) : undefined;
    });
    assert.equal(logged.filter((text) => text.includes('marked never')).length, 0);
  });

  test('it is called by the older form, too, of which the signature needs the body first', async () => {
    const args = join(folder, 'args.json');
    await writeFile(args, '{"mark":"older"}');
    assert.equal((await aws('invoke-async', ...named, '--invoke-args', args))['Status'], 202);
    await eventually('the asynchronous call', 60_000, async () => {
      const { lines } = (await rig.mayfly.json('logs', 'life')) as { lines: { text: string }[] };
      return lines.some(({ text }) => text.includes('marked older')) || undefined;
    });
    await writeFile(args, 'not JSON');
    await assert.rejects(aws('invoke-async', ...named, '--invoke-args', args), /InvalidRequestContentException/);
  });

  test('its settings and its code change, and versions keep what they were', async () => {
    await aws('publish-version', ...named, '--description', 'the first');
    const changed = await aws(
      'update-function-configuration',
      ...named,
      '--timeout',
      '9',
      '--environment',
      'Variables={WORD=egg}',
    );
    assert.deepEqual([changed['Timeout'], changed['LastUpdateStatus']], [9, 'InProgress']);
    await aws('wait', 'function-updated-v2', ...named);
    await aws('update-function-code', ...named, '--zip-file', `fileb://${join(folder, 'two.zip')}`);
    await aws('wait', 'function-updated-v2', ...named);
    assert.equal((await aws('publish-version', ...named))['Version'], '2');
    // Nothing has changed since: there is no third.
    assert.equal((await aws('publish-version', ...named))['Version'], '2');
    const [latest, first] = await Promise.all([invoke({}, '--qualifier', '$LATEST'), invoke({}, '--qualifier', '1')]);
    assert.deepEqual([latest.payload?.['build'], latest.payload?.['word']], [2, 'egg']);
    assert.deepEqual(
      [first.payload?.['build'], first.payload?.['word'], first.said['ExecutedVersion']],
      [1, null, '1'],
    );
    const { Versions } = (await aws('list-versions-by-function', ...named)) as { Versions: Output[] };
    assert.deepEqual(
      Versions.map(({ Version }) => Version),
      ['$LATEST', '1', '2'],
    );
  });

  test(`an alias sends a tenth of ${canaryCalls.toLocaleString('en')} calls to the next version`, async () => {
    await aws('create-alias', ...named, '--name', 'live', '--function-version', '1');
    const alias = await aws(
      'update-alias',
      ...named,
      '--name',
      'live',
      '--routing-config',
      `AdditionalVersionWeights={2=${canaryShare}}`,
    );
    assert.deepEqual(alias['RoutingConfig'], { AdditionalVersionWeights: { 2: canaryShare } });
    const counts = new Map<string, number>();
    let left = canaryCalls;
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (left-- > 0) {
          const { version = '?', payload } = await rig.ask('life', {}, { Qualifier: 'live' });
          assert.equal((payload as Output)['build'], Number(version));
          counts.set(version, (counts.get(version) ?? 0) + 1);
        }
      }),
    );
    const ofCanary = counts.get('2') ?? 0;
    assert.equal((counts.get('1') ?? 0) + ofCanary, canaryCalls);
    assert.ok(Math.abs(ofCanary - canaryCalls * canaryShare) < canaryDeviationMax, `${ofCanary} of ${canaryCalls}`);
  });

  test('it moves on and is rolled back under load, with no call failed', async () => {
    let isOver = false;
    const builds = new Set<unknown>();
    let calls = 0;
    const callers = Array.from({ length: connections }, async () => {
      while (!isOver) {
        const { functionError, payload } = await rig.ask('life', {}, { Qualifier: 'live' });
        assert.equal(functionError, undefined);
        builds.add((payload as Output)['build']);
        calls += 1;
      }
    });
    const moving = async (): Promise<void> => {
      for (const version of ['2', '1', '2', '1']) {
        await aws(
          'update-alias',
          ...named,
          '--name',
          'live',
          '--function-version',
          version,
          '--routing-config',
          'AdditionalVersionWeights={}',
        );
        const { version: called } = await rig.ask('life', {}, { Qualifier: 'live' });
        assert.equal(called, version, 'whatever is called from then on');
      }
    };
    await moving().finally(() => (isOver = true));
    await Promise.all(callers);
    assert.deepEqual(builds, new Set([1, 2]));
    assert.ok(calls > 100, `${calls} calls`);
  });

  test('it is given a layer, a URL and permissions', async () => {
    const layer = await aws(
      'publish-layer-version',
      '--layer-name',
      'tool',
      '--zip-file',
      `fileb://${join(folder, 'tool.zip')}`,
    );
    await aws('update-function-configuration', ...named, '--layers', String(layer['LayerVersionArn']));
    await aws('wait', 'function-updated-v2', ...named);
    assert.equal((await invoke({})).payload?.['tool'], 'hammer');

    const { FunctionUrl } = (await aws('create-function-url-config', ...named, '--auth-type', 'NONE')) as {
      FunctionUrl: string;
    };
    assert.equal((await fetchUrl(`${FunctionUrl}hatch`)).status, 403, 'nobody may, before somebody is permitted to');
    const toAll = [...named, '--principal', '*'];
    const url = ['--action', 'lambda:InvokeFunctionUrl', '--function-url-auth-type', 'NONE'];
    await aws('add-permission', ...toAll, '--statement-id', 'url', ...url);
    const call = ['--statement-id', 'call', '--action', 'lambda:InvokeFunction', '--invoked-via-function-url'];
    await aws('add-permission', ...toAll, ...call).catch(async (error: Error) => {
      // Commands from before October 2025 cannot say so.
      if (!/Unknown options: --invoked-via-function-url/.test(error.message)) throw error;
      await rig.lambda.send(
        new AddPermissionCommand({
          FunctionName: 'life',
          Principal: '*',
          StatementId: 'call',
          Action: 'lambda:InvokeFunction',
          InvokedViaFunctionUrl: true,
        }),
      );
    });
    const response = await fetchUrl(`${FunctionUrl}hatch`);
    const body = JSON.parse(response.text) as Output;
    assert.deepEqual([response.status, body['event']], [200, '/hatch']);
    const policy = JSON.parse(String((await aws('get-policy', ...named))['Policy'])) as {
      Statement: { Sid: string }[];
    };
    assert.deepEqual(policy.Statement.map(({ Sid }) => Sid).toSorted(), ['call', 'url']);
    await aws('remove-permission', ...named, '--statement-id', 'url');
    assert.equal((await fetchUrl(FunctionUrl)).status, 403);
  });

  test('its concurrency and its asynchronous events are configured', async () => {
    await aws('put-function-concurrency', ...named, '--reserved-concurrent-executions', '0');
    // The command would try again, more slowly each time.
    const once = { ...rig.mayfly.awsEnvironment, AWS_MAX_ATTEMPTS: '1' };
    await assert.rejects(
      commanded(['invoke', ...named, join(folder, 'refused.json')], once),
      /TooManyRequestsException|ReservedFunctionConcurrentInvocationLimitExceeded/,
    );
    await aws('delete-function-concurrency', ...named);
    assert.equal((await invoke({})).said['StatusCode'], 200);
    const given = ['--maximum-retry-attempts', '1', '--maximum-event-age-in-seconds', '120'];
    await aws('put-function-event-invoke-config', ...named, ...given);
    const kept = await aws('get-function-event-invoke-config', ...named);
    assert.deepEqual([kept['MaximumRetryAttempts'], kept['MaximumEventAgeInSeconds']], [1, 120]);
  });

  test('it is deleted, and gone', async () => {
    await aws('delete-function', ...named);
    await assert.rejects(
      aws('get-function', ...named),
      /ResourceNotFoundException.*Function not found: arn:aws:lambda:us-east-1:000000000000:function:life/s,
    );
    assert.deepEqual(await aws('list-functions'), { Functions: [] });
  });
});
