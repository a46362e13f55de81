/** The commands that ask and print: ls, logs, invoke, rm, rollback, bill, env, doctor. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { CliRig } from './cli-rig.ts';

let rig: CliRig;

beforeEach(async () => {
  rig = await new CliRig().start();
});
afterEach(() => rig[Symbol.asyncDispose]());

const hello = {
  name: 'hello',
  arn: 'arn:aws:lambda:us-east-1:000000000000:function:hello',
  application: 'shop',
  runtime: 'python',
  handler: 'hello.lambda_handler',
  memoryMb: 256,
  timeoutMs: 10_000,
  version: '3',
  versions: 3,
  urls: ['http://127.0.0.1:8080/hello'],
  sources: ['GET /hello'],
  environments: { busy: 1, idle: 2 },
  deadLetters: 0,
  lastInvokedMs: Date.UTC(2026, 0, 15, 11, 55),
};

const settled = {
  requestId: 'r-1',
  version: '3',
  phases: { queueUs: 0, placeUs: 250, provisionUs: 12_000, initUs: 40_000, handlerUs: 1_500, replyUs: 80 },
  billedMs: 42,
  start: 'cold',
  why: 'It is the first call.',
  memoryBytesMax: 45_000_000,
};

describe('ls', () => {
  test('shows functions by application, with what runs them and where they answer', async () => {
    rig.answers.set('GET functions', {
      json: {
        functions: [
          hello,
          {
            ...hello,
            name: 'old',
            application: undefined,
            environments: { busy: 0, idle: 0 },
            deadLetters: 2,
            lastInvokedMs: undefined,
            urls: [],
            sources: [],
          },
        ],
      },
    });
    rig.answers.set('GET buckets', { json: { buckets: [{ name: 'pics', objects: 1234, bytes: 5_600_000 }] } });
    rig.answers.set('GET queues', { json: { queues: [{ name: 'jobs', ready: 1, delayed: 2, leased: 3 }] } });
    rig.answers.set('GET topics', { json: { topics: [{ name: 'news', subscriptions: 1 }] } });
    rig.answers.set('GET buses', { json: { buses: [{ name: 'orders', rules: 2 }] } });
    rig.answers.set('GET tables', { json: { tables: [{ name: 'sales', items: 1_234, bytes: 5_600, indexes: 1 }] } });
    rig.answers.set('GET schedules', { json: { schedules: [] } });
    const { stdout } = await rig.run(['ls']);
    assert.equal(
      stdout,
      `shop
  hello  python  v3  256 MB  1 busy, 2 warm  5 min ago
      ← GET /hello
      → http://127.0.0.1:8080/hello

functions of no application
  old  python  v3  256 MB  idle  no call known  2 dead

buckets
  pics  1,234 objects  5.6 MB

queues
  jobs  1 ready  3 in work  2 delayed

topics
  news  1 subscription

event buses
  orders  2 rules

tables
  sales  1,234 items  5.6 kB  1 index
`,
    );
    assert.deepEqual(Object.keys(JSON.parse((await rig.run(['ls', '--json'])).stdout) as object), [
      'functions',
      'buckets',
      'queues',
      'topics',
      'buses',
      'tables',
      'schedules',
    ]);
  });

  test('says when there is nothing', async () => {
    for (const path of ['functions', 'buckets', 'queues', 'topics', 'buses', 'tables', 'schedules'])
      rig.answers.set(`GET ${path}`, { json: { [path]: [] } });
    assert.equal((await rig.run(['ls'])).stdout, 'Nothing is deployed yet. mayfly deploy does it.\n');
  });
});

describe('invoke', () => {
  const path = 'functions/hello/invocations';

  test('prints what the function answers', async () => {
    rig.answers.set(`POST ${path}`, { json: { ...settled, status: 'ok', payload: { message: 'Hi' }, log: [] } });
    const { code, stdout, stderr } = await rig.run(['invoke', 'hello', '--data', '{"name": "Ada"}']);
    assert.deepEqual([code, stdout, stderr], [0, '{\n  "message": "Hi"\n}\n', '']);
    const [call] = rig.called('POST', path);
    assert.equal(call?.body.toString(), '{"name": "Ada"}');
    assert.deepEqual(call?.query, { type: 'request' });
  });

  test('takes the event from a file, from standard input, or none', async () => {
    rig.answers.set(`POST ${path}`, { json: { ...settled, status: 'ok', payload: null } });
    rig.write({ 'event.json': '{"from": "file"}' });
    await rig.run(['invoke', 'hello', '--data', '@event.json']);
    await rig.run(['invoke', 'hello', '--data', '-'], { stdin: '{"from": "stdin"}' });
    await rig.run(['invoke', 'hello']);
    assert.deepEqual(
      rig.called('POST', path).map(({ body }) => body.toString()),
      ['{"from": "file"}', '{"from": "stdin"}', '{}'],
    );
  });

  test("--data of a folder is the platform's, beside an event", async () => {
    rig.answers.set(`POST ${path}`, { json: { ...settled, status: 'ok', payload: 1 } });
    const { code } = await rig.run(['invoke', 'hello', '--data', '{"a": 1}', '--data', join(rig.folder, '.mayfly')], {
      folder: rig.home,
    });
    assert.equal(code, 0);
    assert.equal(rig.called('POST', path)[0]?.body.toString(), '{"a": 1}');
  });

  test('refuses what is no JSON before anything is sent', async () => {
    const { code, stderr } = await rig.run(['invoke', 'hello', '--data', '{name: Ada}']);
    assert.equal(code, 1);
    assert.match(stderr, /^mayfly: The event of --data is not JSON: /);
    assert.match(
      (await rig.run(['invoke', 'hello', '--data', '@nowhere.json'])).stderr,
      /^mayfly: Cannot read the event's file, nowhere\.json\.\n$/,
    );
    assert.match(
      (await rig.run(['invoke', 'hello', '--sample', 'sns'])).stderr,
      /^mayfly: --sample is 'sns'; http, bucket, queue, table, schedule are accepted\.\n/,
    );
    assert.deepEqual(rig.calls, []);
  });

  test("a function's error is shown with its stack, and is the exit code", async () => {
    const error = {
      errorType: 'KeyError',
      errorMessage: "'name'",
      stackTrace: [
        '  File "/var/task/hello.py", line 4, in lambda_handler\n    return event["name"], \'name\'\n',
        '  File "/var/runtime/bootstrap.py", line 1, in run\n',
      ],
    };
    rig.answers.set(`POST ${path}`, { json: { ...settled, status: 'function_error', error, log: [] } });
    const { code, stdout, stderr } = await rig.run(['invoke', 'hello']);
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(
      stderr,
      `hello failed: KeyError: 'name'
  File "/var/task/hello.py", line 4, in lambda_handler
    return event["name"], 'name'
`,
    );
    const json = await rig.run(['invoke', 'hello', '--json']);
    assert.deepEqual([json.code, (JSON.parse(json.stdout) as { error: object }).error], [1, error]);
  });

  test("a stack that begins with the message, as Node's do, does not say it twice", async () => {
    const error = {
      errorType: 'TypeError',
      errorMessage: 'no Bobs',
      stackTrace: ['TypeError: no Bobs', '    at Object.fetch (/var/task/src/hello.ts:4:31)'],
    };
    rig.answers.set(`POST ${path}`, { json: { ...settled, status: 'function_error', error, log: [] } });
    const { stderr } = await rig.run(['invoke', 'hello']);
    assert.equal(stderr, 'hello failed: TypeError: no Bobs\n    at Object.fetch (/var/task/src/hello.ts:4:31)\n');
  });

  test('what did not come to run says why', async () => {
    rig.answers.set(`POST ${path}`, {
      json: { status: 'unavailable', requestId: 'r', message: 'the runtime is not installed' },
    });
    const { code, stderr } = await rig.run(['invoke', 'hello']);
    assert.deepEqual([code, stderr], [1, 'mayfly: hello was not run (unavailable): the runtime is not installed\n']);
  });

  test('-v shows where the time went, and what was logged, beside the answer', async () => {
    rig.answers.set(`POST ${path}`, {
      json: { ...settled, status: 'ok', payload: 'text', log: ['START', 'hello there\n'] },
    });
    const { stdout, stderr } = await rig.run(['invoke', 'hello', '-v']);
    assert.equal(stdout, 'text\n');
    assert.equal(
      stderr,
      `request r-1 · version 3 · cold start · billed 42 ms · at most 42.9 MB
It is the first call.
  queue      waiting its turn              –  │
  place      finding a place          250 µs  │▏
  provision  making the sandbox        12 ms  │███████████▏
  init       loading the code          40 ms  │           █████████████████████████████████████▏
  handler    running the handler      1.5 ms  │                                                █▍
  reply      handing over the answer   80 µs  │                                                 ▏
  │ START
  │ hello there
`,
    );
  });

  test('--event prints the request id', async () => {
    rig.answers.set(`POST ${path}`, { status: 202, json: { requestId: 'r-9' } });
    assert.equal((await rig.run(['invoke', 'hello', '--event'])).stdout, 'r-9\n');
    assert.deepEqual(rig.called('POST', path)[0]?.query, { type: 'event' });
  });

  for (const [kind, has] of [
    ['http', 'rawPath'],
    ['bucket', 'Records'],
    ['queue', 'Records'],
    ['schedule', 'detail-type'],
  ] as const) {
    test(`--sample ${kind} is an event of that kind`, async () => {
      rig.answers.set(`POST ${path}`, { json: { ...settled, status: 'ok', payload: 1 } });
      await rig.run(['invoke', 'hello', '--sample', kind]);
      assert.ok(has in (JSON.parse(rig.called('POST', path)[0]?.body.toString() ?? '') as object));
    });
  }

  test('a function that is not there', async () => {
    const { code, stderr } = await rig.run(['invoke', 'nothing']);
    assert.deepEqual([code, stderr], [1, 'mayfly: there is no functions/nothing/invocations\n']);
  });
});

describe('logs', () => {
  const line = {
    timeMs: Date.UTC(2026, 0, 15, 11),
    requestId: '0123456789abcdef',
    origin: 'function',
    text: 'hello there',
    version: '1',
    environmentId: 'e',
    functionName: 'hello',
  };

  test('prints lines with time and request', async () => {
    rig.answers.set('GET functions/hello/logs', {
      lines: [line, { ...line, origin: 'platform', text: 'END RequestId: abc' }],
    });
    const { stdout } = await rig.run(['logs', 'hello']);
    assert.match(stdout, /^\d\d:\d\d:00\.000 89abcdef hello there\n\d\d:\d\d:00\.000 89abcdef END\n$/);
  });

  test('of all functions names each', async () => {
    rig.answers.set('GET functions/*/logs', { lines: [line] });
    assert.match((await rig.run(['logs'])).stdout, /^\S+ hello 89abcdef hello there\n$/);
  });

  test('passes on since, request and limit', async () => {
    rig.answers.set('GET functions/hello/logs', { lines: [] });
    await rig.run(['logs', 'hello', '--since', '10m', '--request', 'r-1', '--limit', '5']);
    await rig.run(['logs', 'hello', '--since', '2026-01-15T00:00:00Z']);
    assert.deepEqual(
      rig.called('GET', 'functions/hello/logs').map(({ query }) => query),
      [
        { since: String(rig.clock.now() - 600_000), request: 'r-1', limit: '5' },
        { since: String(Date.UTC(2026, 0, 15)), limit: '500' },
      ],
    );
    assert.equal((await rig.run(['logs', 'hello', '--since', 'yesterday'])).code, 2);
    assert.equal((await rig.run(['logs', 'hello', '--limit', '0'])).code, 2);
  });

  test('--json is one value', async () => {
    rig.answers.set('GET functions/hello/logs', { lines: [line, line] });
    assert.deepEqual(JSON.parse((await rig.run(['logs', 'hello', '--json'])).stdout), { lines: [line, line] });
  });

  test('-f goes on until it is stopped, and that is no error', async () => {
    rig.answers.set('GET functions/hello/logs', { lines: [line], isOpen: true });
    let stop: () => void = () => undefined;
    const { code, stdout } = await rig.run(['logs', 'hello', '-f', '--json'], {
      onStart: (ask) => (stop = ask),
      onWrite: () => stop(),
    });
    assert.deepEqual([code, JSON.parse(stdout)], [0, line]);
    assert.equal(rig.called('GET', 'functions/hello/logs')[0]?.query['follow'], '1');
  });
});

describe('rm', () => {
  beforeEach(() => {
    rig.answers.set('GET deployments', { json: { applications: [{ application: 'shop', functions: ['hello'] }] } });
    rig.answers.set('GET functions', { json: { functions: [hello, { ...hello, name: 'shop' }] } });
    rig.answers.set('DELETE deployments/shop', {
      json: {
        changes: [
          { what: 'bucket', name: 'pics', action: 'unchanged', detail: 'holds 3 objects, and stays' },
          { what: 'function', name: 'hello', action: 'removed', detail: '' },
        ],
      },
    });
    rig.answers.set('DELETE functions/hello', {});
    rig.answers.set('DELETE functions/shop', {});
  });

  test('removes an application, and says what stays', async () => {
    assert.equal(
      (await rig.run(['rm', 'shop'])).stdout,
      'Removed application shop.\n  = bucket    pics   holds 3 objects, and stays\n  - function  hello\n',
    );
  });

  test('removes a function', async () => {
    assert.equal((await rig.run(['rm', 'hello'])).stdout, 'Removed function hello.\n');
    assert.equal(rig.called('DELETE', 'functions/hello').length, 1);
  });

  test('--function means the function where both have the name', async () => {
    await rig.run(['rm', 'shop', '--function']);
    assert.deepEqual(
      [rig.called('DELETE', 'functions/shop').length, rig.called('DELETE', 'deployments/shop').length],
      [1, 0],
    );
  });

  test('knows nothing of the name, and says what it could be', async () => {
    const { code, stderr } = await rig.run(['rm', 'helo']);
    assert.deepEqual(
      [code, stderr],
      [1, "mayfly: There is no application and no function named 'helo'. Did you mean hello?\n"],
    );
  });
});

test('rollback says from where to where', async () => {
  rig.answers.set('POST functions/hello/rollback', { json: { from: '3', to: '2' } });
  assert.equal((await rig.run(['rollback', 'hello'])).stdout, 'hello: version 3 → 2\n');
  assert.deepEqual(JSON.parse((await rig.run(['rollback', 'hello', '--json'])).stdout), {
    function: 'hello',
    from: '3',
    to: '2',
  });
});

describe('bill', () => {
  const bill = {
    account: '000000000000',
    month: '2026-01',
    plan: 'standard',
    currency: 'USD',
    lines: [
      {
        kind: 'function',
        functionName: 'hello',
        requests: 1_200_000,
        errors: 0,
        coldStarts: 2,
        billedMs: 3_600_000,
        gbSeconds: '3600.000000',
        initMs: 80,
        requestBytes: 1,
        responseBytes: 1,
        amount: '0.30000012',
      },
      {
        kind: 'function',
        functionName: 'resize',
        requests: 2,
        errors: 1,
        coldStarts: 1,
        billedMs: 40,
        gbSeconds: '0.040000',
        initMs: 80,
        requestBytes: 1,
        responseBytes: 1,
        amount: '0.0000011',
      },
      { kind: 'free_requests', requests: 1_000_000, amount: '-0.2' },
      { kind: 'free_duration', gbSeconds: '3600.040000', amount: '-0.06' },
    ],
    requests: 1_200_002,
    gbSeconds: '3600.040000',
    total: '0.04000122',
    rows: 1_200_002,
    reconciles: true,
  };

  test('is a table that ends in the total and says what it rests on', async () => {
    rig.answers.set('GET bill', { json: bill });
    const { stdout } = await rig.run(['bill', '--month', '2026-01']);
    assert.equal(
      stdout,
      `January 2026 (standard prices, account 000000000000)

                  requests  errors  cold starts        billed   GB-seconds          USD
  hello          1,200,000       0            2  3,600,000 ms  3600.000000   0.30000012
  resize                 2       1            1         40 ms     0.040000   0.00000110
  free requests  1,000,000                                                  -0.20000000
  free duration                                                3600.040000  -0.06000000
  total          1,200,002                                     3600.040000   0.04000122

1,200,002 usage rows, one for each request; the lines add up to the total.
`,
    );
    assert.deepEqual(rig.called('GET', 'bill')[0]?.query, { month: '2026-01' });
    assert.deepEqual(JSON.parse((await rig.run(['bill', '--json'])).stdout), bill);
  });

  test('says how old it is, where it is not of the moment', async () => {
    rig.answers.set('GET bill', { json: { ...bill, ageMs: 12_000 } });
    assert.match((await rig.run(['bill'])).stdout, /add up to the total\.\nAs it was 12 s ago: so many rows/);
  });

  test('says when nothing has run, and when it does not add up', async () => {
    rig.answers.set('GET bill', { json: { ...bill, lines: bill.lines.slice(2), rows: 0, reconciles: false } });
    const { stdout } = await rig.run(['bill']);
    assert.match(
      stdout,
      /Nothing has run yet\.\n\nThe lines do not add up to the total of 0 usage rows: this is a bug/,
    );
  });

  test('refuses a month that is none', async () => {
    assert.equal((await rig.run(['bill', '--month', '2026-13'])).code, 2);
  });
});

describe('console', () => {
  test('prints an address that opens the console, and until when', async () => {
    rig.answers.set('POST console-tokens', { json: { token: 't.1', expiresMs: 9, url: 'http://elsewhere/' } });
    const url = `http://127.0.0.1:${rig.apiPort}/_mayfly/console/#token=t.1`;
    assert.equal((await rig.run(['console'])).stdout, `${url}\n`);
    assert.deepEqual(JSON.parse((await rig.run(['console', '--json'])).stdout), { url, expiresMs: 9 });
  });

  test('needs no token in dev', async () => {
    rig.answers.set('GET platform', { json: { mode: 'dev' } });
    const { code, stdout } = await rig.run(['console']);
    assert.deepEqual([code, stdout], [0, `http://127.0.0.1:${rig.apiPort}/_mayfly/console/\n`]);
  });
});

describe('env', () => {
  test('prints what a shell can evaluate', async () => {
    const { stdout } = await rig.run(['env']);
    assert.equal(
      stdout,
      `export AWS_ENDPOINT_URL=http://127.0.0.1:${rig.apiPort}
export AWS_SHARED_CREDENTIALS_FILE=${rig.folder}/.mayfly/credentials
export AWS_REGION=us-east-1
export AWS_DEFAULT_REGION=us-east-1
export MAYFLY_DATA=${rig.folder}/.mayfly
export MAYFLY_URL=http://127.0.0.1:8080
`,
    );
  });

  test('takes away what would win over it', async () => {
    assert.match(
      (await rig.run(['env'], { environment: { AWS_ACCESS_KEY_ID: 'x', AWS_PROFILE: 'work' } })).stdout,
      /\nunset AWS_ACCESS_KEY_ID AWS_PROFILE\n$/,
    );
  });

  test('brings an aws command to the platform that is older than AWS_ENDPOINT_URL', async () => {
    rig.write({ 'bin/aws': '#!/bin/sh\n[ "$1" = --version ] && echo aws-cli/2.9.19 || echo "got $*"\n' });
    chmodSync(join(rig.folder, 'bin/aws'), 0o755);
    const environment = { PATH: `${rig.folder}/bin:/usr/bin:/bin` };
    const { stdout: variables } = await rig.run(['env'], { environment });
    const script = 'eval "$1"; aws s3 cp "two words" s3://b/';
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', script, 'sh', variables], { env: environment });
    assert.equal(stdout, `got --endpoint-url http://127.0.0.1:${rig.apiPort} s3 cp two words s3://b/\n`);
  });
});

describe('doctor', () => {
  const report = {
    capabilities: [
      { name: 'namespaces', status: 'ok', finding: 'all six' },
      { name: 'control groups', status: 'degraded', finding: 'version 1 without memory', remedy: 'mount cgroup2' },
    ],
    runtimes: [
      { name: 'python', version: '3.11.2' },
      { name: 'nodejs20.x', missing: 'npm package node-20 is not installed' },
    ],
  } as const;

  test('asks the platform that runs', async () => {
    rig.answers.set('GET doctor', { json: report });
    const { code, stdout } = await rig.run(['doctor']);
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `this machine
  ok        namespaces      all six
  degraded  control groups  version 1 without memory
      → mount cgroup2

runtimes
  ok  python  3.11.2
  absent  nodejs20.x
      → mayfly runtimes

Functions can run here.
`,
    );
  });

  test('looks for itself where none runs, and fails when something is missing', async () => {
    const missing = {
      ...report,
      capabilities: [
        { name: 'bubblewrap', status: 'missing', finding: 'not found', remedy: 'apt-get install bubblewrap' } as const,
      ],
    };
    const { code, stdout } = await rig.run(['doctor', '--json'], {
      folder: rig.home,
      host: { inspectHost: () => Promise.resolve(missing) },
    });
    assert.equal(code, 1);
    assert.deepEqual(JSON.parse(stdout), { ok: false, ...missing });
  });
});
