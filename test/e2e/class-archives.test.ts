/** Archives of classes through the whole platform: how they come about, that they are said to be what they are, and what is left of them. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { javaHomes } from '../../src/sandbox/process/runtimes/java/java-homes.ts';
import { recordsClasses } from '../../src/sandbox/process/runtimes/java/build-java-runtime.ts';
import { compileJava, javaCompiler } from '../fakes/compile-java.ts';
import { callApi } from '../harness/api-client.ts';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const manifest = `application: archives
functions:
  slow: { runtime: java17, handler: 'example.Slow::handle', code: code, memory: 512, reuse: none, events: [{ http: GET /slow }] }
  plain: { runtime: java17, handler: 'example.Slow::handle', code: code, memory: 512, template: false, events: [{ http: GET /plain }] }
`;
/** Loading it computes for that long, so that it takes longer, too, where everything does. */
const source = `package example;
import java.util.*;
import java.lang.management.*;
public class Slow {
    static final String OWN = UUID.randomUUID().toString();
    static {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        while (threads.getCurrentThreadCpuTime() < 450_000_000L) UUID.randomUUID();
    }
    public Map<String, Object> handle(Object event) throws Exception {
        Thread.sleep(300);
        Map<String, Object> answer = new TreeMap<>();
        answer.put("own", OWN);
        answer.put("key", System.getenv("AWS_ACCESS_KEY_ID"));
        answer.put("initialization", System.getenv("AWS_LAMBDA_INITIALIZATION_TYPE"));
        return answer;
    }
}
`;

const compiler = await javaCompiler();
const home = (await javaHomes()).find(({ major }) => major >= 17);
const missing =
  compiler !== undefined && home !== undefined && recordsClasses(home)
    ? false
    : 'there is no JDK that archives classes';

type Row = { functionName: string; version: string; requestId: string; start: string };
type Answer = { own: string; key: string; initialization: string };

describe('archives of classes', { skip: missing }, () => {
  let project: string;
  let mayfly: StartedMayfly;

  before(async () => {
    if (compiler === undefined) return;
    project = await mkdtemp(join(tmpdir(), 'mayfly-archives-'));
    await writeFile(join(project, 'mayfly.yaml'), manifest);
    await writeFile(join(project, 'Slow.java'), source);
    await mkdir(join(project, 'code/example'), { recursive: true });
    const classes = compileJava(compiler, [join(project, 'Slow.java')], ['--release', '11']);
    for (const [path, bytes] of Object.entries(classes)) await writeFile(join(project, 'code', path), bytes);
    mayfly = await startMayfly();
    await mayfly.json('deploy', project);
  });
  after(async () => {
    await mayfly[Symbol.asyncDispose]();
    await rm(project, { recursive: true, force: true });
  });

  async function call(path: string): Promise<Answer> {
    const response = await fetch(mayfly.http + path);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text) as Answer;
  }

  async function rowsOf(functionName: string): Promise<Row[]> {
    const answered = await callApi(mayfly, { target: '/_mayfly/usage', service: 'mayfly' });
    const rows = (await answered.text()).split('\n').filter((line) => line !== '');
    return rows.map((line) => JSON.parse(line) as Row).filter((row) => row.functionName === functionName);
  }

  const kept = (): string[] => {
    const folder = join(mayfly.data, 'archives');
    const made = existsSync(folder) ? readdirSync(folder) : [];
    return made.filter((name) => !name.startsWith('.'));
  };

  test('begin with the first slow start, and serve those that follow, each of which loads its code anew', async () => {
    await Promise.all([call('/slow'), call('/plain')]);
    await eventually('there is an archive', 120_000, async () => (kept().length > 0 ? true : undefined));
    const answers: Answer[] = [];
    const archived = await eventually('an environment starts with it', 120_000, async () => {
      answers.push(...(await Promise.all([call('/slow'), call('/slow'), call('/slow')])));
      return (await rowsOf('slow')).find(({ start }) => start === 'archive');
    });
    for (const name of ['own', 'key'] as const)
      assert.equal(new Set(answers.map((one) => one[name])).size, answers.length, `${name} is nobody else's`);
    assert.equal(kept().length, 1);

    const why = JSON.stringify(await mayfly.json('why', archived.requestId));
    assert.match(why, /"start":"archive"/);
    const counted = JSON.stringify(await mayfly.json('cold-starts'));
    assert.match(counted, /"archive":[1-9]/);
    const log = JSON.stringify(await mayfly.json('logs', 'slow'));
    assert.match(log, /Init Duration: [^"]*Start: archive/);

    await Promise.all([call('/plain'), call('/plain'), call('/plain')]);
    assert.ok(
      (await rowsOf('plain')).every(({ start }) => start !== 'archive'),
      'template: false is for archives, too',
    );
  });

  test('of SnapStart are there before the first call, and made again after kill -9, which leaves none of those before', async () => {
    const lambda = new LambdaClient(awsClient(mayfly));
    const FunctionName = 'slow';
    await lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName, SnapStart: { ApplyOn: 'PublishedVersions' } }),
    );
    await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 30 }, { FunctionName });
    const before = kept();
    const { Version, SnapStart } = await lambda.send(new PublishVersionCommand({ FunctionName }));
    lambda.destroy();
    assert.deepEqual(SnapStart, { ApplyOn: 'PublishedVersions', OptimizationStatus: 'On' });
    await eventually('it has an archive', 60_000, async () => (kept().length > before.length ? true : undefined));
    assert.ok(Version !== undefined);
    assert.equal((await invoke(Version)).initialization, 'snap-start');
    const starts = (await rowsOf('slow')).filter(({ version }) => version === Version).map(({ start }) => start);
    assert.deepEqual(starts, ['archive']);

    const earlier = kept();
    await assert.rejects(mayfly.json('serve', '--api-port', '0', '--http-port', '0'), {
      stdout: /is in use by another process/,
    });
    assert.deepEqual(kept(), earlier, 'one that is started beside it by mistake takes nothing away');
    mayfly = await mayfly.killAndRestart();
    const anew = await eventually('it has one again', 60_000, async () => (kept().length > 0 ? kept() : undefined));
    assert.ok(anew.every((one) => !earlier.includes(one)));
    assert.equal((await invoke(Version)).initialization, 'snap-start');
    assert.match((await call('/slow')).own, /./);
  });

  async function invoke(Qualifier: string): Promise<Answer> {
    const lambda = new LambdaClient(awsClient(mayfly));
    const answered = await lambda.send(new InvokeCommand({ FunctionName: 'slow', Qualifier }));
    lambda.destroy();
    assert.equal(answered.FunctionError, undefined);
    return JSON.parse(Buffer.from(answered.Payload ?? []).toString()) as Answer;
  }
});
