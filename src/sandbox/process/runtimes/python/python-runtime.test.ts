import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { runtimeFamilies } from '../../../../util/runtime-names.ts';
import { answerOf, errorOf, openTestSandbox, projectRoot, type TestSandbox, type Tried } from '../../../../../test/fakes/process-sandbox.ts';
import { pythonRuntime } from './python-runtime.ts';

const boto3 = versionOf('boto3');

function versionOf(module: string): string | undefined {
  try {
    return execFileSync('/usr/bin/python3', ['-c', `import ${module}; print(${module}.__version__)`], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return undefined;
  }
}

describe('the Python runtime', () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  const start = (source: string, options: { handler?: string; files?: Record<string, string>; variables?: Record<string, string> } = {}): Promise<Tried> => {
    const { files = {}, ...rest } = options;
    return opened.start({ runtime: 'python', files: { 'index.py': source, ...files }, ...rest });
  };

  async function answerTo(event: unknown, source: string, options: Parameters<typeof start>[1] = {}): Promise<unknown> {
    const { init, invoke, environment } = await start(source, options);
    assert.deepEqual(init, { status: 'ready' });
    const answer = answerOf(await invoke(event));
    await environment.stop();
    return answer;
  }

  const add = 'def handler(event, context):\n    return event["n"] + 1\n';
  const places: [string, Parameters<typeof start>[1], string?][] = [
    ['a package with dots', { handler: 'lib.math.handler', files: { 'lib/__init__.py': '', 'lib/math.py': add } }],
    ['a folder with slashes', { handler: 'lib/math.handler', files: { 'lib/math.py': add } }],
    ['a library beside it', { files: { 'adder.py': 'one = 1' } }, 'import adder\ndef handler(event, context):\n    return event["n"] + adder.one\n'],
    ['a library in python/', { files: { 'python/adder.py': 'one = 1' } }, 'import adder\ndef handler(event, context):\n    return event["n"] + adder.one\n'],
    ['a library that PYTHONPATH names', { files: { 'vendor/adder.py': 'one = 1' }, variables: { PYTHONPATH: '/var/task/vendor' } }, 'import adder\ndef handler(event, context):\n    return event["n"] + adder.one\n'],
    ['Python’s own modules before backports of them', { files: { 'enum.py': 'raise ImportError("a backport")' } }, 'import re\ndef handler(event, context):\n    return event["n"] + len(re.findall("a", "a"))\n'],
    ['a file, by the working folder', { files: { 'one.txt': '1' } }, 'def handler(event, context):\n    return event["n"] + int(open("one.txt").read())\n'],
  ];
  for (const [what, options, source = add] of places) {
    test(`finds ${what}`, async () => assert.equal(await answerTo({ n: 41 }, source, options), 42));
  }

  test('what is rehearsed before there is a function leaves no trace', async () => {
    const { sandbox } = opened;
    const startSandbox = sandbox.start.bind(sandbox);
    const source = `
import os, sys
def handler(event, context):
    places = [place for place in sorted(sys.path_importer_cache) if not place.startswith("/usr/lib/")]
    return [event["n"], sorted(os.environ), sys.path, places, sys.modules["rehearsal"].__file__]
`;
    const seen: unknown[] = [];
    // On a machine that takes longer than that, less is tried.
    for (const waitMs of [0, 1_000]) {
      sandbox.start = async (spec) => {
        const environment = await startSandbox(spec);
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        return environment;
      };
      const { invoke, lines } = await opened
        .start({ runtime: 'python', handler: 'rehearsal.handler', files: { 'rehearsal.py': source } })
        .finally(() => (sandbox.start = startSandbox));
      seen.push([answerOf(await invoke({ n: 1 })), lines.map(({ text }) => text)]);
    }
    assert.match(JSON.stringify(seen[0]), /"\/var\/task\/rehearsal\.py"\],\[\]\]$/);
    assert.deepEqual(seen[1], seen[0]);
  });

  test('its variables are its own, for it and for what it starts, and it may write down what it compiles', async () => {
    const source = `
import os, sys, time
def handler(event, context):
    if event["sets"]:
        os.environ["WHO"] = "another"
        del os.environ["LANG"]
    seen = os.popen("echo $WHO $LANG $NODE_CHANNEL_FD").read()
    return [os.environ["WHO"], "NODE_CHANNEL_FD" in os.environ, seen, time.tzname[0], sys.dont_write_bytecode]
`;
    const variables = { WHO: 'the function', TZ: 'Asia/Tokyo' };
    const { invoke } = await opened.start({ runtime: 'python', files: { 'index.py': source }, variables });
    assert.deepEqual(answerOf(await invoke({ sets: false })), [
      'the function',
      false,
      'the function C.UTF-8\n',
      'JST',
      false,
    ]);
    assert.deepEqual(answerOf(await invoke({ sets: true })), ['another', false, 'another\n', 'JST', false]);
  });

  test('answers are JSON as Lambda makes it', async () => {
    const source = `
import decimal
def handler(event, context):
    return [None, True, 1.5, decimal.Decimal("2.5"), decimal.Decimal("12345678901234567890"), ("a", {"b": "ü水"})]
`;
    const { invoke } = await start(source);
    const outcome = await invoke({});
    assert.equal(
      outcome.status === 'response' && Buffer.from(outcome.payload).toString(),
      '[null, true, 1.5, 2.5, 12345678901234567890, ["a", {"b": "ü水"}]]',
    );
    assert.equal(await answerTo({}, 'def handler(event, context):\n    return b\'{"raw": 1}\'').then(JSON.stringify), '{"raw":1}');
    assert.equal(await answerTo({}, 'def handler(event, context):\n    return "\\ud800"'), '\ud800');
  });

  const initErrors: [string, string, RegExp, string?][] = [
    ['Runtime.ImportModuleError', 'x = 1', /^Unable to import module 'nowhere': No module named 'nowhere'$/, 'nowhere.handler'],
    ['Runtime.ImportModuleError', 'import left_out', /^Unable to import module 'index': No module named 'left_out'$/],
    ['Runtime.HandlerNotFound', 'x = 1', /^Handler 'handler' missing on module 'index'$/],
    ['Runtime.UserCodeSyntaxError', 'def handler(', /^Syntax error in module 'index': '\(' was never closed \(index.py, line 1\)$/],
    ['Runtime.MalformedHandlerName', 'x = 1', /^Bad handler 'index': not enough values to unpack/, 'index'],
    ['Runtime.BuiltInModuleConflict', 'x = 1', /Cannot use built-in module sys as a handler module/, 'sys.exit'],
    ['ZeroDivisionError', '1 / 0', /division by zero/],
  ];
  for (const [errorType, source, message, handler = 'index.handler'] of initErrors) {
    test(`init says ${errorType}: ${message.source}`, async () => {
      const { init, environment } = await start(source, { handler });
      const error = errorOf(init);
      assert.equal(error.errorType, errorType);
      assert.match(error.errorMessage, message);
      await environment.ended;
    });
  }

  test('an error has the stack of the function alone, as strings of two lines', async () => {
    const { invoke, lines } = await start('def deep():\n    raise KeyError("tea")\n\ndef handler(event, context):\n    deep()\n');
    const { requestId, ...error } = errorOf(await invoke({}, { requestId: 'r-1' as never }));
    assert.equal(requestId, 'r-1');
    assert.deepEqual(error, {
      errorType: 'KeyError',
      errorMessage: "'tea'",
      stackTrace: ['  File "/var/task/index.py", line 5, in handler\n    deep()\n', '  File "/var/task/index.py", line 2, in deep\n    raise KeyError("tea")\n'],
    });
    assert.match(lines[0]?.text ?? '', /^\[ERROR\] KeyError: 'tea'\nTraceback \(most recent call last\):\n {2}File /);
  });

  for (const [what, statement, code] of [
    ['sys.exit(4)', 'import sys; sys.exit(4)', 4],
    ['sys.exit("why")', 'import sys; sys.exit("why")', 1],
    ['exit()', 'exit()', 0],
    ['os._exit(5)', 'import os; os._exit(5)', 5],
  ] as const) {
    test(`${what} is an exit`, async () => {
      const { invoke } = await start(`def handler(event, context):\n    ${statement}\n`);
      assert.deepEqual(await invoke({}), { status: 'exit', code, signal: undefined });
    });
  }

  test('a crash of native code is told by its signal', async () => {
    const { invoke } = await start('def handler(event, context):\n    import ctypes\n    ctypes.string_at(0)\n');
    assert.deepEqual(await invoke({}), { status: 'exit', code: undefined, signal: 'SIGSEGV' });
  });

  test('print, streams, loggers and subprocesses: all arrive, the first three in order', async () => {
    const { invoke, lines } = await start(`
import logging, os, sys
log = logging.getLogger()
log.setLevel("INFO")
def handler(event, context):
    print("one", 1, end="")
    print(" more", flush=True)
    sys.stderr.write("two\\nthree")
    sys.stderr.flush()
    log.info("four\\nlines %d", 2)
    logging.getLogger("library").debug("not shown")
    sys.stdout.buffer.write(b"\\xff bytes\\n")
    sys.stdout.flush()
    context.log("five")
    os.system("echo six")
    print("no end", end="")
`);
    await invoke({}, { requestId: 'r-1' as never });
    const texts = lines.map((line) => line.text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, 'TIME'));
    assert.deepEqual(
      texts.filter((text) => text !== 'six'),
      ['one 1 more', 'two', '[INFO]\tTIME\tr-1\tfour\nlines 2', '\ufffd bytes', 'five', 'no end', 'three'],
    );
    assert.ok(texts.includes('six') && lines.every((line) => line.requestId === 'r-1'));
  });

  test('logging.basicConfig and a library of handlers find the root logger already configured, as on Lambda', async () => {
    const { invoke, lines } = await start('import logging\nlogging.basicConfig(level="INFO")\ndef handler(event, context):\n    logging.info("hidden")\n    logging.warning("shown")\n');
    await invoke({});
    assert.deepEqual(lines.map((line) => line.text.split('\t').at(-1)), ['shown']);
  });

  test('a thread left behind does not answer or break the next invocation', async () => {
    const { invoke } = await start(`
import threading, time
def later():
    for _ in range(20):
        time.sleep(0.002)
        print("from behind")
def handler(event, context):
    threading.Thread(target=later, daemon=True).start()
    return event["n"]
`);
    for (const n of [1, 2, 3, 4, 5]) assert.equal(answerOf(await invoke({ n })), n);
  });

  test('a copy of the process that comes back as well does not answer', async () => {
    const { invoke } = await start('import os\ndef handler(event, context):\n    return os.fork() > 0\n');
    for (let turn = 0; turn < 3; turn++) assert.equal(answerOf(await invoke({})), true);
  });

  test('multiprocessing and process pools work', async () => {
    const source = 'from multiprocessing import get_context\ndef double(n):\n    return 2 * n\ndef handler(event, context):\n    with get_context("fork").Pool(2) as pool:\n        return pool.map(double, [1, 2, 3])\n';
    assert.deepEqual(await answerTo({}, source), [2, 4, 6]);
  });

  test('the clock is in UTC unless the function says otherwise', async () => {
    const source = 'import time\ndef handler(event, context):\n    return time.strftime("%H %Z", time.localtime(0))\n';
    assert.equal(await answerTo({}, source), '00 UTC');
    assert.equal(await answerTo({}, source, { variables: { TZ: 'Asia/Tokyo' } }), '09 JST');
  });

  describe("boto3 of the system", { skip: boto3 === undefined && 'python3-boto3 is not installed' }, () => {
    const source = `
import boto3, sys
hooked = [repr(finder) for finder in sys.meta_path if "main" in repr(finder)]
def handler(event, context):
    explicit = boto3.client("s3", endpoint_url="http://elsewhere:1")
    positional = boto3.session.Session().client("s3", None, None, True, None, "http://elsewhere:2")
    return hooked + [client.meta.endpoint_url for client in (boto3.client("s3"), boto3.resource("sqs").meta.client, explicit, positional)]
`;
    const variables = { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' };
    test(`version ${boto3} goes to AWS_ENDPOINT_URL, unless told where to go, and leaves no hook behind`, async () => {
      const answer = await answerTo({}, source, { variables });
      assert.deepEqual(answer, ['http://127.0.0.1:4566', 'http://127.0.0.1:4566', 'http://elsewhere:1', 'http://elsewhere:2']);
    });
    test(`version ${boto3} knows the variable of one service, too`, async () => {
      const answer = await answerTo({}, source, { variables: { ...variables, AWS_ENDPOINT_URL_SQS: 'http://queues:3' } });
      assert.deepEqual((answer as string[]).slice(0, 2), ['http://127.0.0.1:4566', 'http://queues:3']);
    });
  });

  test('a Python that is not there says what to do', async (t) => {
    const absent = runtimeFamilies.python.find((name) => !existsSync(`/usr/bin/${name}`) && name !== 'python');
    if (absent === undefined) return t.skip('this machine has every Python');
    assert.deepEqual(await pythonRuntime(absent, projectRoot).find(), {
      missing: `/usr/bin/${absent} cannot be run (it is not there)`,
      debianPackages: [absent],
    });
  });
});
