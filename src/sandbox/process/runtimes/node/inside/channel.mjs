/**
 * The runtime's end of the channel (fd 3): frames as src/sandbox/process/channel/frame.ts describes them.
 *
 * Written synchronously, so that what a handler printed is with the platform before it answers, exits, crashes or
 * loops for ever; read through the event loop, which the handler's own timers and sockets share.
 */
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';

const fd = 3;
const headerBytes = 5;
const numberBytes = 4;
/**
 * What `booted` says: answers have the numbers of their events (1), the first event may come before the code is loaded (2),
 * variables before the code is known (8), and code before it is called (16).
 */
const said = '\u001b';
const tookBytes = 4;
const slotBytes = 5;
const readBytes = 64 * 1024;
/** Answers and output up to this size are put together in one buffer that is kept. */
const scratchBytes = 64 * 1024;
/** How long to wait when the platform has not yet read what was written before. */
const fullWaitMs = 0.2;

export const types = {
  init: 1,
  invoke: 2,
  recall: 3,
  credit: 4,
  useCompiled: 6,
  expect: 8,
  readAhead: 9,
  booted: 16,
  ready: 17,
  initError: 18,
  response: 19,
  error: 20,
  fatal: 21,
  output: 22,
  gaveBack: 23,
  streamBegan: 24,
  streamed: 25,
  streamEnded: 26,
  ofSlot: 27,
  compiled: 29,
  hasRead: 30,
};
export const kinds = { record: 0, stdout: 1, stderr: 2 };
export const responseBytesMax = 6 * 1024 * 1024 + 100;
export const streamWindow = 256 * 1024;
export const streamedBytesMax = 64 * 1024;
const compiledBytesMax = 16 * 1024 * 1024;
const outputBytesMax = 256 * 1024;
const errorBytesMax = 256 * 1024;

const scratch = Buffer.allocUnsafe(scratchBytes);
const pause = new Int32Array(new SharedArrayBuffer(4));
let isMuted = false;
/** Of the events that have no answer yet, in their order. */
const numbers = [];

/** From now on nothing that is sent goes out, or all of it again. */
export function mute(muted) {
  isMuted = muted;
}

function writeAll(buffer, length) {
  if (isMuted) return;
  let at = 0;
  while (at < length) {
    try {
      at += writeSync(fd, buffer, at, length - at);
    } catch (error) {
      if (error.code === 'EAGAIN') Atomics.wait(pause, 0, 0, fullWaitMs);
      else if (error.code === 'EPIPE') process.reallyExit(0);
      else throw error;
    }
  }
}

/** `text` must already be within the limit of its type. */
export function sendText(type, text) {
  const before = type === types.error || type === types.streamBegan ? numberBytes : 0;
  const frame = frameFor(text, before);
  if (before > 0) writeNumber(frame, type);
  const bytes = frame.write(type === types.booted ? said : text, headerBytes + before);
  sendFrame(type, frame, before + bytes);
}

/** Of the event that runs, which is over with its answer. None runs where answering is rehearsed, though one may have come. */
function writeNumber(frame, type) {
  if (isMuted) return;
  frame.writeUInt32BE((type === types.streamBegan ? numbers[0] : numbers.shift()) ?? 0, headerBytes);
}

/** An answer within its limit, and how long it took. */
export function sendResponse(text, tookUs) {
  const before = numberBytes + tookBytes;
  const frame = frameFor(text, before);
  writeNumber(frame, types.response);
  frame.writeUInt32BE(tookUs, headerBytes + numberBytes);
  const bytes = frame.write(text, headerBytes + before);
  sendFrame(types.response, frame, before + bytes);
}

function frameFor(text, bytesBefore) {
  const bytesMax = headerBytes + bytesBefore + text.length * 3;
  if (bytesMax <= scratchBytes) return scratch;
  return Buffer.allocUnsafeSlow(headerBytes + bytesBefore + Buffer.byteLength(text));
}

function sendFrame(type, frame, bytes) {
  frame.writeUInt32BE(bytes, 0);
  frame[4] = type;
  writeAll(frame, headerBytes + bytes);
}

/**
 * What one of several invocations that run at the same time says: an answer (before its bytes, how long it took), an error
 * or a piece of output.
 */
export function sendOfSlot(slot, type, bytes) {
  const frame = Buffer.allocUnsafeSlow(headerBytes + slotBytes + bytes.length);
  frame.writeUInt32BE(slot, headerBytes);
  frame[headerBytes + 4] = type;
  frame.set(bytes, headerBytes + slotBytes);
  sendFrame(types.ofSlot, frame, slotBytes + bytes.length);
}

/** How many invocations will not begin. */
export function sendGaveBack(count) {
  numbers.length -= count;
  scratch.writeUInt32BE(4, 0);
  scratch[4] = types.gaveBack;
  scratch.writeUInt32BE(count, headerBytes);
  writeAll(scratch, headerBytes + 4);
}

/** Sends a described error. */
export function sendError(type, described) {
  sendText(type, errorText(described));
}

/** One that is too long all the same goes without its stack. */
export function errorText({ errorType, errorMessage, ...stack }) {
  const text = JSON.stringify({ errorType, errorMessage, ...stack });
  if (Buffer.byteLength(text) <= errorBytesMax) return text;
  return JSON.stringify({ errorType: errorType.slice(0, 100), errorMessage: errorMessage.slice(0, 1_000) });
}

/** Sends bytes of output, cut where they are too many for one frame. `slot`: of which of several invocations. */
export function sendOutput(kind, bytes, slot) {
  for (let at = 0; at < bytes.length; at += outputBytesMax) {
    const part = bytes.subarray(at, at + outputBytesMax);
    if (slot !== undefined) {
      sendOfSlot(slot, types.output, Buffer.concat([Buffer.of(kind), part]));
      continue;
    }
    const frame =
      part.length + headerBytes + 1 <= scratchBytes ? scratch : Buffer.allocUnsafeSlow(part.length + headerBytes + 1);
    frame.writeUInt32BE(part.length + 1, 0);
    frame[4] = types.output;
    frame[5] = kind;
    frame.set(part, headerBytes + 1);
    writeAll(frame, headerBytes + 1 + part.length);
  }
}

/** A piece of an answer, of `streamedBytesMax` at most. */
export function sendStreamed(piece) {
  sendBytes(types.streamed, piece);
}

/** More than the platform takes is not sent. */
export function sendCompiled(bytes) {
  if (bytes.length <= compiledBytesMax) sendBytes(types.compiled, bytes);
}

function sendBytes(type, payload) {
  const bytes = headerBytes + payload.length;
  const frame = bytes <= scratchBytes ? scratch : Buffer.allocUnsafeSlow(bytes);
  frame.set(payload, headerBytes);
  sendFrame(type, frame, payload.length);
}

/** Calls `takeFrame(type, payload)` for each frame; the payload is only good during the call, and without its number. */
export function openChannel(takeFrame) {
  const take = (type, payload) => {
    if (type !== types.invoke) return takeFrame(type, payload);
    const number = payload.readUInt32BE(0);
    // Those that run at the same time are told apart by their slots.
    if (number !== 0) numbers.push(number);
    takeFrame(type, payload.subarray(numberBytes));
  };
  let gathered;
  let filled = 0;
  const push = (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (gathered === undefined) {
        const left = chunk.length - at;
        const bytes = left >= headerBytes ? headerBytes + chunk.readUInt32BE(at) : headerBytes;
        if (left >= headerBytes && left >= bytes) {
          take(chunk[at + 4], chunk.subarray(at + headerBytes, at + bytes));
          at += bytes;
          continue;
        }
        gathered = Buffer.allocUnsafeSlow(bytes);
        filled = 0;
      }
      const copied = chunk.copy(gathered, filled, at);
      at += copied;
      filled += copied;
      if (filled < gathered.length) continue;
      const bytes = headerBytes + gathered.readUInt32BE(0);
      if (filled < bytes) {
        const whole = Buffer.allocUnsafeSlow(bytes);
        gathered.copy(whole, 0, 0, filled);
        gathered = whole;
        continue;
      }
      const whole = gathered;
      gathered = undefined;
      take(whole[4], whole.subarray(headerBytes));
    }
  };
  const socket = new Socket({
    fd,
    readable: true,
    writable: true,
    onread: {
      buffer: Buffer.allocUnsafeSlow(readBytes),
      callback(bytes, buffer) {
        push(buffer.subarray(0, bytes));
        return true;
      },
    },
  });
  socket.on('error', () => process.reallyExit(0));
  socket.on('close', () => process.reallyExit(0));
  socket.resume();
  return socket;
}
