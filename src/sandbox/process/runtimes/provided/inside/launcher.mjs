/**
 * What runs in a `provided` environment before the function's own `bootstrap`: opens the listeners of the endpoint and
 * of the Lambda Runtime API in the environment's network, hands both to the platform, waits for `init`, and becomes
 * `bootstrap`. Nothing of it is left then: no process, no open file.
 */
import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';

const channel = 3;
const headerBytes = 5;
const types = { booted: 16, initError: 18 };
const listeners = [
  { name: 'api', port: 4566 },
  { name: 'runtime-api', port: 9001 },
];
const backlog = 511;
/** As much of a script as Linux looks at for its interpreter. */
const shebangBytesMax = 256;

const servers = await Promise.all(
  listeners.map(
    ({ port }) =>
      new Promise((resolve) => {
        const server = createServer().listen({ port, host: '127.0.0.1', backlog }, () => resolve(server));
      }),
  ),
);
process.once('disconnect', () => {
  for (const server of servers) server.close();
  send(types.booted, '');
  launch(receive());
});
listeners.forEach(({ name }, at) => process.send({ listen: name }, servers[at]._handle));
process.disconnect();

function launch({ variables }) {
  const folder = variables.LAMBDA_TASK_ROOT;
  const candidates = [`${folder}/bootstrap`, '/opt/bootstrap'];
  const bootstrap = candidates.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  const wrong =
    bootstrap === undefined
      ? `Couldn't find valid bootstrap(s): [${candidates.join(' ')}]`
      : whyNotExecutable(bootstrap, `fork/exec ${bootstrap}`);
  if (wrong !== undefined) {
    send(types.initError, JSON.stringify({ errorType: 'Runtime.InvalidEntrypoint', errorMessage: wrong }));
    return;
  }
  process.chdir(folder);
  closeSync(channel);
  try {
    process.execve(bootstrap, [bootstrap], variables);
  } catch (error) {
    // Built for another machine. Nobody listens to the channel's end any more, but to what is printed.
    writeSync(2, `fork/exec ${bootstrap}: ${error.message}\n`);
    process.exit(1);
  }
}

/** What Linux would say of it, in Go's words, as Lambda prints them; asked before the channel is closed. */
function whyNotExecutable(path, what) {
  try {
    accessSync(path, constants.X_OK | constants.R_OK);
  } catch {
    return `${what}: permission denied`;
  }
  const file = openSync(path);
  const start = Buffer.alloc(shebangBytesMax);
  const text = start.toString('latin1', 0, readSync(file, start));
  closeSync(file);
  if (text.startsWith('\x7fELF')) return undefined;
  const [, interpreter] = /^#![ \t]*([^ \t\n]+)/.exec(text) ?? [];
  if (interpreter === undefined) return `${what}: exec format error`;
  return existsSync(interpreter) ? undefined : `${what}: no such file or directory`;
}

function send(type, text) {
  const frame = Buffer.alloc(headerBytes + Buffer.byteLength(text));
  frame.writeUInt32BE(frame.length - headerBytes, 0);
  frame[4] = type;
  frame.write(text, headerBytes);
  for (let at = 0; at < frame.length;) at += writeSync(channel, frame, at);
}

/** The one frame that the platform sends here, read without the event loop: nothing else is to happen meanwhile. */
function receive() {
  return JSON.parse(read(read(headerBytes).readUInt32BE(0)).toString());
}

function read(bytes) {
  const buffer = Buffer.alloc(bytes);
  for (let at = 0; at < bytes;) {
    const got = readSync(channel, buffer, at, bytes - at, null);
    if (got === 0) process.exit(0);
    at += got;
  }
  return buffer;
}
