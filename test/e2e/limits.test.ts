/** Limits, each at its last good value and one beyond, through the whole platform. The figures are Lambda's: src/util/limits.ts. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Listener } from '../../src/gateway/listener.ts';
import { openHouse } from '../../src/house.ts';
import { responseBytesMax } from '../../src/sandbox/process/channel/frame.ts';
import { lockFolder } from '../../src/store/sqlite/folder-lock.ts';
import { systemClock } from '../../src/util/clock.ts';
import { randomIds } from '../../src/util/ids.ts';
import { limits } from '../../src/util/limits.ts';
import { fakeSandbox } from '../fakes/fake-sandbox.ts';
import { callApi, invokeFunction, type Invoked } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import { inTime } from '../harness/in-time.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const run = promisify(execFile);
const command = join(import.meta.dirname, '../../bin/mayfly');

const python = `import os, resource, time
def size(event, context):
    if "requestContext" in event:
        return {"bytes": len(event.get("body", ""))}
    return {"bytes": len(event["pad"])}
def answer(event, context):
    return "x" * event["length"]
def wait(event, context):
    seconds = float(event.get("queryStringParameters", {}).get("seconds", event.get("seconds", 0)))
    print("left", context.get_remaining_time_in_millis(), time.time() * 1000)
    began = time.time() * 1000
    time.sleep(seconds)
    return {"waited": seconds, "began": began, "ended": time.time() * 1000}
def variables(event, context):
    return {"length": len(os.environ["PAD"])}
def files(event, context):
    held = []
    try:
        while True: held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError as error:
        outcome = {"error": error.strerror, "files": len(held)}
    for one in held: os.close(one)
    return outcome
`;

const node = `export const answer = (event) => 'x'.repeat(event.length);
`;

/** `PAD` and its value together have so many bytes. */
const padOf = (bytes: number): string => 'x'.repeat(bytes - 'PAD'.length);

const manifestOf = (functions: string): string => `application: limits\nfunctions:\n${functions}`;
const functionOf = (name: string, handler: string, more = ''): string =>
  `  ${name}: { runtime: python, handler: ${handler}, code: limits.py, memory: 512, events: [{ http: ANY /${name} }]${more} }\n`;

const manifest = manifestOf(
  [
    functionOf('size', 'limits.size'),
    functionOf('answer', 'limits.answer'),
    functionOf('pair', 'limits.wait', ', concurrency: 2, timeout: 60'),
    functionOf('closed', 'limits.wait', ', concurrency: 0'),
    functionOf('short', 'limits.wait', ', timeout: 2'),
    functionOf('free', 'limits.wait'),
    functionOf('variables', 'limits.variables', `, environment: { PAD: ${padOf(limits.environmentBytesMax)} }`),
    functionOf('files', 'limits.files'),
    `  in-node: { runtime: nodejs26.x, handler: limits.answer, code: limits.mjs, memory: 512 }\n`,
  ].join(''),
);

describe('limits', () => {
  let mayfly: StartedMayfly;
  let project: string;

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'mayfly-limits-'));
    await writeFile(join(project, 'limits.py'), python);
    await writeFile(join(project, 'limits.mjs'), node);
    await writeFile(join(project, 'mayfly.yaml'), manifest);
    mayfly = await startMayfly();
    await mayfly.json('deploy', project);
  });

  after(async () => {
    await mayfly[Symbol.asyncDispose]();
    await rm(project, { recursive: true, force: true });
  });

  /** An event of exactly so many bytes. */
  const eventOf = (bytes: number): string => JSON.stringify({ pad: 'x'.repeat(bytes - '{"pad":""}'.length) });

  const post = (name: string, type: 'request' | 'event', body: string): Promise<Response> =>
    callApi(mayfly, {
      method: 'POST',
      target: `/_mayfly/functions/${name}/invocations?type=${type}`,
      service: 'mayfly',
      body,
    });

  async function assertTooLarge(response: Response): Promise<void> {
    const { error } = (await response.json()) as { error: { code: string } };
    assert.deepEqual([response.status, error.code], [413, 'too_large']);
  }

  test('an event has 6 MB and not a byte more', async () => {
    const bytesMax = limits.syncPayloadBytesMax;
    const taken = await post('size', 'request', eventOf(bytesMax));
    const { payload } = (await taken.json()) as Invoked;
    assert.deepEqual(payload, { bytes: bytesMax - '{"pad":""}'.length });
    await assertTooLarge(await post('size', 'request', eventOf(bytesMax + 1)));
  });

  test('a request over HTTP has 6 MB with all that its event says of it', async () => {
    const send = (body: string): Promise<Response> =>
      fetch(`${mayfly.http}/size`, { method: 'POST', body, headers: { 'content-type': 'text/plain' } });
    const roomForTheRest = 4 * 1024;
    const fits = limits.syncPayloadBytesMax - roomForTheRest;
    assert.deepEqual(await (await send('x'.repeat(fits))).json(), { bytes: fits });
    for (const bytes of [limits.syncPayloadBytesMax, limits.syncPayloadBytesMax + 1]) {
      const refused = await send('x'.repeat(bytes));
      assert.deepEqual([refused.status, await refused.text()], [413, '{"message":"Request Too Long"}']);
    }
    assert.deepEqual(await (await send('x')).json(), { bytes: 1 }, 'the next one is served');
  });

  for (const name of ['answer', 'in-node']) {
    test(`an answer has 6 MB and 100 bytes, and not a byte more (${name})`, async () => {
      const quotes = 2;
      const length = responseBytesMax - quotes;
      const taken = await invokeFunction(mayfly, name, { length });
      assert.deepEqual([taken.status, (taken.payload as string).length], ['ok', length]);
      const refused = await invokeFunction(mayfly, name, { length: length + 1 });
      assert.equal(refused.error?.errorType, 'Function.ResponseSizeTooLarge');
      assert.equal((await invokeFunction(mayfly, name, { length: 1 })).payload, 'x');
    });
  }

  test('an event for later has 1 MB and not a byte more', async () => {
    const bytesMax = limits.asyncPayloadBytesMax;
    await assertTooLarge(await post('size', 'event', eventOf(bytesMax + 1)));
    const taken = await post('size', 'event', eventOf(bytesMax));
    assert.equal(taken.status, 202);
    const { requestId } = (await taken.json()) as { requestId: string };
    await eventually('its invocation', 60_000, async () => {
      const answer = await callApi(mayfly, { target: '/_mayfly/invocations?function=size', service: 'mayfly' });
      const { invocations } = (await answer.json()) as { invocations: { requestId: string; requestBytes: number }[] };
      return invocations.find((one) => one.requestId === requestId && one.requestBytes === bytesMax);
    });
  });

  test('a function has its concurrency and no more: the rest is told to come back, and others are served', async () => {
    await inTime(1_500, async (lastsMs) => {
      const calls = Array.from({ length: 5 }, () => fetch(`${mayfly.http}/pair?seconds=${lastsMs / 1_000}`));
      const other = await fetch(`${mayfly.http}/free`);
      assert.equal(other.status, 200);
      const answers = await Promise.all(calls);
      const refused = answers.filter(({ status }) => status === 429);
      for (const answer of refused) {
        assert.ok(Number(answer.headers.get('retry-after')) >= 1, String(answer.headers.get('retry-after')));
        assert.equal(await answer.text(), '{"message":"Too Many Requests"}');
      }
      const taken = answers.filter(({ status }) => status === 200);
      assert.equal(taken.length + refused.length, answers.length);
      assert.ok(taken.length >= 2, `${taken.length} were taken`);
      const runs = await Promise.all(
        taken.map(async (answer) => (await answer.json()) as { began: number; ended: number }),
      );
      for (const { began } of runs) {
        const running = runs.filter((run) => run.began <= began && began < run.ended).length;
        assert.ok(running <= 2, `${running} at once`);
      }
      // Where more were taken, they came after the first had ended.
      return taken.length === 2;
    });
    assert.equal((await fetch(`${mayfly.http}/pair`)).status, 200, 'and when they are done it is free again');
  });

  test('a concurrency of 0 lets nobody in', async () => {
    assert.equal((await fetch(`${mayfly.http}/closed`)).status, 429);
    assert.deepEqual((await invokeFunction(mayfly, 'closed', {})).reason, 'function');
  });

  test('a function ends at its time-out: not before, and long before its own end', async () => {
    await invokeFunction(mayfly, 'short', { seconds: 0 });
    const sentMs = Date.now();
    const within = await invokeFunction(mayfly, 'short', { seconds: 0.8 });
    assert.equal((within.payload as { waited: number }).waited, 0.8);
    const said = /^left (\d+) (\S+)$/.exec(within.log.find((line) => line.startsWith('left')) ?? '');
    const [leftMs, lookedMs] = [Number(said?.[1]), Number(said?.[2])];
    assert.ok(leftMs > 0 && leftMs <= 2_000, `${leftMs} ms were left at the start`);
    // Whole milliseconds, some of them rounded.
    assert.ok(lookedMs + leftMs >= sentMs + 2_000 - 2, `${lookedMs + leftMs - sentMs} ms from its being sent on`);

    const startMs = performance.now();
    const ownSeconds = 250;
    const over = await invokeFunction(mayfly, 'short', { seconds: ownSeconds });
    const tookMs = performance.now() - startMs;
    assert.equal(over.error?.errorType, 'Sandbox.Timedout');
    assert.match(over.error?.errorMessage ?? '', /Task timed out after 2\.00 seconds$/);
    assert.ok(tookMs >= 1_990 && tookMs < ownSeconds * 1_000, `${Math.round(tookMs)} ms`);
    const billedMs = over.billedMs ?? 0;
    assert.ok(billedMs >= 2_000 && billedMs <= Math.max(tookMs, 2_000) + 2, `billed ${billedMs} ms`);

    const http = await fetch(`${mayfly.http}/short?seconds=250`);
    assert.deepEqual([http.status, await http.text()], [504, '{"message":"Endpoint request timed out"}']);
    assert.equal((await fetch(`${mayfly.http}/short`)).status, 200);
  });

  test('environment variables have 4 KB together and not a byte more', async () => {
    const { payload } = await invokeFunction(mayfly, 'variables', {});
    assert.deepEqual(payload, { length: limits.environmentBytesMax - 'PAD'.length });

    const beyond = await mkdtemp(join(tmpdir(), 'mayfly-limits-'));
    try {
      await writeFile(join(beyond, 'limits.py'), python);
      const environment = `, environment: { PAD: ${padOf(limits.environmentBytesMax + 1)} }`;
      await writeFile(
        join(beyond, 'mayfly.yaml'),
        manifestOf(functionOf('over', 'limits.variables', environment)).replace(': limits', ': beyond'),
      );
      const refused: unknown = await run(command, ['deploy', beyond, '--data', mayfly.data]).catch(
        (error: unknown) => error,
      );
      assert.match((refused as { stderr: string }).stderr, /4097 bytes together; at most 4096 are accepted/);
    } finally {
      await rm(beyond, { recursive: true, force: true });
    }
  });

  test('the platform itself refuses settings beyond the limits, whoever sends them', async () => {
    const settings = {
      runtime: 'python',
      handler: 'limits.size',
      bundle: '0'.repeat(64),
      memoryMb: 128,
      timeoutMs: 1_000,
      environment: {},
      network: 'none',
      ephemeralMb: 512,
      permissions: [],
    };
    const beyond: [field: string, value: unknown, status: number][] = [
      ['environment', { PAD: padOf(limits.environmentBytesMax + 1) }, 413],
      ['memoryMb', limits.memoryMbMin - 1, 400],
      ['memoryMb', limits.memoryMbMax + 1, 400],
      ['timeoutMs', limits.timeoutMsMax + 1, 400],
      ['timeoutMs', 0, 400],
      ['ephemeralMb', limits.ephemeralMbMax + 1, 400],
      ['concurrencyMax', limits.accountConcurrencyMax + 1, 400],
    ];
    for (const [field, value, status] of beyond) {
      const one = { name: 'beyond', url: false, sources: [], settings: { ...settings, [field]: value } };
      const deployment = { application: 'beyond', functions: [one], buckets: [], queues: [] };
      const response = await callApi(mayfly, {
        method: 'POST',
        target: '/_mayfly/deployments',
        service: 'mayfly',
        body: JSON.stringify(deployment),
      });
      const { error } = (await response.json()) as { error: { field: string; message: string } };
      assert.equal(response.status, status, `${field} ${JSON.stringify(value).slice(0, 20)}: ${error.message}`);
      assert.match(error.field, new RegExp(`\\.${field}$`));
    }
  });

  test('an environment has 1,024 open files', async () => {
    const { payload } = await invokeFunction(mayfly, 'files', {});
    const { error, files } = payload as { error: string; files: number };
    assert.equal(error, 'Too many open files');
    assert.ok(files > 1_000 && files < 1_024, `${files} files`);
  });
});

/** A thousand sandboxes would be a load test: here the house is whole, and its environments are functions that never answer. */
test('an account has 1,000 invocations at once and not one more, whatever functions they are of', async () => {
  const data = await mkdtemp(join(tmpdir(), 'mayfly-limits-'));
  const answers: (() => void)[] = [];
  const complaints: string[] = [];
  using folderLock = await lockFolder(data);
  const house = await openHouse({
    dataFolder: data,
    folderLock,
    version: '0.0.0',
    mode: 'dev',
    clock: systemClock,
    ids: randomIds,
    sandbox: fakeSandbox({
      invoke: () =>
        new Promise((resolve) => {
          answers.push(() => resolve({ status: 'response', payload: Buffer.from('{}') }));
        }),
    }),
    capabilities: () => Promise.resolve([]),
    prebooted: 0,
    ports: () => ({ apiPort: 0, httpPort: 0 }),
    log: (message) => complaints.push(message),
  });
  const onError = (error: unknown): void => void complaints.push(String(error));
  const api = new Listener({ handler: house.api, clock: systemClock, onError });
  const http = new Listener({ handler: house.http, clock: systemClock, onError });
  const project = await mkdtemp(join(tmpdir(), 'mayfly-limits-'));
  try {
    const ports = {
      apiPort: (await api.listen(0, '127.0.0.1')).port,
      httpPort: (await http.listen(0, '127.0.0.1')).port,
    };
    await writeFile(
      join(data, 'endpoint.json'),
      JSON.stringify({ ...ports, listen: '127.0.0.1', pid: process.pid, mode: 'dev' }),
    );
    await writeFile(join(project, 'limits.py'), python);
    await writeFile(
      join(project, 'mayfly.yaml'),
      manifestOf(functionOf('many', 'limits.wait') + functionOf('another', 'limits.wait')),
    );
    await run(command, ['deploy', project, '--data', data]);

    const address = `http://127.0.0.1:${ports.httpPort}`;
    const call = async (path: string): Promise<{ status: number; retryAfter: string | null }> => {
      const { status, headers } = await fetch(address + path);
      return { status, retryAfter: headers.get('retry-after') };
    };
    const calls = Array.from({ length: limits.accountConcurrencyMax + 1 }, () => call('/many'));
    const first = await Promise.race(calls);
    assert.equal(first.status, 429, 'only a refusal can be answered by now');
    assert.ok(Number(first.retryAfter) >= 1);
    assert.equal((await call('/another')).status, 429, 'of whatever function');

    let over = false;
    const settled = Promise.all(calls).finally(() => (over = true));
    while (!over) {
      for (const answer of answers.splice(0)) answer();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const statuses = (await settled).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 200).length, limits.accountConcurrencyMax);
    assert.deepEqual(complaints, []);
  } finally {
    for (const answer of answers.splice(0)) answer();
    await Promise.all([http.close(1_000), api.close(1_000)]);
    await house.close(1_000);
    for (const folder of [project, data]) await rm(folder, { recursive: true, force: true });
  }
});
