/**
 * Answers that a handler writes bit by bit: `awslambda.streamifyResponse((event, responseStream, context) => …)`.
 *
 * What is written goes out at once, as long as there is room in the window (src/sandbox/process/channel/frame.ts);
 * then the stream's own back-pressure says so, and what waits is written when the platform gives credit.
 * https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
import { Writable } from 'node:stream';
import { sendStreamed, sendText, streamedBytesMax, streamWindow, types } from './channel.mjs';

/** How Lambda's own runtime marks such handlers; libraries that wrap handlers look for it, and set it. */
const streaming = Symbol.for('aws.lambda.runtime.handler.streaming');
const highWaterMark = Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark');

/** Whose first part is JSON with `statusCode`, `headers` and `cookies`, ended by eight NULs. */
const withPrelude = 'application/vnd.awslambda.http-integration-response';
const preludeEnd = new Uint8Array(8);

/** See frame.ts: what the smallest piece costs, and how long a content type may be. */
const costMin = 256;
const contentTypeBytesMax = 1024;

let room = streamWindow;
/** The stream that waits for room. */
let waiting;

/** `cost`: of what has gone on. */
export function credit(cost) {
  room += cost;
  waiting?.();
}

export const isStreaming = (handler) => handler[streaming] === 'response';

/** Before the function's code is loaded, which uses it at once. */
export function provideAwslambda() {
  globalThis.awslambda = {
    ...globalThis.awslambda,
    streamifyResponse(handler, options) {
      handler[streaming] = 'response';
      if (typeof options?.highWaterMark === 'number') handler[highWaterMark] = Math.trunc(options.highWaterMark);
      return handler;
    },
    HttpResponseStream: { from: withMetadata },
  };
}

/** `metadata`: `statusCode`, `headers`, `cookies`; goes before what is written first. */
export function withMetadata(stream, metadata) {
  stream.setContentType(withPrelude);
  const prelude = JSON.stringify(metadata);
  stream._onBeforeFirstWrite = (write) => {
    write(prelude);
    write(preludeEnd);
  };
  return stream;
}

export class ResponseStream extends Writable {
  #contentType = '';
  #began = false;
  #isWritten = false;
  /** Keeps the event loop alive while it waits for room, or not. */
  #hold;

  constructor(handler, hold) {
    super({ ...(handler[highWaterMark] > 0 && { highWaterMark: handler[highWaterMark] }) });
    this.#hold = hold;
  }

  setContentType(contentType) {
    if (this.#isWritten) throw new Error('Cannot set content-type, too late.');
    if (Buffer.byteLength(String(contentType)) > contentTypeBytesMax) throw new Error('The content-type is too long.');
    this.#contentType = String(contentType);
  }

  write(chunk, ...more) {
    this.#beforeFirst();
    return super.write(plain(chunk), ...more);
  }

  /** An answer without a body has its status and headers all the same. */
  end(chunk, ...more) {
    this.#beforeFirst();
    return super.end(plain(chunk), ...more);
  }

  #beforeFirst() {
    if (this.#isWritten || this.destroyed) return;
    this.#isWritten = true;
    this._onBeforeFirstWrite?.((chunk) => super.write(chunk));
  }

  _write(chunk, _encoding, done) {
    this.#begin();
    this.#send(chunk, done);
  }

  _final(done) {
    this.#begin();
    sendText(types.streamEnded, '');
    done();
  }

  _destroy(error, done) {
    waiting = undefined;
    done(error);
  }

  #begin() {
    if (this.#began) return;
    this.#began = true;
    sendText(types.streamBegan, this.#contentType);
  }

  #send(chunk, done) {
    let at = 0;
    const go = () => {
      while (at < chunk.length && !this.destroyed) {
        const bytes = Math.min(chunk.length - at, streamedBytesMax);
        const cost = Math.max(costMin, bytes);
        if (cost > room) return false;
        room -= cost;
        sendStreamed(chunk.subarray(at, at + bytes));
        at += bytes;
      }
      return true;
    };
    if (go()) return done();
    this.#hold(true);
    waiting = () => {
      if (!go()) return;
      waiting = undefined;
      this.#hold(false);
      done();
    };
  }
}

/** Values that are neither text nor bytes go out as JSON. */
function plain(chunk) {
  const isData =
    (typeof chunk !== 'object' && typeof chunk !== 'number') || chunk === null || chunk instanceof Uint8Array;
  return isData ? chunk : JSON.stringify(chunk);
}
