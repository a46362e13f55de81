/**
 * Functions that fail, and what AWS answers for each: its error type and message, as its runtimes and its documentation
 * give them. https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-execution.html
 */
import type { Files } from './lambda-rig.ts';

export type FailingFunction = {
  what: string;
  runtime: 'node' | 'python';
  /** All of its code; or, of the function `does` of that runtime, what it is told to do. */
  files?: Files;
  does?: string;
  handler?: string;
  timeoutS?: number;
  memoryMb?: number;
  errorType: string | RegExp;
  errorMessage: string | RegExp;
  /** Where AWS is seen to say so. */
  source: string;
};

const nodeClient = 'https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/tree/main/src';
const pythonClient =
  'https://github.com/aws/aws-lambda-python-runtime-interface-client/blob/main/awslambdaric/bootstrap.py';
const rapid = 'https://github.com/aws/aws-lambda-runtime-interface-emulator/tree/develop/internal/lambda';
const execution = 'https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-execution.html';

const requestId = '[0-9a-f-]{36}';
const exited = (how: string): RegExp => new RegExp(`^RequestId: ${requestId} Error: Runtime exited ${how}$`);
const timedOut = (seconds: number): RegExp =>
  new RegExp(`^(RequestId: ${requestId} Error|\\S+ ${requestId}): Task timed out after ${seconds}\\.00 seconds$`);
const forever = 'await new Promise((resolve) => setTimeout(resolve, 60_000));';
const large = 7 * 1024 * 1024;
const tooLarge = /^Response payload size( \(\d+ bytes\))? exceeded maximum allowed payload size \(6291556 bytes\)\.$/;

const node = (
  what: string,
  does: string,
  errorType: string | RegExp,
  errorMessage: string | RegExp,
  source = nodeClient,
  more: Partial<FailingFunction> = {},
): FailingFunction => ({ what, runtime: 'node', does, errorType, errorMessage, source, ...more });

const python = (
  what: string,
  does: string,
  errorType: string | RegExp,
  errorMessage: string | RegExp,
  source = pythonClient,
  more: Partial<FailingFunction> = {},
): FailingFunction => ({ what, runtime: 'python', does, errorType, errorMessage, source, ...more });

/** While it handles an event. */
export const failingInvocations: readonly FailingFunction[] = [
  node('an error', `throw new TypeError('boom')`, 'TypeError', 'boom'),
  node(
    'an error of its own class',
    `class Broke extends Error { name = 'Broke'; } throw new Broke('all gone')`,
    'Broke',
    'all gone',
  ),
  node('something that is no error', `throw 'a text'`, 'string', 'a text'),
  node(
    'an answer that contains itself',
    'const loop = {}; loop.loop = loop; return loop;',
    /^(Error|Runtime\.JSONStringifyError|Runtime\.MarshalError)$/,
    /^Unable to stringify response body/,
  ),
  node(
    'an answer with a BigInt',
    'return { big: 1n };',
    /^(Error|Runtime\.JSONStringifyError|Runtime\.MarshalError)$/,
    /^Unable to stringify response body/,
  ),
  node('an answer of 7 MB', `return 'x'.repeat(${large})`, 'Function.ResponseSizeTooLarge', tooLarge, rapid),
  node('a loop without end', 'for (;;);', 'Sandbox.Timedout', timedOut(1), execution, { timeoutS: 1 }),
  node('an answer that comes too late', forever, 'Sandbox.Timedout', timedOut(1), execution, { timeoutS: 1 }),
  node('exit(0)', 'process.exit(0)', 'Runtime.ExitError', exited('without providing a reason'), rapid),
  node('exit(3)', 'process.exit(3)', 'Runtime.ExitError', exited('with error: exit status 3'), rapid),
  node(
    'a rejection that nobody handles',
    `void Promise.reject(new Error('lost')); ${forever}`,
    'Runtime.UnhandledPromiseRejection',
    'Error: lost',
  ),
  node(
    'an exception in a timer',
    `setTimeout(() => { throw new RangeError('lost'); }, 1); ${forever}`,
    'RangeError',
    'lost',
  ),
  node(
    'SIGSEGV',
    `process.kill(process.pid, 'SIGSEGV'); ${forever}`,
    'Runtime.ExitError',
    exited('with error: signal: segmentation fault( \\(core dumped\\))?'),
    rapid,
  ),
  node(
    'SIGKILL',
    `process.kill(process.pid, 'SIGKILL'); ${forever}`,
    'Runtime.ExitError',
    exited('with error: signal: killed'),
    rapid,
  ),
  node(
    'a promise that nobody settles',
    'await new Promise(() => {});',
    'Runtime.NodeJsExit',
    /unexpected Node\.js exit code|never settled/,
  ),
  node(
    'recursion without end',
    'const again = () => again() + 1; return again();',
    'RangeError',
    'Maximum call stack size exceeded',
  ),
  node(
    'more memory than it has',
    'const hoard = []; for (;;) hoard.push(Buffer.alloc(1 << 20, 1));',
    /^Runtime\.(ExitError|OutOfMemory)$/,
    exited('with error: signal: (killed|aborted)( \\(core dumped\\))?'),
    execution,
    { memoryMb: 128, timeoutS: 20 },
  ),
  python('an exception', 'raise KeyError("lost")', 'KeyError', "'lost'"),
  python(
    'an answer that is not JSON',
    'answer = {1, 2}',
    'Runtime.MarshalError',
    'Unable to marshal response: Object of type set is not JSON serializable',
  ),
  python('an answer of 7 MB', `answer = "x" * ${large}`, 'Function.ResponseSizeTooLarge', tooLarge, rapid),
  python('exit(0)', 'os._exit(0)', 'Runtime.ExitError', exited('without providing a reason'), rapid),
  python('exit(1)', 'sys.exit(1)', 'Runtime.ExitError', exited('with error: exit status 1'), rapid),
  python(
    'a segmentation fault',
    'ctypes.string_at(0)',
    'Runtime.ExitError',
    exited('with error: signal: segmentation fault( \\(core dumped\\))?'),
    rapid,
  ),
  python(
    'a fork bomb',
    'while True:\n    try: os.fork()\n    except OSError: pass',
    /^(Sandbox\.Timedout|Runtime\.OutOfMemory|Runtime\.ExitError)$/,
    /Task timed out after 2\.00 seconds$|Runtime exited with error: signal: killed$/,
    'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html',
    { timeoutS: 2 },
  ),
  python(
    'recursion without end',
    'def again(): return again() + 1\nanswer = again()',
    'RecursionError',
    /^maximum recursion depth exceeded/,
  ),
];

/** Before it can handle one. */
export const failingStarts: readonly FailingFunction[] = [
  {
    what: 'a module that is not there',
    runtime: 'node',
    files: { 'other.mjs': '' },
    errorType: 'Runtime.ImportModuleError',
    // AWS goes on with its own files; here it says where it looked.
    errorMessage: /^Error: Cannot find module 'index'/,
    source: nodeClient,
  },
  {
    what: 'a module that imports what is not there',
    runtime: 'node',
    files: { 'index.js': `require('left-pad');` },
    errorType: 'Runtime.ImportModuleError',
    errorMessage: /^Error: Cannot find module 'left-pad'\nRequire stack:\n- \/var\/task\/index\.js/,
    source: nodeClient,
  },
  {
    what: 'no function of that name',
    runtime: 'node',
    files: { 'index.mjs': 'export const other = 1;' },
    errorType: 'Runtime.HandlerNotFound',
    errorMessage: 'index.handler is undefined or not exported',
    source: nodeClient,
  },
  {
    what: 'a handler that is no function',
    runtime: 'node',
    files: { 'index.mjs': 'export const handler = 42;' },
    errorType: 'Runtime.HandlerNotFound',
    errorMessage: 'index.handler is not a function',
    source: nodeClient,
  },
  {
    what: 'a handler without a dot',
    runtime: 'node',
    files: { 'index.mjs': 'export const handler = async () => 1;' },
    handler: 'index',
    errorType: 'Runtime.MalformedHandlerName',
    // AWS says no more than that.
    errorMessage: /^Bad handler/,
    source: nodeClient,
  },
  {
    what: 'code that does not parse',
    runtime: 'node',
    files: { 'index.mjs': 'export const handler = async () => {{{;' },
    errorType: 'Runtime.UserCodeSyntaxError',
    errorMessage: /^SyntaxError: /,
    source: nodeClient,
  },
  {
    what: 'require in a module',
    runtime: 'node',
    files: { 'index.mjs': `const fs = require('fs'); export const handler = async () => fs;` },
    errorType: 'ReferenceError',
    errorMessage: 'require is not defined in ES module scope, you can use import instead',
    source: nodeClient,
  },
  {
    what: 'an error during its start',
    runtime: 'node',
    files: { 'index.mjs': `throw new RangeError('not today');` },
    errorType: 'RangeError',
    errorMessage: 'not today',
    source: nodeClient,
  },
  {
    what: 'exit(1) during its start',
    runtime: 'node',
    files: { 'index.mjs': 'process.exit(1);' },
    errorType: 'Runtime.ExitError',
    errorMessage: exited('with error: exit status 1'),
    source: rapid,
  },
  {
    what: 'a start without end',
    runtime: 'node',
    files: { 'index.mjs': `${forever} export const handler = async () => 1;` },
    timeoutS: 1,
    errorType: 'Sandbox.Timedout',
    errorMessage: timedOut(1),
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html',
  },
  {
    what: 'a module that is not there',
    runtime: 'python',
    files: { 'other.py': '' },
    errorType: 'Runtime.ImportModuleError',
    errorMessage: /^Unable to import module 'index': No module named 'index'$/,
    source: pythonClient,
  },
  {
    what: 'no function of that name',
    runtime: 'python',
    files: { 'index.py': 'other = 1\n' },
    errorType: 'Runtime.HandlerNotFound',
    errorMessage: "Handler 'handler' missing on module 'index'",
    source: pythonClient,
  },
  {
    what: 'a handler without a dot',
    runtime: 'python',
    files: { 'index.py': 'def handler(event, context): pass\n' },
    handler: 'index',
    errorType: 'Runtime.MalformedHandlerName',
    errorMessage: /^Bad handler 'index': not enough values to unpack \(expected 2, got 1\)$/,
    source: pythonClient,
  },
  {
    what: 'code that does not parse',
    runtime: 'python',
    files: { 'index.py': 'def handler(event, context:\n' },
    errorType: 'Runtime.UserCodeSyntaxError',
    errorMessage: /^Syntax error in module 'index': /,
    source: pythonClient,
  },
  {
    what: 'an exception during its start',
    runtime: 'python',
    files: { 'index.py': 'raise RuntimeError("not today")\n' },
    errorType: 'RuntimeError',
    errorMessage: 'not today',
    source: pythonClient,
  },
];
