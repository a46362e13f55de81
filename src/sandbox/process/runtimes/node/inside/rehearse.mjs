/**
 * What init and a first invocation do, done once beforehand while nobody asks: V8 compiles a function when it is first
 * called, and Node.js loads parts of itself when they are first used. That was most of a first call.
 *
 * One step in each turn of the event loop, so that an `init` that comes meanwhile waits for one step at most. No step may
 * start a thread of libuv's pool, whose size is the function's to say (UV_THREADPOOL_SIZE).
 */
import { mute } from './channel.mjs';

/** An environment that is wanted at once is asked within this time: no step is to be in its way. */
const quietMs = 20;

/** What clients of the cloud's services are built on: some 20 ms of loading, and 5 MB. First what others load, so that no step is long. */
const builtins = 'stream/promises net crypto http fs/promises tls https zlib os util child_process'.split(' ');

/**
 * First calls that are rehearsed. V8's first compiler takes a function when it has been called eight times, in batches and in
 * threads of its own, which take the processor from who has woken them. With so many all that a first call needs is compiled; with
 * eight all of it would be when a function's own comes. Each takes half a millisecond.
 */
const rehearsedCalls = 12;

/** A first call that is under way: what comes meanwhile waits for its end. */
export let rehearsing;

/** `runtime`: what a first call goes through, and `forget`, which undoes that. A step that fails here fails, or not, when it counts. */
export async function rehearse(runtime) {
  // It is not to keep the function's event loop alive.
  await new Promise((resolve) => setTimeout(resolve, quietMs).unref());
  // Node.js 20 reads what it imports with libuv's threads.
  const rehearseInit = process.version.startsWith('v20.') ? rehearseEntering : rehearseLoading;
  const [first, ...others] = Array.from({ length: rehearsedCalls }, (_, n) => [
    () => muted(runtime, () => rehearseInit(runtime, n)),
    () => muted(runtime, () => rehearseInvoking(runtime)),
  ]);
  const loading = builtins.map((name) => () => process.getBuiltinModule(name));
  for (const step of [() => import(emptyModule), ...first, ...loading, ...others.flat()]) {
    if (!runtime.isBooting()) return;
    try {
      await step();
    } catch {}
    await new Promise(setImmediate);
  }
}

/** Nothing of the step goes out, and it is undone before anything else is heard. */
function muted(runtime, step) {
  const [before, folder] = [runtime.given(), process.cwd()];
  mute(true);
  rehearsing = step().finally(() => {
    process.chdir(folder);
    runtime.forget(before);
    mute(false);
    rehearsing = undefined;
  });
  return rehearsing;
}

/** As they come: most of them first. */
function expectRehearsed({ given, expect }) {
  const { REHEARSED_0, ...most } = { ...given(), ...rehearsedVariables() };
  expect(most);
  return { REHEARSED_0 };
}

async function rehearseEntering(runtime) {
  runtime.enter(expectRehearsed(runtime));
}

/** Each time a module that is not loaded yet. */
async function rehearseLoading(runtime, n) {
  await runtime.init({ handler: 'rehearsal.handler', variables: expectRehearsed(runtime) }, `?${n}`);
}

async function rehearseInvoking({ invoke, isIdle }) {
  invoke(rehearsedInvocation(), async ({ headers }, { awsRequestId }) => ({
    statusCode: 200,
    headers,
    body: awsRequestId,
  }));
  for (let turns = 0; !isIdle() && turns < 10; turns += 1) await Promise.resolve();
}

/** An `invoke` frame's payload (see frame.ts), of an event like those that come over HTTP. */
function rehearsedInvocation() {
  const head = { requestId: '', arn: '', deadlineMs: 0, timeoutMs: null, traceId: '', clientContext: null };
  const text = JSON.stringify(head);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, Buffer.from(`${text}{"headers":{"accept":"*/*"},"isBase64Encoded":false}`)]);
}

/** About as many as a function has, and those that are read here, as nearly every function has them. */
const rehearsedVariables = () => ({
  ...Object.fromEntries(Array.from({ length: 24 }, (_, n) => [`REHEARSED_${n}`, ''])),
  LAMBDA_TASK_ROOT: '/var/runtime',
  AWS_LAMBDA_LOG_FORMAT: 'Text',
  NODE_PATH: `/opt/nodejs/node${parseInt(process.versions.node)}/node_modules:/opt/nodejs/node_modules:/var/runtime:/var/task`,
});

/** A module without a file. */
const emptyModule = 'data:text/javascript,';
