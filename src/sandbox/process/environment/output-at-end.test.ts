/** What real processes print, fail with and answer last, and more of it than is read in one turn of the event loop. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import {
  answerOf,
  errorOf,
  openTestSandbox,
  type TestSandbox,
  type Tried,
} from '../../../../test/fakes/process-sandbox.ts';
import type { RequestId } from '../../../util/ids.ts';
import type { InvokeOutcome } from '../../sandbox.ts';

const lines = 3_000;
/** The process has ended, and all that it wrote is in its pipes, when the platform looks again. */
const heldMs = 400;

const runtime = 'nodejs26.x';
const print = `process.stdout.write('l\\n'.repeat(${lines}));`;
const source = (last: string): Readonly<Record<string, string>> => ({
  'index.mjs': `export const handler = async () => { ${print} ${last} };`,
});
const fail = `setImmediate(() => { throw new TypeError('mine'); }); await new Promise(() => {});`;

function holdEventLoop(): void {
  for (const end = performance.now() + heldMs; performance.now() < end;);
}

const printed = (tried: Tried): number => tried.lines.filter(({ text }) => text === 'l').length;

describe('what a process says last is read before it counts as ended', () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  for (const isHeld of [false, true]) {
    const when = isHeld ? ', with the event loop held until it has ended' : '';

    async function invoke(last: string): Promise<{ tried: Tried; outcome: InvokeOutcome }> {
      const tried = await opened.start({ runtime, files: source(last) });
      assert.deepEqual(tried.init, { status: 'ready' });
      const invoking = tried.invoke({});
      if (isHeld) {
        await setImmediate();
        holdEventLoop();
      }
      const outcome = await invoking;
      await tried.environment.ended;
      return { tried, outcome };
    }

    test(`all that it printed${when}`, async () => {
      const { tried, outcome } = await invoke('process.exit(3);');
      assert.deepEqual(outcome, { status: 'exit', code: 3, signal: undefined });
      assert.equal(printed(tried), lines);
    });

    test(`its own error${when}`, async () => {
      const { tried, outcome } = await invoke(fail);
      assert.equal(errorOf(outcome).errorMessage, 'mine');
      assert.equal(printed(tried), lines);
    });

    test(`its answer${when}`, async () => {
      const { tried, outcome } = await invoke('setTimeout(() => process.exit(0), 1); return 1;');
      assert.equal(answerOf(outcome), 1);
      assert.equal(printed(tried), lines);
    });

    test(`that its code was loaded, and the invocation begun${when}`, async () => {
      let invoking: Promise<InvokeOutcome> | undefined;
      const tried = await opened.start({
        runtime,
        files: {
          'index.mjs': `${print}
export const handler = async () => { console.log('handled'); setTimeout(() => process.exit(3), 5); await new Promise(() => {}); };`,
        },
        booted(environment) {
          assert.equal(environment.room, 1);
          invoking = environment.invoke({
            requestId: 'with-init' as RequestId,
            invokedFunctionArn: 'arn',
            event: Buffer.from('{}'),
            deadlineMs: Date.now() + 20_000,
            timeoutMs: 20_000,
            traceId: 'Root=1-5759e988-bd862e3fe1be46a994272793',
          });
          if (isHeld) void setImmediate().then(holdEventLoop);
        },
      });
      assert.deepEqual(tried.init, { status: 'ready' });
      assert.deepEqual(await invoking, { status: 'exit', code: 3, signal: undefined });
      await tried.environment.ended;
      assert.equal(printed(tried), lines);
      assert.match(tried.lines.at(-1)?.text ?? '', /handled/);
    });
  }

  test('its own error, where an extension is told of the end', async () => {
    const extension = `#!/usr/bin/python3
import http.client, os, sys
api = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
def call(method, path, body=None, **headers):
    api.request(method, path, body, headers)
    response = api.getresponse()
    return response, response.read().decode()
name = {'Lambda-Extension-Name': os.path.basename(sys.argv[0])}
response, body = call('POST', '/2020-01-01/extension/register', '{"events": ["INVOKE", "SHUTDOWN"]}', **name)
identifier = {'Lambda-Extension-Identifier': response.headers['Lambda-Extension-Identifier']}
while 'SHUTDOWN' not in call('GET', '/2020-01-01/extension/event/next', **identifier)[1]: pass
`;
    const layers = { 'extensions/watcher': extension };
    const tried = await opened.start({ runtime, files: source(fail), layers });
    assert.deepEqual(tried.init, { status: 'ready' }, JSON.stringify(tried.lines));
    const invoking = tried.invoke({});
    await setImmediate();
    holdEventLoop();
    assert.equal(errorOf(await invoking).errorMessage, 'mine');
    await tried.environment.ended;
    assert.equal(printed(tried), lines);
  });
});
