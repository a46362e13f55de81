/**
 * The first process of an environment that has external extensions: starts the runtime (its arguments), then, when the
 * platform says so, the extensions; tells the platform how each of them ends and what the extensions print; carries
 * telemetry to whoever subscribed to it, which the platform itself cannot reach. It outlives the runtime, so that
 * extensions hear of the end; when it ends, all in the environment ends.
 *
 * Between it and the platform: one connection to the Runtime API's port, from before any code of the function's is
 * there, and on it JSON, one value to a line. The runtime alone talks to the platform over fds 3 and 4.
 */
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';

const [channelFd, handOverFd] = [3, 4];
const api = { port: 9001, host: '127.0.0.1' };
/** The runtime opens the port when it is up. */
const retryMs = 3;
/** Until the platform has the port, the runtime itself may take a connection, and do nothing with it. */
const answerMsMax = 50;
/** A line of an extension's that is longer is cut: the platform takes 256 KB at a time, and JSON makes it up to six times as long. */
const lineLengthMax = 32 * 1024;
/** How long a subscriber may take for a batch. */
const deliveryMsMax = 5_000;

const [program, ...rest] = process.argv.slice(2);
const runtime = spawn(program, rest, {
  stdio: ['ignore', 'inherit', 'inherit', channelFd, handOverFd],
  env: { ...process.env, NODE_CHANNEL_FD: String(handOverFd) },
});
for (const fd of [channelFd, handOverFd]) closeSync(fd);

let link;
const extensions = new Map();
/** TCP connections to subscribers, by address. */
const streams = new Map();

runtime.on('error', () => process.exit(126));
runtime.on('exit', (code, signal) => {
  // Before anybody listens, the boot has failed.
  if (link === undefined) process.exit(code ?? 1);
  say({ is: 'runtimeExited', code, signal });
});
attach();

function attach() {
  const socket = connect(api);
  let text = '';
  const patience = setTimeout(() => socket.destroy(), answerMsMax);
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('close', () => {
    if (link === socket) process.exit(0);
    clearTimeout(patience);
    setTimeout(attach, retryMs);
  });
  socket.write('GET /attendant HTTP/1.1\r\nHost: mayfly\r\nConnection: Upgrade\r\nUpgrade: attendant\r\n\r\n');
  socket.setEncoding('utf8').on('data', (piece) => {
    text += piece;
    if (link === undefined) {
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      clearTimeout(patience);
      text = text.slice(end + 4);
      link = socket;
      say({ is: 'here' });
    }
    const lines = text.split('\n');
    text = lines.pop();
    for (const line of lines) obey(JSON.parse(line));
  });
}

function say(message) {
  return link === undefined ? true : link.write(`${JSON.stringify(message)}\n`);
}

function obey(message) {
  if (message.do === 'start') for (const name of message.names) start(name, message.variables);
  else if (message.do === 'signal') {
    if (message.to === 'runtime') runtime.kill(message.signal);
  } else if (message.do === 'post') post(message);
  else if (message.do === 'send') send(message);
}

function start(name, variables) {
  const child = spawn(`/opt/extensions/${name}`, [], { stdio: ['ignore', 'pipe', 'pipe'], env: variables, cwd: '/' });
  extensions.set(name, child);
  child.on('error', (error) => say({ is: 'launchFailed', name, why: error.code ?? error.message }));
  for (const stream of [child.stdout, child.stderr]) passOn(name, stream);
  // Not before the last of its output.
  child.on('close', (code, signal) => {
    if (child.pid !== undefined) say({ is: 'exited', name, code, signal });
  });
}

function passOn(name, stream) {
  let text = '';
  const emit = (line) => {
    if (say({ is: 'output', name, text: line })) return;
    // The platform is slower than it: then it waits.
    stream.pause();
    link.once('drain', () => stream.resume());
  };
  stream.setEncoding('utf8').on('data', (piece) => {
    text += piece;
    const lines = text.split('\n');
    text = lines.pop();
    lines.forEach((line) => emit(line.slice(0, lineLengthMax)));
    if (text.length >= lineLengthMax) {
      emit(text);
      text = '';
    }
  });
  stream.on('end', () => {
    if (text !== '') emit(text);
  });
}

function post({ id, port, path, body }) {
  let isOver = false;
  const over = (ok) => {
    if (!isOver) say({ is: 'delivered', id, ok });
    isOver = true;
  };
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const sent = request(
    { host: '127.0.0.1', port, path, method: 'POST', headers, timeout: deliveryMsMax },
    (response) => {
      response.resume().on('error', () => over(false));
      response.on('end', () => over(response.statusCode >= 200 && response.statusCode < 300));
    },
  );
  sent.on('timeout', () => sent.destroy());
  sent.on('error', () => over(false));
  sent.end(body);
}

/** TCP: one JSON value to a line. */
function send({ id, port, body }) {
  let stream = streams.get(port);
  if (stream === undefined || stream.destroyed) {
    stream = connect({ host: '127.0.0.1', port });
    stream.on('error', () => streams.delete(port));
    streams.set(port, stream);
  }
  stream.write(body, (error) => say({ is: 'delivered', id, ok: !error }));
}
