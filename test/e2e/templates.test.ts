/** Templates through the whole platform: how they come about, what they save, and what is renewed in who begins with one. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { whyNoTemplates } from '../../src/sandbox/process/templates/why-no-templates.ts';
import { callApi } from '../harness/api-client.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

const missing = process.getuid?.() === 0 ? whyNoTemplates() : 'environments begin with templates only as root';

const manifest = `application: templates
functions:
  slow: { runtime: python, handler: slow.handler, code: slow.py, memory: 512, events: [{ http: GET /slow }] }
  plain: { runtime: python, handler: slow.handler, code: slow.py, memory: 512, template: false, events: [{ http: GET /plain }] }
  once: { runtime: python, handler: once.handler, code: once.py, memory: 512, reuse: none, events: [{ http: GET /once }] }
  node: { runtime: nodejs, handler: node.handler, code: node.mjs, memory: 512, reuse: none, events: [{ http: GET /node }] }
  client:
    runtime: python
    handler: client.handler
    code: client.py
    memory: 512
    permissions: [{ allow: ['s3:ListAllMyBuckets'], on: ['*'] }]
    events: [{ http: GET /client }]
  threads: { runtime: python, handler: threads.handler, code: threads.py, memory: 512, events: [{ http: GET /threads }] }
`;

const files = {
  // Computes for that long, so that it takes longer, too, where everything does.
  'slow.py': `import time
while time.process_time() < 0.5:
    pass
initialised = time.time() * 1000
def handler(event, context):
    time.sleep(0.2)
    return {"environment": context.log_stream_name, "request": context.aws_request_id, "initialised": initialised}
`,
  'once.py': `import os, time
time.sleep(0.1)
calls = []
def handler(event, context):
    left = [os.path.exists("/tmp/left"), os.path.exists("/dev/shm/left"), "LEFT" in os.environ, len(calls)]
    for folder in ("/tmp", "/dev/shm"):
        open(folder + "/left", "w").close()
    os.environ["LEFT"] = "yes"
    calls.append(event)
    return {"left": left, "environment": context.log_stream_name}
`,
  'node.mjs': `let calls = 0;
export const handler = (event, context) => ({ calls: calls++, environment: context.logStreamName });
`,
  'client.py': `import json, os, time
import boto3
time.sleep(0.1)
s3 = boto3.client("s3")
s3.list_buckets()
first = s3._request_signer._credentials.access_key
def handler(event, context):
    time.sleep(0.1)
    now = s3._request_signer._credentials.access_key
    return {
        "buckets": len(s3.list_buckets()["Buckets"]), "retries": s3.list_buckets()["ResponseMetadata"]["RetryAttempts"],
        "renewed": now != first, "own": now == os.environ["AWS_ACCESS_KEY_ID"], "environment": context.log_stream_name,
    }
`,
  'threads.py': `import threading, time
time.sleep(0.1)
threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
def handler(event, context):
    time.sleep(0.1)
    return {}
`,
};

/** A template is made half a second after a first start. */
const betweenMs = 700;

type Row = { functionName: string; requestId: string; start: string; initUs: number };

describe('templates', { skip: missing }, () => {
  let project: string;
  let mayfly: StartedMayfly;

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'mayfly-templates-'));
    await writeFile(join(project, 'mayfly.yaml'), manifest);
    for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text);
    mayfly = await startMayfly();
    await mayfly.json('deploy', project);
  });
  after(async () => {
    await mayfly[Symbol.asyncDispose]();
    await rm(project, { recursive: true, force: true });
  });

  async function call(path: string): Promise<Record<string, unknown>> {
    const response = await fetch(mayfly.http + path);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text) as Record<string, unknown>;
  }

  const callAtOnce = (path: string, count: number): Promise<Record<string, unknown>[]> =>
    Promise.all(Array.from({ length: count }, () => call(path)));

  async function rowsOf(functionName: string): Promise<Row[]> {
    const answered = await callApi(mayfly, { target: '/_mayfly/usage', service: 'mayfly' });
    const rows = (await answered.text()).split('\n').filter((line) => line !== '');
    return rows.map((line) => JSON.parse(line) as Row).filter((row) => row.functionName === functionName);
  }

  /** Calls, more at the same time each time, until an environment has begun with a template; the last answers. */
  async function untilTemplate(path: string): Promise<Record<string, unknown>[]> {
    let count = 2;
    return eventually(`${path} begins with a template`, 180_000, async () => {
      await new Promise((resolve) => setTimeout(resolve, betweenMs));
      const answers = await callAtOnce(path, (count += 1));
      const rows = await rowsOf(path.slice(1));
      return rows.some(({ start }) => start === 'template') ? answers : undefined;
    });
  }

  test('an initialisation of half a second is waited for once: what begins with the template was initialised before anybody asked', async () => {
    const slow = async (): Promise<{ sentMs: number; request: string; initialisedMs: number }> => {
      const sentMs = Date.now();
      const { request, initialised } = await call('/slow');
      return { sentMs, request: String(request), initialisedMs: Number(initialised) };
    };
    const first = await slow();
    assert.ok(first.initialisedMs > first.sentMs, JSON.stringify(first));
    await untilTemplate('/slow');
    let count = 4;
    const begun = await eventually('others begin with it', 120_000, async () => {
      const answers = await Promise.all(Array.from({ length: (count += 2) }, slow));
      const rows = await rowsOf('slow');
      assert.ok((rows[0]?.initUs ?? 0) > 450_000, JSON.stringify(rows[0]));
      const ids = new Set(rows.filter(({ start }) => start === 'template').map(({ requestId }) => requestId));
      const found = answers.filter(({ request }) => ids.has(request));
      return found.length > 0 ? found : undefined;
    });
    for (const answer of begun) assert.ok(answer.initialisedMs < answer.sentMs, JSON.stringify(answer));
  });

  test('a function that says template: false has none', async () => {
    await callAtOnce('/plain', 3);
    await callAtOnce('/plain', 5);
    assert.deepEqual(
      (await rowsOf('plain')).filter(({ start }) => start === 'template'),
      [],
    );
  });

  test('with reuse: none nothing is left of one invocation for the next, in an environment of its own each', async () => {
    const answers = [await call('/once'), ...(await untilTemplate('/once'))];
    for (let turn = 0; turn < 5; turn += 1) answers.push(await call('/once'));
    for (const { left } of answers) assert.deepEqual(left, [false, false, false, 0]);
    assert.equal(new Set(answers.map(({ environment }) => environment)).size, answers.length);
    assert.ok(!(await rowsOf('once')).some(({ start }) => start === 'warm'));
  });

  test('without a template, too', async () => {
    const answers = [await call('/node'), await call('/node'), ...(await callAtOnce('/node', 3))];
    assert.ok(answers.every(({ calls }) => calls === 0));
    assert.equal(new Set(answers.map(({ environment }) => environment)).size, answers.length);
  });

  test('a client that was made, and connected, by the initialisation goes on with credentials of its own', async () => {
    await call('/client');
    const answers = await untilTemplate('/client');
    for (const { buckets, own, retries } of answers)
      assert.deepEqual({ buckets, own, retries }, { buckets: 0, own: true, retries: 0 });
    assert.ok(answers.some(({ renewed }) => renewed === true));
  });

  test('what cannot be a template is served as ever', async () => {
    for (let turn = 0; turn < 3; turn += 1) await callAtOnce('/threads', 2 + turn);
    assert.deepEqual(
      (await rowsOf('threads')).filter(({ start }) => start === 'template'),
      [],
    );
  });

  test('kill -9 leaves no process of a template, nor of who began with one', async () => {
    await untilTemplate('/slow');
    const ours = await eventually('one waits with a template loaded', 120_000, async () => {
      const all = descendants(mayfly.pid);
      return all.some(waitsLoaded) ? all : undefined;
    });
    mayfly = await mayfly.killAndRestart();
    await eventually('they have ended', 60_000, async () => (ours.some(isThere) ? undefined : true));
    assert.equal(typeof (await call('/slow'))['environment'], 'string');
  });
});

/** Its memory is an image's, and it looks at its channel (recvfrom) by instructions of ours. */
function waitsLoaded(pid: number): boolean {
  try {
    const [maps, call] = ['maps', 'syscall'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8'));
    return maps?.includes('memfd:template') === true && call?.startsWith('45 0x3 ') === true;
  } catch {
    return false;
  }
}

const isThere = (pid: number): boolean => readdirSync('/proc').includes(String(pid));

/** Ids of processes are not used again so soon. */
function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const found = [pid];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found.slice(1);
}
