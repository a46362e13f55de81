import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  answerOf,
  errorOf,
  openTestSandbox,
  type TestSandbox,
  type Tried,
} from '../../../../../test/fakes/process-sandbox.ts';
import type { RequestId } from '../../../../util/ids.ts';

/** What a handler of these waits for until it is let go on: an invocation that says so. */
const gate = `
  const waiting = new Map();
  const until = (name) => new Promise((resolve) => waiting.set(name, resolve));
  const release = (name) => { waiting.get(name)?.(); return waiting.delete(name); };
`;

describe('several invocations at the same time in one environment of Node.js', () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  const start = (source: string, concurrencyPerEnvironment = 4): Promise<Tried> =>
    opened.start({ runtime: 'nodejs26.x', files: { 'index.mjs': source }, concurrencyPerEnvironment });
  const called = (id: string) => ({ requestId: id as RequestId });

  test('they run at once, are answered in whatever order they end, and each has its own lines and trace', async () => {
    const { init, invoke, environment, lines } = await start(`${gate}
      export const handler = async ({ name, releases }, context) => {
        if (releases !== undefined) return release(releases);
        console.log('begins', name);
        process.stdout.write('half of a line of ' + name);
        await until(name);
        process.stdout.write(', and the other\\n');
        console.log('ends', name);
        return [name, context.awsRequestId, process.env._X_AMZN_TRACE_ID];
      };
    `);
    assert.deepEqual(init, { status: 'ready' });
    assert.equal(environment.room, 4);
    const first = invoke({ name: 'first' }, { ...called('r-1'), traceId: 't-1' });
    const second = invoke({ name: 'second' }, { ...called('r-2'), traceId: 't-2' });
    assert.equal(environment.room, 2);
    assert.equal(answerOf(await invoke({ releases: 'second' }, called('r-3'))), true);
    assert.deepEqual(answerOf(await second), ['second', 'r-2', 't-2']);
    assert.equal(answerOf(await invoke({ releases: 'first' }, called('r-4'))), true);
    assert.deepEqual(answerOf(await first), ['first', 'r-1', 't-1']);
    const of = (id: string) =>
      lines.filter(({ requestId }) => requestId === id).map(({ text }) => text.split('\t').at(-1));
    assert.deepEqual(of('r-1'), ['begins first', 'half of a line of first, and the other', 'ends first']);
    assert.deepEqual(of('r-2'), ['begins second', 'half of a line of second, and the other', 'ends second']);
    assert.equal(environment.room, 4);
    await environment.stop();
  });

  test('more than there is room for are not begun, and a handler’s failure is its own', async () => {
    const { invoke, environment } = await start(
      `${gate}
      export const handler = async ({ fails, releases }) => {
        if (fails) throw new TypeError('mine alone');
        if (releases) return release('it');
        await until('it');
        return 'well';
      };`,
      2,
    );
    const well = invoke({}, called('r-1'));
    const { errorType } = errorOf(await invoke({ fails: true }, called('r-2')));
    assert.equal(errorType, 'TypeError');
    const other = invoke({ releases: true }, called('r-3'));
    assert.deepEqual(await invoke({}, called('r-4')), { status: 'not_started' });
    assert.equal(answerOf(await other), true);
    assert.equal(answerOf(await well), 'well');
    await environment.stop();
  });

  test('one that runs out of time is told so; the others end, and then the environment does', async () => {
    const { invoke, environment } = await start(`${gate}
      export const handler = async ({ hangs, releases }) => {
        if (hangs) { await new Promise((resolve) => setTimeout(resolve, 1e9)); }
        if (releases) return release('it');
        await until('it');
        return 'well';
      };
    `);
    const well = invoke({}, called('r-1'));
    const released = invoke({ hangs: true }, { ...called('r-2'), timeoutMs: 300 });
    assert.equal((await released).status, 'timeout');
    assert.equal(environment.room, 0, 'it takes no more');
    let hasEnded = false;
    void environment.ended.then(() => (hasEnded = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(hasEnded, false, 'one is still running');
    await environment.stop();
    assert.equal((await well).status, 'exit');
  });

  test('the last to end after a time-out ends the environment', async () => {
    const { invoke, environment } = await start(`
      export const handler = async ({ ms }) => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        return 'well';
      };
    `);
    const well = invoke({ ms: 1_000 }, called('r-1'));
    const late = invoke({ ms: 100_000 }, { ...called('r-2'), timeoutMs: 200 });
    assert.equal((await late).status, 'timeout');
    assert.equal(answerOf(await well), 'well');
    await environment.ended;
  });

  test('an exception that nobody catches ends the environment, and all that ran in it', async () => {
    const { invoke, environment } = await start(`
      export const handler = async ({ throws }) => {
        if (throws) setImmediate(() => { throw new RangeError('nobody catches me'); });
        await new Promise((resolve) => setTimeout(resolve, 1e6));
      };
    `);
    const [bystander, thrower] = [invoke({}, called('r-1')), invoke({ throws: true }, called('r-2'))];
    assert.equal(errorOf(await thrower).errorType, 'RangeError');
    assert.notEqual((await bystander).status, 'response');
    await environment.ended;
  });

  test('a callback answers at once, since the loop of several is never empty', async () => {
    const { invoke, environment } = await start(`
      export const handler = (event, context, callback) => {
        setTimeout(() => {}, 1e6).ref();
        callback(null, event.n);
      };
    `);
    const outcomes = await Promise.all([1, 2, 3].map((n) => invoke({ n }, called(`r-${n}`))));
    assert.deepEqual(outcomes.map(answerOf), [1, 2, 3]);
    await environment.stop();
  });

  test('handlers of the web do, and one that streams its answer is refused', async () => {
    const web = await start(`
      export default { async fetch(request) {
        const { searchParams } = new URL(request.url);
        await new Promise((resolve) => setTimeout(resolve, 50));
        return new Response(searchParams.get('name'));
      } };
    `);
    const event = (name: string) => ({
      rawPath: '/',
      rawQueryString: `name=${name}`,
      headers: {},
      requestContext: { http: { method: 'GET', path: '/' }, domainName: 'localhost' },
    });
    const answers = await Promise.all(['Ada', 'Zoë'].map((name) => web.invoke(event(encodeURIComponent(name)))));
    assert.deepEqual(
      answers.map((answer) => (answerOf(answer) as { body: string }).body),
      ['Ada', 'Zoë'],
    );
    await web.environment.stop();
    const streams = await start(
      `export const handler = awslambda.streamifyResponse(async (event, stream) => stream.end());`,
    );
    assert.equal(streams.init.status === 'error' && streams.init.error.errorType, 'Runtime.ConcurrencyNotSupported');
  });

  test('the time is shared out: what all are given is no more than what passed', async () => {
    const { invoke, environment } = await start(
      `export const handler = () => new Promise((resolve) => setTimeout(resolve, 200));`,
    );
    const began = performance.now();
    const outcomes = await Promise.all([1, 2, 3, 4].map((n) => invoke({}, called(`r-${n}`))));
    const tookMs = performance.now() - began;
    const shares = outcomes.map((outcome) => ('sharedMs' in outcome ? (outcome.sharedMs ?? 0) : 0));
    const sum = shares.reduce((a, b) => a + b, 0);
    assert.ok(sum >= 190 && sum <= tookMs, `${sum} of ${tookMs} ms`);
    await environment.stop();
  });
});
