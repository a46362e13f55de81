import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { transform } from 'esbuild';
import {
  answerOf,
  errorOf,
  openTestSandbox,
  type TestSandbox,
  type Tried,
} from '../../../../../test/fakes/process-sandbox.ts';
import type { Environment, InvokeOutcome } from '../../../sandbox.ts';
import type { RequestId } from '../../../../util/ids.ts';
import { heapFlags, nodeRuntimeNames } from './node-runtime.ts';

describe('the Node.js runtime', () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  /** One function whose module is `source`; `index.mjs` unless `file` says otherwise. */
  const start = (
    source: string,
    options: { file?: string; handler?: string; files?: Record<string, string>; memoryMb?: number } = {},
  ): Promise<Tried> => {
    const { file = 'index.mjs', files = {}, ...rest } = options;
    return opened.start({ runtime: 'nodejs26.x', files: { [file]: source, ...files }, ...rest });
  };

  async function answerTo(event: unknown, source: string, options: Parameters<typeof start>[1] = {}): Promise<unknown> {
    const { init, invoke, environment } = await start(source, options);
    assert.deepEqual(init, { status: 'ready' });
    const answer = answerOf(await invoke(event));
    await environment.stop();
    return answer;
  }

  for (const runtime of nodeRuntimeNames) {
    test(`runs on ${runtime}`, async () => {
      const { invoke } = await opened.start({
        runtime,
        files: { 'index.js': 'exports.handler = async () => [process.version, process.env.AWS_EXECUTION_ENV]' },
      });
      const [version, environment] = answerOf(await invoke({})) as string[];
      const { version: found } = (await opened.sandbox.runtimes()).find(({ name }) => name === runtime) ?? {};
      assert.equal(version, `v${found}`);
      assert.equal(environment, `AWS_Lambda_${runtime}`);
      assert.equal(`nodejs${found?.split('.')[0]}.x`, runtime);
    });
  }

  test('a promise that is rejected while the code is loaded fails the first invocation, also one that is handed over by then', async () => {
    for (const [file, exported] of [
      ['index.mjs', 'export const handler'],
      ['index.cjs', 'exports.handler'],
    ] as const) {
      const outcome = Promise.withResolvers<InvokeOutcome>();
      const source = `Promise.reject(new Error('nobody looks')); ${exported} = async () => 'runs';`;
      await opened.start({
        runtime: 'nodejs26.x',
        files: { [file]: source },
        booted: (environment) =>
          void environment
            .invoke({
              requestId: 'handed-over' as RequestId,
              invokedFunctionArn: '',
              event: Buffer.from('{}'),
              deadlineMs: Date.now() + 20_000,
              timeoutMs: 20_000,
              traceId: '',
            })
            .then(outcome.resolve),
      });
      assert.equal(errorOf(await outcome.promise).errorType, 'Runtime.UnhandledPromiseRejection', file);
    }
  });

  test('an event that comes before the first has begun waits behind it, and each has its own answer', async () => {
    // What the module waits for is followed by a timer that computes, so that the second comes in the same turn.
    const source = `
      await new Promise((loaded) => {
        setTimeout(loaded, 300);
        setTimeout(() => { for (const since = Date.now(); Date.now() - since < 150;); }, 300);
      });
      export const handler = async (event, context) => ({ ...event, requestId: context.awsRequestId });`;
    const invoke = (environment: Environment, requestId: string): Promise<InvokeOutcome> =>
      environment.invoke({
        requestId: requestId as RequestId,
        invokedFunctionArn: '',
        event: Buffer.from(JSON.stringify({ of: requestId })),
        deadlineMs: Date.now() + 20_000,
        timeoutMs: 20_000,
        traceId: '',
      });
    const first = Promise.withResolvers<InvokeOutcome>();
    const { environment, init } = await opened.start({
      runtime: 'nodejs26.x',
      files: { 'index.mjs': source },
      booted: (early) => void invoke(early, 'first').then(first.resolve),
    });
    assert.deepEqual(init, { status: 'ready' });
    const second = await invoke(environment, 'second');
    assert.deepEqual(answerOf(await first.promise), { of: 'first', requestId: 'first' });
    // It is called back where the first takes long.
    if (second.status !== 'not_started') assert.deepEqual(answerOf(second), { of: 'second', requestId: 'second' });
    assert.deepEqual(answerOf(await invoke(environment, 'third')), { of: 'third', requestId: 'third' });
  });

  test('the trace is an environment variable like any other, and changes with each invocation', async () => {
    const { invoke } = await start(`
      import { execFileSync } from 'node:child_process';
      const name = '_X_AMZN_TRACE_ID';
      export const handler = async () => {
        const all = [process.env[name], { ...process.env }[name], Object.keys(process.env).filter((key) => key === name).length];
        all.push(name in process.env, String(execFileSync(process.execPath, ['-p', 'process.env.' + name])).trim());
        process.env[name] = 7;
        all.push(process.env[name]);
        delete process.env[name];
        all.push(process.env[name] ?? null, name in process.env, { ...process.env }[name] ?? null);
        process.env.OTHER = 'kept';
        all.push(process.env.OTHER, 'OTHER' in process.env, process.env.AWS_LAMBDA_FUNCTION_NAME !== undefined);
        return all;
      };`);
    const first = answerOf(await invoke({})) as unknown[];
    const traceId = String(first[0]);
    assert.match(traceId, /^Root=1-/);
    assert.deepEqual(first, [traceId, traceId, 1, true, traceId, '7', null, false, null, 'kept', true, true]);
    const second = answerOf(await invoke({})) as unknown[];
    assert.match(String(second[0]), /^Root=1-/);
  });

  const conventions: [string, string, Parameters<typeof start>[1]?][] = [
    ['an async function', 'export const handler = async (event) => event.n + 1'],
    ['a returned promise', 'export const handler = (event) => Promise.resolve(event.n + 1)'],
    ['a value returned at once', 'export const handler = (event) => event.n + 1'],
    ['a callback', 'export const handler = (event, context, callback) => callback(null, event.n + 1)'],
    [
      'a callback later',
      'export const handler = (event, context, callback) => void setTimeout(callback, 5, null, event.n + 1)',
    ],
    [
      'context.succeed',
      'export const handler = (event, context) => void setTimeout(() => context.succeed(event.n + 1), 5)',
    ],
    ['context.done', 'export const handler = (event, context) => context.done(null, event.n + 1)'],
    ['CommonJS', 'exports.handler = async (event) => event.n + 1', { file: 'index.js' }],
    [
      '.cjs in a module package',
      'exports.handler = async (event) => event.n + 1',
      { file: 'index.cjs', files: { 'package.json': '{"type":"module"}' } },
    ],
    [
      '.js in a module package',
      'export const handler = async (event) => event.n + 1',
      { file: 'index.js', files: { 'package.json': '{"type":"module"}' } },
    ],
    ['module syntax without a package', 'export const handler = async (event) => event.n + 1', { file: 'index.js' }],
    ['top-level await', 'await 1; export const handler = async (event) => event.n + 1', { file: 'index.js' }],
    [
      'a file in a folder, a function in an object',
      'exports.api = { add: (event) => event.n + 1 }',
      { file: 'src/math.js', handler: 'src/math.api.add' },
    ],
    [
      'a folder with an index',
      'exports.handler = async (event) => event.n + 1',
      { file: 'lib/index.js', handler: 'lib.handler' },
    ],
    [
      'a package in node_modules',
      "import { add } from 'adder'; export const handler = (event) => add(event.n)",
      { files: { 'node_modules/adder/index.js': 'exports.add = (n) => n + 1' } },
    ],
    [
      'code beside it, found by the working folder',
      "import { readFileSync } from 'node:fs'; export const handler = (event) => event.n + Number(readFileSync('one.txt'))",
      { files: { 'one.txt': '1' } },
    ],
  ];
  for (const [what, source, options] of conventions) {
    test(`calls ${what}`, async () => assert.equal(await answerTo({ n: 41 }, source, options), 42));
  }

  test('undefined is null, and so is a handler that returns and never calls back', async () => {
    assert.equal(await answerTo({}, 'export const handler = async () => undefined'), null);
    assert.equal(await answerTo({}, 'export const handler = (event, context, callback) => {}'), null);
    assert.equal(await answerTo({}, 'export const handler = async () => () => 1'), null);
  });

  test('a callback waits for an empty event loop, unless told not to', async () => {
    const source = (waits: boolean) => `
      const done = [];
      export const handler = (event, context, callback) => {
        context.callbackWaitsForEmptyEventLoop = ${waits};
        setTimeout(() => done.push('timer'), 20);
        callback(null, done);
      }`;
    assert.deepEqual(await answerTo({}, source(true)), ['timer']);
    assert.deepEqual(await answerTo({}, source(false)), []);
  });

  const initErrors: [string, string, RegExp, Parameters<typeof start>[1]?][] = [
    [
      'Runtime.ImportModuleError',
      'x',
      /^Error: Cannot find module 'nowhere'\nRequire stack:\n- \/var\/runtime\/index\.mjs$/,
      { handler: 'nowhere.handler' },
    ],
    ['Runtime.ImportModuleError', "import 'left-out'", /Cannot find package 'left-out'/],
    ['Runtime.ImportModuleError', "require('left-out')", /Cannot find module 'left-out'/, { file: 'index.js' }],
    ['Runtime.HandlerNotFound', 'export const other = 1', /index.handler is undefined or not exported/],
    ['Runtime.HandlerNotFound', 'export const handler = 1', /index.handler is not a function/],
    ['Runtime.UserCodeSyntaxError', 'export const handler = {', /SyntaxError: Unexpected/],
    [
      'Runtime.UserCodeSyntaxError',
      'exports.handler = (',
      /SyntaxError: .*\/var\/task\/index.js:1/,
      { file: 'index.js' },
    ],
    ['Runtime.MalformedHandlerName', '1', /^Bad handler$/, { handler: 'index' }],
    [
      'Runtime.MalformedHandlerName',
      '1',
      /^'\.\.\/index\.handler' is not a valid handler name\. Use absolute paths/,
      { handler: '../index.handler' },
    ],
    ['TypeError', 'null.x', /Cannot read properties of null/],
    ['Runtime.NodeJsExit', 'await new Promise(() => {})', /never settled/],
    [
      'Runtime.UnhandledPromiseRejection',
      'Promise.reject(new Error("nobody")); await new Promise((r) => setTimeout(r, 500)); export const handler = 1',
      /Error: nobody/,
    ],
  ];
  for (const [errorType, source, message, options] of initErrors) {
    test(`init says ${errorType}: ${message.source}`, async () => {
      const { init, environment } = await start(source, options);
      const error = errorOf(init);
      assert.equal(error.errorType, errorType);
      assert.match(error.errorMessage, message);
      await environment.ended;
    });
  }

  test('init that exits says so', async () => {
    assert.deepEqual((await start('process.exit(7)')).init, { status: 'exit', code: 7, signal: undefined });
  });

  test('an error has its own name, its cause in the log, and no line of the runtime in its stack', async () => {
    const { invoke, lines } = await start(`
      class OutOfTea extends Error { name = 'OutOfTea'; kettle = 'empty' }
      export const handler = async () => { throw new OutOfTea('none left', { cause: new Error('nobody bought any') }) }`);
    const { errorType, errorMessage, trace, stackTrace } = errorOf(await invoke({}));
    assert.deepEqual({ errorType, errorMessage }, { errorType: 'OutOfTea', errorMessage: 'none left' });
    assert.equal(stackTrace, undefined);
    assert.doesNotMatch(String(trace), /var\/runtime/);
    assert.match(
      lines[0]?.text ?? '',
      /\tERROR\tInvoke Error \t\{"errorType":"OutOfTea".*"kettle":"empty".*nobody bought any/,
    );
  });

  test('what is thrown need not be an error', async () => {
    const { invoke } = await start('export const handler = async (event) => { throw event.thrown }');
    assert.deepEqual(errorOf(await invoke({ thrown: 'a string' })).errorMessage, 'a string');
    assert.deepEqual(errorOf(await invoke({ thrown: null })).errorMessage, 'null');
  });

  test('an error with a stack of megabytes is shortened, not lost', async () => {
    const { invoke } = await start(
      'export const handler = async () => { throw new Error("\\u0001".repeat(3_000_000)) }',
    );
    assert.equal(errorOf(await invoke({})).errorType, 'Error');
    assert.equal(errorOf(await invoke({})).errorType, 'Error');
  });

  test('stack traces show lines of TypeScript', async () => {
    const source =
      'type Event = { n: number };\n\n\nexport const handler = async (event: Event) => {\n  throw new Error(`line five ${event.n}`);\n};\n';
    const { code } = await transform(source, {
      loader: 'ts',
      sourcemap: 'inline',
      sourcefile: 'index.ts',
      format: 'esm',
      minify: true,
    });
    const { invoke } = await start(code);
    assert.match(String(errorOf(await invoke({ n: 1 })).trace), /index\.ts:5:9/);
  });

  for (const [what, body, errorType] of [
    ['a rejection that nobody handles', 'Promise.reject(new Error("nobody"))', 'Runtime.UnhandledPromiseRejection'],
    ['an exception that nobody catches', 'setTimeout(() => { throw new RangeError("nobody") })', 'RangeError'],
  ] as const) {
    test(`${what} is the invocation's error, and ends the environment`, async () => {
      const { invoke, environment } = await start(
        `export const handler = async () => { ${body}; await new Promise((r) => setTimeout(r, 5_000)) }`,
      );
      const error = errorOf(await invoke({}));
      assert.equal(error.errorType, errorType);
      assert.match(error.errorMessage, /nobody/);
      await environment.ended;
    });
  }

  test('a promise that can never settle is found out long before the deadline', async () => {
    const { invoke } = await start('export const handler = () => new Promise(() => {})');
    assert.equal(errorOf(await invoke({})).errorType, 'Runtime.NodeJsExit');
    assert.equal(errorOf(await invoke({})).errorType, 'Runtime.NodeJsExit');
  });

  test('what one invocation leaves behind does not answer the next', async () => {
    const { invoke } = await start(`
      let late;
      export const handler = (event, context, callback) => {
        context.callbackWaitsForEmptyEventLoop = false;
        late?.(null, 'late');
        late = callback;
        setTimeout(() => {
          callback(null, event.n);
          setTimeout(callback, 5, null, 'later still');
        }, 10);
      }`);
    for (const n of [1, 2, 3]) assert.equal(answerOf(await invoke({ n })), n);
  });

  test('output keeps its order, and has time, request id and level where console writes it', async () => {
    const { invoke, lines } = await start(`
      export const handler = async () => {
        console.log('one %d', 1, { a: 1 });
        process.stdout.write('two, ');
        console.error('three\\nin two lines');
        process.stdout.write('and four\\nfive');
        process.stderr.write('six');
        console.table([]);
      }`);
    await invoke({}, { requestId: 'r-1' as never });
    const stamped = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\tr-1\t/;
    const texts = lines.map((line) => line.text.replace(stamped, '> '));
    assert.deepEqual(texts.slice(0, 3), ['> INFO\tone 1 { a: 1 }', '> ERROR\tthree\nin two lines', 'two, and four']);
    assert.deepEqual(texts.slice(-1), ['six']);
    assert.ok(lines.every((line) => line.requestId === 'r-1'));
  });

  test('ten megabytes of output arrive whole', async () => {
    const { invoke, lines } = await start(`
      import { execSync } from 'node:child_process';
      export const handler = async () => {
        for (let i = 0; i < 50; i++) console.log('x'.repeat(100_000));
        execSync('yes 123456789 | head -c 5000000', { stdio: 'inherit' });
      }`);
    assert.equal(answerOf(await invoke({})), null);
    assert.equal(lines.filter((line) => line.text === '123456789').length, 500_000);
    assert.equal(lines.filter((line) => line.text.endsWith('x'.repeat(100_000))).length, 50);
  });

  test('objects that fill the heap are out of memory too', async () => {
    const { invoke, environment } = await start(
      'export const handler = async () => { const all = []; for (let i = 0; ; i++) all.push(new Array(1_000_000).fill(i + 0.5)) }',
      { memoryMb: 128 },
    );
    assert.deepEqual(await invoke({}), { status: 'out_of_memory' });
    await environment.ended;
  });

  test('garbage on the channel ends the environment, says so, and harms nothing else', async () => {
    const { invoke, environment, lines } = await start(
      "import { writeSync } from 'node:fs'; export const handler = async () => { writeSync(3, Buffer.alloc(64, 255)); await new Promise((r) => setTimeout(r, 5_000)) }",
    );
    assert.deepEqual(await invoke({}), { status: 'exit', code: undefined, signal: 'SIGKILL' });
    assert.match(lines[0]?.text ?? '', /ended this environment: its channel carried a frame of unknown type 255/);
    await environment.ended;
  });

  test('an answer that nobody waits for ends the environment', async () => {
    const { invoke, environment } = await start(
      "import { writeSync } from 'node:fs'; export const handler = async () => { setTimeout(() => writeSync(3, Buffer.from([0, 0, 0, 1, 19, 49])), 20); return 1 }",
    );
    assert.equal(answerOf(await invoke({})), 1);
    await environment.ended;
  });

  test('nothing but the channel leads out: no parent to send to, no other open socket', async () => {
    const answer = await answerTo(
      {},
      "import { execSync } from 'node:child_process'; export const handler = async () => [process.connected, typeof process.send, process.env.NODE_CHANNEL_FD, execSync('ls /proc/self/fd').toString()]",
    );
    // ls itself has its folder open as 3.
    assert.deepEqual(answer, [false, 'undefined', null, '0\n1\n2\n3\n']);
  });

  test('a function has a heap in proportion to its memory', () => {
    assert.deepEqual(heapFlags(128), ['--max-old-space-size=96', '--max-semi-space-size=6']);
    assert.deepEqual(heapFlags(1024), ['--max-old-space-size=768', '--max-semi-space-size=16']);
    assert.deepEqual(heapFlags(undefined), []);
  });
});
