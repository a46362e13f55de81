/** Several invocations at once in one environment, and what callers are told when there is no room: by the real platform, at its doors. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '../harness/eventually.ts';
import { inTime } from '../harness/in-time.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const run = promisify(execFile);
/** Fewer than one environment's target, so that none goes to another. */
const callers = 10;
let mayfly: StartedMayfly;
let project: string;

const manifest = `application: busy
functions:
  together:
    runtime: nodejs
    handler: together.handler
    memory: 1024
    concurrencyPerEnvironment: 20
    events: [{ http: ANY /together }]
  alone:
    runtime: nodejs
    handler: alone.handler
    concurrency: 1
    timeout: 120
    events: [{ http: ANY /alone }]
`;
/** All that came together wait for each other: they can only be answered if they run at the same time. */
const together = `let waiting = [];
const environment = Math.random();
export const handler = async (event, { awsRequestId }) => {
  const count = Number(event.queryStringParameters.count);
  console.log('one of ' + count);
  await new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === count) setTimeout(() => waiting.splice(0).forEach((release) => release()), 200);
  });
  console.log('let go');
  return { environment, awsRequestId };
};
`;
const alone = `export const handler = async ({ later, queryStringParameters: { ms = '0' } = {} }) => {
  if (later) console.log('later');
  await new Promise((resolve) => setTimeout(resolve, Number(ms)));
  return 'ran';
};
`;

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'mayfly-busy-'));
  await writeFile(join(project, 'mayfly.yaml'), manifest);
  await writeFile(join(project, 'together.mjs'), together);
  await writeFile(join(project, 'alone.mjs'), alone);
  mayfly = await startMayfly();
  await mayfly.json('deploy', project);
});

after(async () => {
  await mayfly[Symbol.asyncDispose]();
  await rm(project, { recursive: true, force: true });
});

type Answer = { environment: number; awsRequestId: string };
type Line = { text: string; requestId?: string };

const linesOf = async (name: string): Promise<Line[]> => ((await mayfly.json('logs', name)) as { lines: Line[] }).lines;

test('ten that wait for each other are answered by one environment, each with its own lines and its share of the bill', async () => {
  const answers = await Promise.all(
    Array.from({ length: callers }, async () => {
      const response = await fetch(`${mayfly.http}/together?count=${callers}`);
      assert.equal(response.status, 200);
      return (await response.json()) as Answer;
    }),
  );
  assert.equal(new Set(answers.map(({ environment }) => environment)).size, 1);
  assert.equal(new Set(answers.map(({ awsRequestId }) => awsRequestId)).size, callers);
  const lines = await eventually('the lines of all', 60_000, async () => {
    const all = await linesOf('together');
    return all.filter(({ text }) => text.startsWith('REPORT')).length === callers ? all : undefined;
  });
  let billedMs = 0;
  let longestMs = 0;
  for (const { awsRequestId } of answers) {
    const own = lines.filter(({ requestId }) => requestId === awsRequestId).map(({ text }) => text);
    assert.equal(own.filter((text) => text.endsWith(`one of ${callers}`)).length, 1);
    assert.equal(own.filter((text) => text.endsWith('let go')).length, 1);
    const [, duration, billed] = /Duration: ([\d.]+) ms\s+Billed Duration: (\d+) ms/.exec(own.join('\n')) ?? [];
    longestMs = Math.max(longestMs, Number(duration));
    billedMs += Number(billed);
  }
  // Each share is rounded up to a millisecond.
  assert.ok(billedMs <= longestMs + 2 * callers, `${billedMs} ms billed for ${longestMs} ms`);
  assert.ok(billedMs >= 200);
});

test('over its limit a caller is told 429 and when to come back, before its body is read, at a route and by Lambda’s API', async () => {
  await inTime(3_000, async (lastsMs) => {
    let isOver = false;
    const running = fetch(`${mayfly.http}/alone?ms=${lastsMs}`).finally(() => (isOver = true));
    const refused = await eventually('a refusal, or the end', 120_000, async () => {
      const response = await fetch(`${mayfly.http}/alone`, { method: 'POST', body: 'x'.repeat(100_000) });
      return response.status === 429 || isOver ? response : undefined;
    });
    const words = ['lambda', 'invoke', '--function-name', 'alone', '--payload', '{}', join(project, 'answer')];
    const asked = await run('aws', words, { env: { ...mayfly.awsEnvironment, AWS_MAX_ATTEMPTS: '1' } }).then(
      () => undefined,
      (error: Error) => error.message,
    );
    const { status } = await running;
    // Or one of those that were to be refused was quicker.
    if (status === 429 || refused.status !== 429 || asked === undefined) return false;
    assert.equal(status, 200);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.notEqual(refused.headers.get('apigw-requestid'), null);
    assert.match(asked, /TooManyRequestsException/);
    return true;
  });
});

test('what comes later is kept meanwhile, and lost nowhere', async () => {
  const running = fetch(`${mayfly.http}/alone?ms=1000`);
  const asked = ['--invocation-type', 'Event', '--payload', '{"later":true}'];
  const words = ['lambda', 'invoke', '--function-name', 'alone', ...asked];
  for (let count = 0; count < 3; count += 1)
    await run('aws', [...words, join(project, 'accepted')], { env: mayfly.awsEnvironment });
  assert.equal((await running).status, 200);
  await eventually('the three to have run', 60_000, async () => {
    const all = await linesOf('alone');
    return all.filter(({ text }) => text.endsWith('\tlater')).length === 3 ? true : undefined;
  });
});
