import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerOf, openTestSandbox, type TestSandbox } from '../../../../../test/fakes/process-sandbox.ts';
import { nodeRuntimeNames } from './node-runtime.ts';

/** Longer than a rehearsal takes. On a machine that is slower than that, less is tried. */
const rehearsedMs = 1_000;

/** What a function could see of what was done before it was there. */
const source = `
  import { readdirSync, readFileSync } from 'node:fs';
  import { readFile } from 'node:fs/promises';
  const threads = () =>
    readdirSync('/proc/self/task').filter((id) => readFileSync('/proc/self/task/' + id + '/comm', 'utf8').startsWith('libuv-worker')).length;
  const early = threads();
  console.log('loaded');
  export const handler = async (event, context) => {
    await Promise.all(Array.from({ length: 8 }, () => readFile('/etc/passwd')));
    console.log('called');
    return {
      event,
      variables: Object.keys(process.env).sort(),
      own: process.env.OWN,
      trace: process.env._X_AMZN_TRACE_ID,
      folder: process.cwd(),
      listeners: process.eventNames().map(String).sort(),
      globals: Object.getOwnPropertyNames(globalThis).sort(),
      resources: process.getActiveResourcesInfo().sort(),
      threads: [early, threads()],
      context: [context.functionName, context.memoryLimitInMB],
    };
  };`;

describe('what is rehearsed and expected before there is a function', () => {
  let [fresh, waiting]: TestSandbox[] = [];
  before(async () => {
    [fresh, waiting] = await Promise.all([openTestSandbox(), openTestSandbox()]);
    const { sandbox } = waiting;
    const start = sandbox.start.bind(sandbox);
    sandbox.start = async (spec) => {
      const environment = await start(spec);
      await new Promise((resolve) => setTimeout(resolve, rehearsedMs));
      const init = environment.init.bind(environment);
      environment.init = (given) => {
        environment.expect(given.version);
        return init(given);
      };
      return environment;
    };
  });
  after(() => Promise.all([fresh?.close(), waiting?.close()]));

  for (const runtime of nodeRuntimeNames) {
    test(`leaves no trace in ${runtime}`, async () => {
      const [first, rehearsed] = await Promise.all(
        [fresh, waiting].map(async (opened) => {
          assert.ok(opened);
          const variables = { OWN: 'x', UV_THREADPOOL_SIZE: '2' };
          const tried = await opened.start({ runtime, files: { 'index.mjs': source }, variables });
          const answer = answerOf(await tried.invoke({ n: 1 })) as { threads: [number, number] };
          const printed = tried.lines.map(({ text }) => text.replace(/^.*?\t/, '').replace(/request-\d+/, 'request'));
          return { answer, printed };
        }),
      );
      assert.deepEqual(rehearsed, first);
      assert.deepEqual(first?.printed, ['undefined\tINFO\tloaded', 'request\tINFO\tcalled']);
      // Their names are newer than Node.js 20.
      if (runtime !== 'nodejs20.x') assert.deepEqual(first?.answer.threads, [0, 2]);
    });
  }
});
