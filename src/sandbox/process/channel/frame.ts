/**
 * What is said over an environment's channel (fd 3 inside): frames, both ways.
 *
 *     u32 length of the payload, big-endian │ u8 type │ payload
 *
 * The platform speaks first only with `init`, to one that `expects` with that, and to one that `reads` with `readAhead`. To a runtime that says that it `begins` by itself, the first `invoke` may be
 * sent right behind that: it is begun when the code is loaded, after `ready`, and never where that fails. To each `invoke` comes one answer, in their order, after any number of
 * `output`. The platform may send further ones ahead; the runtime begins one only when it has sent the answer before.
 * Each event has a number by chance, which its answer must have: what was written on behalf of one before it, by whatever that
 * left behind, answers no other. A release of a runtime from before that (docs/decisions/053-runtime-releases.md) is up without
 * saying `numbered`, and is spoken to without numbers.
 * To `recall` comes one `gaveBack`: the last so many, which it has not begun, are the platform's again. The same
 * numbers stand in the runtimes: node/inside/channel.mjs, python/inside/bootstrap.py, ruby/inside/bootstrap.rb, java's Channel.java.
 *
 * A handler that writes its answer bit by bit says `streamBegan`, any number of `streamed`, `streamEnded`, and then an
 * empty `response` (or, at any point, an error). What it writes costs room in a window, which is `streamWindow` when the
 * environment boots; the platform gives `credit` for what has gone on, or was dropped. So a slow reader stops the writer,
 * and the memory that one environment's answer takes is bounded whatever runs in it.
 */
import { limits } from '../../../util/limits.ts';

export const headerBytes = 5;

/** Platform to runtime. */
export const toRuntime = {
  /** JSON: see `InitFrame`. */
  init: 1,
  /** u32 number (to one that is `numbered`), u32 length of the head, the head (JSON: see `InvokeHead`), the event's bytes. */
  invoke: 2,
  /** Empty. */
  recall: 3,
  /** u32: so much more of a streamed answer may be written. */
  credit: 4,
  /** JSON: see `RestoreFrame`. Instead of `init`, to a process that goes on from a template. */
  restore: 5,
  /** Before `init`: what `compiled` has told of another process of the same version. */
  compiled: 6,
  /** Empty. To one that `pauses`, before `init`: it is `ready` for an image of it, and waits; who goes on from that waits for `init`. */
  pause: 7,
  /** JSON, variables: to one that `expects`, before `init`, which then has only the others. Its code is not there yet. */
  expect: 8,
  /**
   * u32 length of the JSON, JSON: see `ReadAheadFrame`, then, if there is any, what `compiled` has told of another process of the same
   * version. To one that `reads`, in place of `expect`: its code is there, and it answers `hasRead` when it has compiled it. Nothing of that runs.
   */
  readAhead: 9,
} as const;

/**
 * `variables`: all of them, or, after `expect` or `readAhead`, those that are new or other ones. `template`: it is to wait after that, in a state that others can go on from, with `imports` besides what the handler
 * needs: what `imported` told of another process. `atOnce`: so many will run at the same time.
 */
export type InitFrame = {
  handler: string;
  variables: Readonly<Record<string, string>>;
  template?: true;
  imports?: readonly string[];
  atOnce?: number;
};

export type ReadAheadFrame = Pick<InitFrame, 'handler' | 'variables'>;

/**
 * Variables that are other ones than the template was given, and names of those that are no longer there: what the function
 * has set itself stays. `descriptors`: what the template had open, to be made anew under the same numbers.
 */
export type RestoreFrame = {
  set: Readonly<Record<string, string>>;
  unset: readonly string[];
  descriptors: readonly RestoredDescriptor[];
};

/** `closed`: a connection whose other side is gone. */
export type RestoredDescriptor = { fd: number } & ({ kind: 'closed' } | { kind: 'file'; path: string; offset: number });

export type InvokeHead = {
  requestId: string;
  arn: string;
  /** Epoch ms. */
  deadlineMs: number;
  /** Of one that is handed over ahead: its deadline is so long after it begins. */
  timeoutMs: number | null;
  traceId: string;
  /** JSON. */
  clientContext: string | null;
  /** The caller reads the answer while it is written: handlers that can write it so may. */
  streams?: true;
  /** Where several run at the same time: by what it is called in `ofSlot`. Chosen as a number is, and in its place. */
  slot?: number;
};

/** Runtime to platform. */
export const fromRuntime = {
  /** `numbered`, `begins`, `pauses`, `expects` and `reads`, as bits, or empty: the runtime is up, its listener is handed over, it waits for `init`. */
  booted: 16,
  /** Empty: the function's code is loaded. */
  ready: 17,
  /** JSON, a `FunctionError`: it could not be loaded. */
  initError: 18,
  /** u32 number; u32: the µs that it took, as the runtime says; then the answer's bytes. */
  response: 19,
  /** u32 number; JSON, a `FunctionError`. */
  error: 20,
  /** JSON, a `FunctionError` after which the process is no longer to be used (an exception nobody caught). */
  fatal: 21,
  /** u8 kind (see `outputKind`), then UTF-8 text. */
  output: 22,
  /** u32: how many. */
  gaveBack: 23,
  /** u32 number; UTF-8: the answer's content type; empty: none was said. */
  streamBegan: 24,
  /** A piece of the answer. */
  streamed: 25,
  /** Empty: that was all of it. The handler may still have things to do. */
  streamEnded: 26,
  /** Where several run at the same time: u32 slot, u8 type, and what a `response`, `error`, `fatal` or `output` has after its number, of that one. */
  ofSlot: 27,
  /** JSON, names of modules: what was imported while the first invocation ran. Once, after its answer. */
  imported: 28,
  /** Once, before `ready`, where `init` is for a template and the runtime makes such ones: what it has compiled, in a form of its own. */
  compiled: 29,
  /** Empty: the answer to `readAhead`, whatever came of it. */
  hasRead: 30,
} as const;

/** In the payload of `booted`: answers have their event's number. */
export const numbered = 1;
/** Likewise: an event that comes before the code is loaded waits for that. */
export const begins = 2;
/** Likewise: it knows `pause`. */
export const pauses = 4;
/** Likewise: it knows `expect`. */
export const expects = 8;
/** Likewise: it knows `readAhead`. */
export const reads = 16;

export const outputKind = {
  /** One record of a logger: one line of output, whatever it contains. */
  record: 0,
  /** Pieces of standard output and standard error, cut into lines by the platform. */
  stdout: 1,
  stderr: 2,
} as const;

/** Lambda's own figure, a little more than 6 MB. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const responseBytesMax = limits.answerBytesMax;
/** Which event it answers. */
export const numberBytes = 4;
/** Before the answer's bytes. */
export const tookBytes = 4;
/** Before what one of several says. */
export const slotBytes = 5;
/** What of a streamed answer may be on its way: several pieces, so that neither side waits for each. */
export const streamWindow = 256 * 1024;
/** One piece; runtimes cut what is longer. */
export const streamedBytesMax = 64 * 1024;
/** As longer media types have: there is no figure for how long one may be. */
const contentTypeBytesMax = 1024;
/** Type, message and stack; runtimes shorten what is longer. */
export const errorBytesMax = 256 * 1024;
/** Some hundreds of names. */
const importedBytesMax = 32 * 1024;
/** Several times the compiled code of the largest bundles of AWS's clients. Who has more sends nothing. */
const compiledBytesMax = 16 * 1024 * 1024;
/** One piece of output; runtimes cut what is longer. As much as one event of CloudWatch Logs held for years. */
const outputBytesMax = 256 * 1024;

/** The longest payload of each type from inside; any other type is a breach of the protocol. */
export const bytesMaxOf: ReadonlyMap<number, number> = new Map([
  [fromRuntime.booted, 1],
  [fromRuntime.ready, 0],
  [fromRuntime.initError, errorBytesMax],
  [fromRuntime.response, numberBytes + tookBytes + responseBytesMax],
  [fromRuntime.error, numberBytes + errorBytesMax],
  [fromRuntime.fatal, errorBytesMax],
  [fromRuntime.output, outputBytesMax + 1],
  [fromRuntime.gaveBack, 4],
  [fromRuntime.imported, importedBytesMax],
  [fromRuntime.compiled, compiledBytesMax],
  [fromRuntime.hasRead, 0],
  [fromRuntime.streamBegan, numberBytes + contentTypeBytesMax],
  [fromRuntime.streamed, streamedBytesMax],
  [fromRuntime.streamEnded, 0],
  [fromRuntime.ofSlot, slotBytes + tookBytes + responseBytesMax],
]);

/** A view would be an object more for each frame. */
export const u32At = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;

/** What a piece of an answer takes of the window: very small ones cost us more than their bytes. */
export const streamCost = (bytes: number): number => Math.max(256, bytes);

export const encodeInit = (init: InitFrame): Uint8Array => encodeJson(toRuntime.init, init);

export const encodeExpect = (variables: Readonly<Record<string, string>>): Uint8Array =>
  encodeJson(toRuntime.expect, variables);

export const encodeRestore = (restore: RestoreFrame): Uint8Array => encodeJson(toRuntime.restore, restore);

/** To be followed by the bytes. */
export function encodeCompiledHead(bytes: number): Uint8Array {
  const frame = Buffer.allocUnsafe(headerBytes);
  frame.writeUInt32BE(bytes, 0);
  frame.writeUInt8(toRuntime.compiled, 4);
  return frame;
}

/** To be followed by `compiled`, if that is there. */
export function encodeReadAhead(frame: ReadAheadFrame, compiled: Uint8Array | undefined): Uint8Array {
  const json = Buffer.from(JSON.stringify(frame));
  const head = Buffer.allocUnsafe(headerBytes + 4);
  head.writeUInt32BE(4 + json.length + (compiled?.byteLength ?? 0), 0);
  head.writeUInt8(toRuntime.readAhead, 4);
  head.writeUInt32BE(json.length, headerBytes);
  return Buffer.concat([head, json]);
}

function encodeJson(type: number, value: InitFrame | RestoreFrame | Readonly<Record<string, string>>): Uint8Array {
  const json = JSON.stringify(value);
  const bytes = Buffer.byteLength(json);
  const frame = Buffer.allocUnsafe(headerBytes + bytes);
  frame.writeUInt32BE(bytes, 0);
  frame.writeUInt8(type, 4);
  frame.write(json, headerBytes);
  return frame;
}

export function encodeRecall(): Uint8Array {
  return Buffer.from([0, 0, 0, 0, toRuntime.recall]);
}

export function encodePause(): Uint8Array {
  return Buffer.from([0, 0, 0, 0, toRuntime.pause]);
}

export function encodeCredit(cost: number): Uint8Array {
  const frame = Buffer.allocUnsafe(headerBytes + 4);
  frame.writeUInt32BE(4, 0);
  frame.writeUInt8(toRuntime.credit, 4);
  frame.writeUInt32BE(cost, headerBytes);
  return frame;
}

/** What an `invoke` takes before its event at most. */
export const invokeBytesMax = (headJson: string): number => headerBytes + numberBytes + 4 + headJson.length * 3;

/**
 * Writes an `invoke` without its event, of `eventBytes`, into a buffer that has room for it, and answers where it ends.
 * `number`: 0 where there is a slot; undefined: to one that is not `numbered`.
 */
export function writeInvoke(
  buffer: Buffer,
  at: number,
  headJson: string,
  eventBytes: number,
  number: number | undefined,
): number {
  const headAt = at + headerBytes + (number === undefined ? 0 : numberBytes);
  const headBytes = buffer.write(headJson, headAt + 4);
  const end = headAt + 4 + headBytes;
  writeU32(buffer, at, end - at - headerBytes + eventBytes);
  buffer[at + 4] = toRuntime.invoke;
  if (number !== undefined) writeU32(buffer, at + headerBytes, number);
  writeU32(buffer, headAt, headBytes);
  return end;
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Ids, ARNs and traces: what JSON writes as it is. */
const plain = /^[\w.:;=$/-]*$/;

const quoted = (text: string): string => (plain.test(text) ? `"${text}"` : JSON.stringify(text));

/** Put together as text, part by part: it is made for each invocation. */
export function invokeHeadJson(head: InvokeHead): string {
  const { clientContext, streams, slot } = head;
  return (
    `{"requestId":${quoted(head.requestId)},"arn":${quoted(head.arn)},"deadlineMs":${head.deadlineMs},` +
    `"timeoutMs":${head.timeoutMs},"traceId":${quoted(head.traceId)},` +
    `"clientContext":${clientContext === null ? 'null' : JSON.stringify(clientContext)}` +
    `${streams === undefined ? '' : ',"streams":true'}${slot === undefined ? '' : `,"slot":${slot}`}}`
  );
}
