/** Extensions as people write them, in real environments. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  answerOf,
  errorOf,
  openTestSandbox,
  type TestSandbox,
  type Tried,
} from '../../../../test/fakes/process-sandbox.ts';
import { inTime } from '../../../../test/harness/in-time.ts';
import type { InvokeOutcome } from '../../sandbox.ts';

/** Says each event that it gets on its output, and asks for the next; what it does besides comes from `behaviour`. */
const extension = (behaviour = '', events = ['INVOKE', 'SHUTDOWN']): string => `#!/usr/bin/python3
import http.client, json, os, sys, time
name = os.path.basename(sys.argv[0])
api = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
identifier = None
def call(method, path, body=None, **headers):
    if identifier: headers['Lambda-Extension-Identifier'] = identifier
    api.request(method, path, body, headers)
    response = api.getresponse()
    return response, response.read().decode()
headers = {'Lambda-Extension-Name': name, 'Lambda-Extension-Accept-Feature': 'accountId'}
response, body = call('POST', '/2020-01-01/extension/register', json.dumps({'events': ${JSON.stringify(events)}}), **headers)
assert response.status == 200, body
identifier = response.headers['Lambda-Extension-Identifier']
print('registered', body, flush=True)
while True:
    event = json.loads(call('GET', '/2020-01-01/extension/event/next')[1])
    print('event', json.dumps(event), flush=True)
    ${behaviour.replaceAll('\n', '\n    ')}
    if event['eventType'] == 'SHUTDOWN': break
`;

const echo = { 'index.js': 'exports.handler = async (event) => event;' };

/** What an extension printed, as its own script above words it. */
const said = (tried: Tried, word: string): unknown[] =>
  tried.lines
    .filter(({ origin, text }) => origin === 'extension' && text.startsWith(`${word} `))
    .map(({ text }) => JSON.parse(text.slice(word.length + 1)));

const overOf = (outcome: InvokeOutcome): Promise<void> | undefined => ('over' in outcome ? outcome.over : undefined);

describe('external extensions', () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  for (const runtime of ['nodejs24.x', 'python'] as const) {
    test(`${runtime}: registers before the code is loaded, is told of each call, and of the end`, async () => {
      const files = { ...echo, 'index.py': 'def handler(event, context): return event\n' };
      const tried = await opened.start({ runtime, files, layers: { 'extensions/watcher': extension() } });
      assert.deepEqual(tried.init, { status: 'ready' }, JSON.stringify(tried.lines));
      const state = tried.lines.find(({ origin }) => origin === 'platform')?.text;
      assert.equal(state, 'EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE, SHUTDOWN]');
      const outcome = await tried.invoke({ a: 1 }, { requestId: 'r-1' as never, deadlineMs: 1_900_000_000_000 });
      assert.deepEqual(answerOf(outcome), { a: 1 });
      await overOf(outcome);
      await tried.environment.stop();
      // What it prints goes another way than what it asks the platform, and may come later.
      const [registered] = said(tried, 'registered');
      const about = { functionName: 'tried', functionVersion: '1', handler: 'index.handler' };
      assert.deepEqual(registered, { ...about, accountId: '000000000000' });
      const events = said(tried, 'event') as Record<string, unknown>[];
      assert.deepEqual(events[0], {
        eventType: 'INVOKE',
        deadlineMs: 1_900_000_000_000,
        requestId: 'r-1',
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:tried',
        tracing: { type: 'X-Amzn-Trace-Id', value: 'Root=1-5759e988-bd862e3fe1be46a994272793' },
      });
      assert.equal(events[1]?.['eventType'], 'SHUTDOWN');
      assert.equal(events[1]?.['shutdownReason'], 'spindown');
      assert.equal(events.length, 2);
    });
  }

  test('the caller has its answer while an extension still works, and the environment is not free', async () => {
    await inTime(300, async (sleepMs) => {
      const behaviour = `if event['eventType'] == 'INVOKE': time.sleep(${sleepMs / 1_000})`;
      const layers = { 'extensions/slow': extension(behaviour) };
      const tried = await opened.start({ runtime: 'nodejs24.x', files: echo, layers });
      const outcome = await tried.invoke(1);
      assert.equal(answerOf(outcome), 1);
      const { room } = tried.environment;
      await overOf(outcome);
      assert.equal(tried.environment.room, 1);
      assert.equal(answerOf(await tried.invoke(2)), 2);
      await tried.environment.stop();
      return room === 0;
    });
  });

  test('one that ends by itself takes the environment with it, by name', async () => {
    const behaviour = "if event['eventType'] == 'INVOKE': sys.exit(7)";
    const layers = { 'extensions/frail': extension(behaviour) };
    const slow = { 'index.js': 'exports.handler = () => new Promise((done) => setTimeout(done, 10_000));' };
    const tried = await opened.start({ runtime: 'nodejs24.x', files: slow, layers });
    const error = errorOf(await tried.invoke({}, { requestId: 'r-9' as never }));
    assert.deepEqual(error, { errorType: 'Extension.Crash', errorMessage: 'exit status 7' });
    await tried.environment.ended;
  });

  test('one that cannot be started, or fails to initialise, is told by name and line', async () => {
    const cases = [
      [
        '#!/no/such/program\n',
        'Extension.LaunchError',
        /^EXTENSION\tName: odd\tState: LaunchError\tEvents: \[\]\tError Type: Extension.LaunchError$/,
      ],
      ['#!/bin/sh\nexit 3\n', 'Extension.Crash', /State: Exited/],
      [
        extension(
          "call('POST', '/2020-01-01/extension/exit/error', '{}', **{'Lambda-Extension-Function-Error-Type': 'Own.Reason'})",
        ),
        'Extension.ExitError',
        /State: ExitError/,
      ],
    ] as const;
    for (const [source, errorType, line] of cases) {
      const tried = await opened.start({ runtime: 'nodejs24.x', files: echo, layers: { 'extensions/odd': source } });
      const outcome = tried.init.status === 'ready' ? await tried.invoke({}) : tried.init;
      await tried.environment.ended;
      if (outcome.status !== 'response') assert.equal(errorOf(outcome).errorType, errorType);
      assert.match(tried.lines.findLast(({ origin }) => origin === 'platform')?.text ?? '', line);
    }
  });

  test('an eleventh is refused, and the function with it', async () => {
    const names = Array.from({ length: 11 }, (_, at) => `extensions/e${String(at).padStart(2, '0')}`);
    const layers = Object.fromEntries(names.map((name) => [name, '#!/bin/sh\nsleep 60\n']));
    const { init } = await opened.start({ runtime: 'nodejs24.x', files: echo, layers });
    const errorMessage = 'Extension limit (10) reached';
    assert.deepEqual(errorOf(init), { errorType: 'Extension.LaunchError', errorMessage });
  });

  test('where the code cannot be loaded, the log says how far extensions had come', async () => {
    const layers = { 'extensions/watcher': extension() };
    const tried = await opened.start({ runtime: 'python', files: { 'other.py': '' }, layers });
    assert.equal(errorOf(tried.init).errorType, 'Runtime.ImportModuleError');
    const lines = tried.lines.filter(({ origin }) => origin === 'platform').map(({ text }) => text);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /^EXTENSION\tName: watcher\tState: (Registered|Ready)\tEvents: \[INVOKE, SHUTDOWN\]$/);
    const last = said(tried, 'event').at(-1) as Record<string, unknown>;
    assert.deepEqual([last['eventType'], last['shutdownReason']], ['SHUTDOWN', 'failure']);
  });

  test('a time-out and a crash are told with their reasons', async () => {
    const handlers = { timeout: ['for (;;);', 400], failure: ['process.exit(4);', 30_000] } as const;
    for (const [reason, [body, timeoutMs]] of Object.entries(handlers)) {
      const files = { 'index.js': `exports.handler = async () => { ${body} };` };
      const tried = await opened.start({ runtime: 'nodejs24.x', files, layers: { 'extensions/watcher': extension() } });
      const outcome = await tried.invoke({}, { timeoutMs });
      assert.equal(outcome.status, reason === 'timeout' ? 'timeout' : 'exit');
      if (outcome.status === 'exit') assert.equal(outcome.code, 4);
      const last = said(tried, 'event').at(-1) as Record<string, unknown>;
      assert.deepEqual([last['eventType'], last['shutdownReason']], ['SHUTDOWN', reason]);
    }
  });
});

describe('internal extensions', () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  test('a part of the function registers itself, and is told of each call', async () => {
    const source = `
      const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2020-01-01/extension';
      const register = (name, events) =>
        fetch(api + '/register', { method: 'POST', headers: { 'lambda-extension-name': name }, body: JSON.stringify({ events }) });
      const seen = [];
      const ready = (async () => {
        const refused = await register('inner', ['SHUTDOWN']);
        seen.push([refused.status, (await refused.json()).errorType]);
        const { headers } = await register('inner', ['INVOKE']);
        const identifier = headers.get('lambda-extension-identifier');
        (async () => {
          for (;;) {
            const next = await fetch(api + '/event/next', { headers: { 'lambda-extension-identifier': identifier } });
            seen.push((await next.json()).requestId);
          }
        })();
      })();
      await ready;
      export const handler = async () => { while (seen.length < 2) await new Promise((done) => setTimeout(done, 5)); return seen; };`;
    const tried = await opened.start({ runtime: 'nodejs24.x', files: { 'index.mjs': source } });
    assert.deepEqual(tried.init, { status: 'ready' }, JSON.stringify(tried.lines));
    const outcome = await tried.invoke({}, { requestId: 'r-5' as never });
    assert.deepEqual(answerOf(outcome), [[403, 'Extension.InvalidEventType'], 'r-5']);
    await overOf(outcome);
    await tried.environment.stop();
  });
});
