/**
 * `console` and the two output streams, through the channel. A call of `console.log` is one record with time, request
 * id and level before it, as Lambda writes them, or a JSON object with them where the function's settings say so; what
 * goes to `process.stdout` itself is passed on as it is.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
import { Writable } from 'node:stream';
import { format } from 'node:util';
import { kinds, sendOutput } from './channel.mjs';
import { stackOf } from './errors.mjs';

const levels = {
  log: 'INFO',
  info: 'INFO',
  debug: 'DEBUG',
  warn: 'WARN',
  error: 'ERROR',
  trace: 'TRACE',
  fatal: 'FATAL',
};

/** From the least grave on. */
const gravities = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

let requestId;
let isJson = false;
/** Where several run at the same time: whose the code that prints is. */
let whose;

export function stampOutput(id) {
  requestId = id;
}

/** `find` answers `{ requestId, slot }` of the invocation that the running code belongs to, or undefined. */
export function attributeOutput(find) {
  whose = find;
}

function send(kind, bytes) {
  sendOutput(kind, bytes, whose?.()?.slot);
}

const stamp = () => (whose === undefined ? requestId : whose()?.requestId);

export function writeRecord(level, text) {
  if (isJson) return writeJson(level, [text]);
  send(kinds.record, Buffer.from(`${new Date().toISOString()}\t${stamp()}\t${level}\t${text}`));
}

/** An error that nobody caught, or that the handler failed with. `describe`: what Lambda's own runtime logs of it. */
export function writeError(what, error, describe) {
  if (isJson) writeJson('ERROR', [error]);
  else writeRecord('ERROR', `${what} \t${describe(error)}`);
}

export function patchOutput({ AWS_LAMBDA_LOG_FORMAT: logFormat, AWS_LAMBDA_LOG_LEVEL: from }) {
  isJson = logFormat === 'JSON';
  const least = isJson ? gravities.indexOf(from) : -1;
  for (const [method, level] of Object.entries(levels)) {
    if (gravities.indexOf(level) < least) console[method] = () => {};
    else if (isJson) console[method] = (...values) => writeJson(level, values);
    else if (method !== 'trace') console[method] = (...values) => writeRecord(level, format(...values));
    else
      console.trace = (...values) => {
        const trace = { name: 'Trace', message: format(...values) };
        Error.captureStackTrace(trace, console.trace);
        writeRecord(levels.trace, trace.stack);
      };
  }
  lazyStream('stdout', kinds.stdout, 1);
  lazyStream('stderr', kinds.stderr, 2);
}

/** One value stays what it is; of several, one text is made, and the first error among them is described beside it. */
function writeJson(level, values) {
  const record = { timestamp: new Date().toISOString(), level, requestId: stamp() };
  send(kinds.record, Buffer.from(jsonOf(record, values)));
}

function jsonOf(record, values) {
  if (values.length === 1) {
    try {
      return JSON.stringify({ ...record, message: values[0] }, (_key, value) =>
        value instanceof Error ? Object.assign(errorFields(value), value) : value,
      );
    } catch {
      return JSON.stringify({ ...record, message: format(values[0]) });
    }
  }
  const error = values.find((value) => value instanceof Error);
  return JSON.stringify({ ...record, message: format(...values), ...(error !== undefined && errorFields(error)) });
}

function errorFields(error) {
  return {
    errorType: error?.constructor?.name ?? 'UnknownError',
    errorMessage: error.message,
    stackTrace: stackOf(error),
  };
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
            send(kind, chunk);
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
