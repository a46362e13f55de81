/**
 * What init and a first invocation do, done once beforehand while nobody asks: V8 compiles a function when it is first
 * called, and Node.js loads parts of itself when they are first used. That was most of a first call.
 *
 * One step in each turn of the event loop, so that an `init` that comes meanwhile waits for one step at most. No step may
 * start a thread of libuv's pool, whose size is the function's to say (UV_THREADPOOL_SIZE).
 */

/** An environment that is wanted at once is asked within this time: no step is to be in its way. */
const quietMs = 20;

/** What clients of the cloud's services are built on: some 20 ms of loading, and 5 MB. First what others load, so that no step is long. */
const builtins = 'stream/promises net crypto http fs/promises tls https zlib os util child_process'.split(' ');

/**
 * First calls that are rehearsed. V8's first compiler takes a function when it has been called eight times, in batches and in
 * threads of its own, which take the processor from who has woken them. With so many all that a first call needs is compiled; with
 * eight all of it would be when a function's own comes. Each takes half a millisecond.
 */
export const rehearsedCalls = 12;

/** `more`: once all else is there. A step that fails here fails, or not, when it counts. */
export async function rehearse(steps, more, isWanted) {
  // It is not to keep the function's event loop alive.
  await new Promise((resolve) => setTimeout(resolve, quietMs).unref());
  for (const step of [...steps, ...builtins.map((name) => () => process.getBuiltinModule(name)), ...more]) {
    if (!isWanted()) return;
    try {
      await step();
    } catch {}
    await new Promise(setImmediate);
  }
}

/** An `invoke` frame's payload (see frame.ts), of an event like those that come over HTTP. */
export function rehearsedInvocation() {
  const head = { requestId: '', arn: '', deadlineMs: 0, timeoutMs: null, traceId: '', clientContext: null };
  const text = JSON.stringify(head);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, Buffer.from(`${text}{"headers":{"accept":"*/*"},"isBase64Encoded":false}`)]);
}

/** About as many as a function has, and those that are read here, as nearly every function has them. */
export const rehearsedVariables = () => ({
  ...Object.fromEntries(Array.from({ length: 24 }, (_, n) => [`REHEARSED_${n}`, ''])),
  LAMBDA_TASK_ROOT: '/var/runtime',
  AWS_LAMBDA_LOG_FORMAT: 'Text',
  NODE_PATH: `/opt/nodejs/node${parseInt(process.versions.node)}/node_modules:/opt/nodejs/node_modules:/var/runtime:/var/task`,
});

/** A module without a file. */
export const emptyModule = 'data:text/javascript,';
