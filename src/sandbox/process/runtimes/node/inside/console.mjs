/**
 * `console` and the two output streams, through the channel. A call of `console.log` is one record with time, request
 * id and level before it, as Lambda writes them; what goes to `process.stdout` itself is passed on as it is.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
import { Writable } from 'node:stream';
import { format } from 'node:util';
import { kinds, sendOutput } from './channel.mjs';

const levels = {
  log: 'INFO',
  info: 'INFO',
  debug: 'DEBUG',
  warn: 'WARN',
  error: 'ERROR',
  trace: 'TRACE',
  fatal: 'FATAL',
};

let requestId;

export function stampOutput(id) {
  requestId = id;
}

export function writeRecord(level, text) {
  sendOutput(kinds.record, Buffer.from(`${new Date().toISOString()}\t${requestId}\t${level}\t${text}`));
}

export function patchOutput() {
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...values) => writeRecord(level, format(...values));
  }
  console.trace = (...values) => {
    const trace = { name: 'Trace', message: format(...values) };
    Error.captureStackTrace(trace, console.trace);
    writeRecord(levels.trace, trace.stack);
  };
  lazyStream('stdout', kinds.stdout, 1);
  lazyStream('stderr', kinds.stderr, 2);
}

/** Made when first asked for: most handlers never do. */
function lazyStream(name, kind, fd) {
  let stream;
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: true,
    get() {
      if (stream === undefined) {
        stream = new Writable({
          decodeStrings: true,
          write(chunk, _encoding, done) {
            sendOutput(kind, chunk);
            done();
          },
          destroy(_error, done) {
            done();
          },
        });
        stream.fd = fd;
        stream._type = 'pipe';
      }
      return stream;
    },
  });
}
