/**
 * Mayfly's Node.js runtime: what runs inside the sandbox, before and around the function's code. Node.js 20 to 26.
 *
 *   boot (hand over the endpoint's listener) → booted (→ expecting, or → reading ahead → expecting) → init (load the code) → ready ⇄ invoke → answer
 *
 * During init and each invocation the channel does not keep the event loop alive, so that `beforeExit` tells when
 * nothing is left to run: a promise that never settles is found out, and a callback can wait for an empty loop.
 */
import { getSystemErrorName } from 'node:util';
import {
  openChannel,
  responseBytesMax,
  sendCompiled,
  sendError,
  sendGaveBack,
  sendResponse,
  sendText,
  types,
} from './channel.mjs';
import { patchOutput, stampOutput, writeError, writeRecord } from './console.mjs';
import { describeError, logError, RuntimeError } from './errors.mjs';
import { dropCompiled, keepCompiled, useCompiled } from './compiled-code.mjs';
import { findHandler, loadHandler } from './load-handler.mjs';
import { readAhead } from './read-ahead.mjs';
import { credit, isStreaming, provideAwslambda, ResponseStream } from './response-stream.mjs';
import { useModulePath } from './module-path.mjs';
import { rehearse, rehearsing } from './rehearse.mjs';
import { provideTraceVariable } from './trace-variable.mjs';

const host = '127.0.0.1';
const backlog = 511;
/** The platform's endpoint, and the Runtime API's address, where the function's code finds the Extensions API. */
const ports = { api: 4566, 'runtime-api': 9001 };
/** What Lambda's own runtime exits with. */
const exitCodes = { unhandledRejection: 128, uncaughtException: 129 };

/** Held before the function's code could replace it. */
const now = performance.now.bind(performance);
const nextTurn = setImmediate;
const tookUsMax = 0xffffffff;
/** Before anything has been put before it. */
const { env } = process;
/** What is in there. */
let given = { ...env };

/** `booting`, `expecting` (it has most variables of its function), `loading` (init), `failed` (that), `beginning` (the first of `ahead` is next), `idle`, or the invocation that runs. */
let running = 'booting';
let handler;
let setTrace;
/** What of the variables the output was patched for. */
let patchedFor;
/** Of every invocation's context: read once, for a look at an environment variable is a system library's. */
let constants;
/** Where the handler is, and what is to be said before it is loaded: where that was done before anybody called. */
let readBefore;
/** Invocations that were handed over while one ran, or while the code was loaded. */
const ahead = [];
/** Where several run at the same time: what runs them. */
let atOnce;

/** Resolves when what is done for any function is done. */
let rehearsed;

const channel = openChannel((type, payload) => {
  if (rehearsing === undefined) return take(type, payload);
  const kept = Buffer.from(payload);
  void rehearsing.then(() => take(type, kept));
});

function take(type, payload) {
  if (type === types.init) void init(JSON.parse(payload.toString()));
  else if (type === types.expect) expect(JSON.parse(payload.toString()));
  else if (type === types.readAhead) void read(Buffer.from(payload));
  else if (type === types.invoke) {
    // The payload's buffer is used again for what is read next.
    if (atOnce !== undefined) atOnce.invoke(payload, headOf(payload));
    else if (typeof running === 'object' || running === 'loading' || running === 'beginning')
      ahead.push(Buffer.from(payload));
    else if (running !== 'failed') invoke(payload);
  } else if (type === types.recall) {
    // The platform counts the first as begun once the code is loaded.
    const back = ahead.splice(running === 'beginning' ? 1 : 0);
    sendGaveBack(back.length);
  } else if (type === types.credit) credit(payload.readUInt32BE(0));
  else if (type === types.useCompiled) useCompiled(payload);
}

/** A bare handle, as `net` has inside: `net` itself would load the DNS resolver first, a tenth of a cold start. */
function listen(port) {
  const { TCP, constants } = process.binding('tcp_wrap');
  const handle = new TCP(constants.SERVER);
  const failure = handle.bind(host, port) || handle.listen(backlog);
  if (failure !== 0) throw new Error(`port ${port} cannot be opened: ${getSystemErrorName(failure)}`);
  return handle;
}

const listeners = Object.entries(ports).map(([name, port]) => {
  const listener = listen(port);
  process.send({ listen: name }, listener);
  return listener;
});
process.disconnect();
/** Comes once the platform has said that it has the sockets; from here on nothing leads to it but the channel. */
process.once('disconnect', () => {
  for (const listener of listeners) listener.close();
  // Libraries take its presence for a parent that listens.
  process.send = undefined;
  sendText(types.booted, '');
  rehearsed = rehearse({
    isBooting: () => running === 'booting',
    isIdle: () => running === 'idle',
    given: () => given,
    expect,
    enter,
    init,
    invoke(payload, rehearsed) {
      handler = rehearsed;
      invoke(payload);
    },
    forget,
  });
});

process.on('uncaughtException', (error) => fatal('Uncaught Exception', error, exitCodes.uncaughtException));
process.on('unhandledRejection', (reason) => {
  const error = new RuntimeError('UnhandledPromiseRejection', String(reason), reason);
  fatal('Unhandled Promise Rejection', error, exitCodes.unhandledRejection);
});
process.on('beforeExit', () => {
  if (running === 'loading') failInit(neverSettled());
  else if (typeof running === 'object') running.loopIsEmpty();
});

/** What can be done of `init` before the code and the last of the variables are there: they are on their way. */
function expect(variables) {
  running = 'expecting';
  useVariables(variables);
  prepare(variables);
}

/** What the function's code finds around it, before it is loaded. `variables`: all, or those that `expect` has not had. */
function enter(variables) {
  if (running === 'expecting') addVariables(variables);
  else useVariables(variables);
  running = 'loading';
  if (readBefore === undefined) moveIn();
  prepare(given);
}

function moveIn() {
  process.chdir(given.LAMBDA_TASK_ROOT);
  useModulePath(given.NODE_PATH);
}

/** What can be done of `init` where the code is there, and nothing of it may run. The platform says nothing more until it is done. */
async function read(payload) {
  await rehearsed;
  const end = 4 + payload.readUInt32BE(0);
  const { handler: name, variables } = JSON.parse(payload.toString('utf8', 4, end));
  expect(variables);
  try {
    moveIn();
    readBefore = { warn() {} };
    const compiled = payload.subarray(end);
    if (compiled.length > 0) useCompiled(compiled);
    const found = findHandler(given.LAMBDA_TASK_ROOT, name);
    readBefore = { found, warn: await readAhead(found) };
  } catch {
    // What is wrong with its name is told when it is loaded.
  }
  sendText(types.hasRead, '');
}

/** Only what differs is touched: to set `TZ` is to read the time zones anew. Nobody else has set any by then. */
function useVariables(variables) {
  for (const name of Object.keys(given)) if (!(name in variables)) delete env[name];
  for (const [name, value] of Object.entries(variables)) if (given[name] !== value) env[name] = value;
  given = variables;
}

function addVariables(variables) {
  for (const [name, value] of Object.entries(variables)) env[name] = value;
  given = { ...given, ...variables };
}

function prepare(variables) {
  setTrace ??= provideTraceVariable();
  constants = {
    functionName: variables.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: variables.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: variables.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: variables.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: variables.AWS_LAMBDA_LOG_STREAM_NAME,
  };
  const { AWS_LAMBDA_LOG_FORMAT: format, AWS_LAMBDA_LOG_LEVEL: level } = variables;
  // As the rehearsal has left it.
  if (patchedFor === `${format} ${level}`) return;
  patchedFor = `${format} ${level}`;
  process.setSourceMapsEnabled(true);
  patchOutput(variables);
  provideAwslambda();
}

/** All but these variables, as before anything of a function was heard. */
function forget(variables) {
  useVariables(variables);
  handler = undefined;
  setTrace?.(undefined);
  stampOutput(undefined);
  running = 'booting';
}

async function init({ handler: name, variables, template, atOnce: count = 1 }, query) {
  channel.unref();
  try {
    enter(variables);
    const takeCompiled = template ? keepCompiled() : undefined;
    readBefore?.warn();
    const { call, web } = await loadHandler(readBefore?.found ?? findHandler(given.LAMBDA_TASK_ROOT, name), query);
    if (takeCompiled !== undefined) sendCompiled(takeCompiled());
    else dropCompiled();
    handler = call ?? (await import('./web-handler.mjs')).webHandler(web);
    if (count > 1) {
      const { checkAtOnce, runAtOnce } = await import('./at-once.mjs');
      checkAtOnce(handler);
      atOnce = runAtOnce({ Invocation, begin, setTrace });
    }
  } catch (error) {
    failInit(error);
    return;
  }
  running = ahead.length > 0 ? 'beginning' : 'idle';
  channel.ref();
  sendText(types.ready, '');
  // A turn later: a promise that was rejected while the code was loaded, and that nobody looks at, ends the process before that.
  // What comes meanwhile waits behind: answers are told apart by their order.
  if (running === 'beginning') nextTurn(next);
}

function failInit(error) {
  running = 'failed';
  ahead.length = 0;
  channel.ref();
  writeError('Uncaught Exception', error, logError);
  sendError(types.initError, describeError(error));
}

const headOf = (payload) => JSON.parse(payload.toString('utf8', 4, 4 + payload.readUInt32BE(0)));

function invoke(payload) {
  const head = headOf(payload);
  if (head.timeoutMs !== null) head.deadlineMs = Date.now() + head.timeoutMs;
  stampOutput(head.requestId);
  setTrace(head.traceId);
  begin(payload, head, Invocation);
}

function begin(payload, head, Kind) {
  const invocation = new Kind(head);
  invocation.enter();
  try {
    const event = JSON.parse(payload.toString('utf8', 4 + payload.readUInt32BE(0)));
    const write = isStreaming(handler) ? handler : head.streams ? handler.streaming?.(event) : undefined;
    if (write !== undefined) invocation.streams(write, event);
    else invocation.returned(handler(event, invocation.context(), invocation.callback));
  } catch (error) {
    invocation.fail(error);
  }
}

/** Only once the answer before has been sent: the platform tells by the answers which one runs. */
function next() {
  if (ahead.length > 0) invoke(ahead.shift());
}

/** One answer, whichever way it comes first: a promise, a returned value, the callback, an empty event loop. */
class Invocation {
  #head;
  #sinceMs = now();
  waitsForEmptyLoop = true;
  #promised = false;
  /** A callback's result that waits for the loop to be empty. */
  #held;
  /** Where a streaming handler writes its answer. */
  #stream;

  constructor(head) {
    this.#head = head;
  }

  /** From now on it runs. */
  enter() {
    running = this;
    channel.unref();
  }

  get isOn() {
    return running === this;
  }

  sendResponse(text, tookUs) {
    sendResponse(text, tookUs);
    next();
  }

  sendError(described) {
    sendError(types.error, described);
    next();
  }

  over() {
    running = 'idle';
    channel.ref();
  }

  callback = (error, result) => {
    if (!this.isOn) return;
    if (error !== undefined && error !== null) this.fail(error);
    else if (this.waitsForEmptyLoop) this.#held ??= { result };
    else this.succeed(result);
  };

  returned(result) {
    if (typeof result?.then === 'function') {
      this.#promised = true;
      result.then(
        (value) => this.succeed(value),
        (error) => this.fail(error),
      );
    } else if (handler.length < 3 && result !== undefined && isData(result)) {
      this.succeed(result);
    }
  }

  /** The answer is what the handler writes; it is over when all is written and the handler's promise has settled. */
  streams(write, event) {
    const stream = new ResponseStream(write, (waits) => {
      if (!this.isOn) return;
      if (waits) channel.ref();
      else channel.unref();
    });
    this.#stream = stream;
    const written = new Promise((resolve, reject) => {
      stream.once('finish', resolve).on('error', reject);
      stream.once('close', () => reject(new Error('Response stream is not finished.')));
    });
    // Where the handler throws at once, nobody waits for it.
    written.catch(() => {});
    const promised = write(event, stream, this.context());
    if (typeof promised?.then !== 'function') throw new Error('Streaming does not support non-async handlers.');
    const returned = promised.then((value) => {
      if (value !== undefined) writeRecord('WARN', 'Streaming handlers ignore return values.');
    });
    Promise.all([returned, written]).then(
      () => this.succeed(),
      (error) => this.fail(error),
    );
  }

  loopIsEmpty() {
    if (this.#stream !== undefined) this.fail(this.#stream.writableFinished ? neverSettled() : neverEnded());
    else if (this.#promised && this.#held === undefined) this.fail(neverSettled());
    else this.succeed(this.#held?.result);
  }

  succeed(result) {
    if (!this.isOn) return;
    if (this.#stream !== undefined) {
      if (this.#stream.writableFinished) this.#respond('');
      return;
    }
    let text;
    try {
      text = JSON.stringify(result === undefined ? null : result) ?? 'null';
    } catch (error) {
      this.fail(new RuntimeError('MarshalError', `Unable to stringify response body: ${error?.message}`, error));
      return;
    }
    const bytes = text.length * 3 > responseBytesMax ? Buffer.byteLength(text) : 0;
    if (bytes > responseBytesMax) {
      const error = new Error(
        `Response payload size exceeded maximum allowed payload size (${responseBytesMax} bytes).`,
      );
      error.name = 'Function.ResponseSizeTooLarge';
      this.fail(error);
      return;
    }
    this.#respond(text);
  }

  #respond(text) {
    this.#settle();
    this.sendResponse(text, Math.min(tookUsMax, Math.round((now() - this.#sinceMs) * 1_000)));
  }

  fail(error) {
    if (!this.isOn) return;
    writeError('Invoke Error', error, logError);
    this.#settle();
    this.sendError(describeError(error));
  }

  #settle() {
    this.#stream?.destroy();
    this.over();
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
  context() {
    const head = this.#head;
    const setWaits = (waits) => (this.waitsForEmptyLoop = atOnce === undefined && Boolean(waits));
    const getWaits = () => this.waitsForEmptyLoop;
    const done = (error, result) => {
      this.waitsForEmptyLoop = false;
      this.callback(error, result);
    };
    return {
      get callbackWaitsForEmptyEventLoop() {
        return getWaits();
      },
      set callbackWaitsForEmptyEventLoop(waits) {
        setWaits(waits);
      },
      ...constants,
      invokedFunctionArn: head.arn,
      awsRequestId: head.requestId,
      identity: undefined,
      clientContext: head.clientContext === null ? undefined : JSON.parse(head.clientContext),
      getRemainingTimeInMillis: () => Math.max(0, head.deadlineMs - Date.now()),
      done,
      succeed: (result) => done(null, result),
      fail: (error) => done(error ?? new Error('handled')),
    };
  }
}

/** What JSON can hold; a handler that returns a timer or a request object answers by its callback instead. */
function isData(value) {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function' && typeof value !== 'symbol';
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}

function neverSettled() {
  return new RuntimeError('NodeJsExit', 'a Promise that was never settled: nothing is left that could still answer');
}

function neverEnded() {
  return new RuntimeError('NodeJsExit', 'Response stream is not finished: nothing is left that could still end it');
}

function fatal(what, error, code) {
  writeError(what, error, logError);
  const described = describeError(error);
  if (running === 'loading' || atOnce?.fatal(described) !== true)
    sendError(running === 'loading' ? types.initError : types.fatal, described);
  process.exit(code);
}
