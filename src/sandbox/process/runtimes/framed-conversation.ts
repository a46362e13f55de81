/** The conversation with a runtime of ours (Node.js, Python), which speaks the framed channel. */
import { randomFillSync } from 'node:crypto';
import { finished } from 'node:stream/promises';
import type { FunctionVersion } from '../../../registry/function.ts';
import type { FunctionError, InvokeRequest } from '../../sandbox.ts';
import { FrameReader } from '../channel/frame-reader.ts';
import {
  encodeCompiledHead,
  encodeCredit,
  encodeInit,
  encodePause,
  encodeReadAhead,
  encodeExpect,
  encodeRecall,
  encodeRestore,
  begins,
  bytesMaxOf,
  fromRuntime,
  numberBytes,
  numbered,
  outputKind,
  pauses,
  expects,
  reads,
  slotBytes,
  tookBytes,
  u32At,
  type InvokeHead,
} from '../channel/frame.ts';
import { FrameWriter } from '../channel/frame-writer.ts';
import type { Reading } from '../channel/reading.ts';
import { LineSplitter } from '../environment/line-splitter.ts';
import type { IsolatedProcess } from '../process.ts';
import { parseFunctionError } from './function-error.ts';
import { RawOutput } from './raw-output.ts';
import type { Conversation, Heard, ToRead } from './runtime.ts';
import { processVariables } from './variables.ts';

/** Numbers that are made together: one by one each would cost more than the rest of a frame. */
const numbersMade = 64;

/** What a version says of its environments' variables, and the frame that says it. */
export type Expected = { variables: Readonly<Record<string, string>>; frame: Uint8Array };

function expectedOf(version: FunctionVersion): Expected {
  const variables = processVariables(version);
  return { variables, frame: encodeExpect(variables) };
}

/** What has been printed and has no line end yet, of one invocation or of all. */
type Printed = { hear: (text: string) => void; stdout: LineSplitter; stderr: LineSplitter };

const printed = (hear: (text: string) => void, reading: Readonly<Reading>): Printed => ({
  hear,
  stdout: new LineSplitter(hear, reading),
  stderr: new LineSplitter(hear, reading),
});

function flush({ stdout, stderr }: Printed): void {
  stdout.flush();
  stderr.flush();
}

export class FramedConversation implements Conversation {
  readonly #process: IsolatedProcess;
  readonly #writer: FrameWriter;
  readonly #heard: Heard;
  readonly #raw: RawOutput;
  readonly #reading: Reading = { isStopped: false };
  readonly #reader: FrameReader;
  /** It was stopped within a frame of it. */
  #cut: LineSplitter | undefined;
  readonly #printed: Printed;
  /** By what they are called on the channel: which each is here, and what it has printed. */
  readonly #slots = new Map<number, { slot: number; printed: Printed }>();
  #isNumbered = false;
  #begins = false;
  #pauses = false;
  #expects = false;
  #reads = false;
  readonly #known: WeakMap<FunctionVersion, Expected> | undefined;
  /** What it has been told of its variables. */
  #expected: Readonly<Record<string, string>> | undefined;
  #hasRead = false;
  /** Of the events whose answers are due, in their order. */
  readonly #numbers: number[] = [];
  #made = new Uint32Array(0);
  #madeUsed = 0;
  readonly #drained: Promise<unknown>;
  readonly aheadMax: number;
  readonly atOnceMax: number;
  readonly encodeRestore = encodeRestore;
  #ranOutOfMemory = false;
  #printedRaw = false;

  /**
   * `outOfMemory`: what the language itself writes before it gives up for want of memory. `known`: of versions, for as long as
   * each is, where the runtime may be told before `init`.
   */
  constructor(
    process: IsolatedProcess,
    heard: Heard,
    options: {
      aheadMax: number;
      atOnceMax?: number;
      outOfMemory?: RegExp;
      known?: WeakMap<FunctionVersion, Expected>;
    },
  ) {
    const { outOfMemory } = options;
    this.aheadMax = options.aheadMax;
    this.atOnceMax = options.atOnceMax ?? 1;
    this.#known = options.known;
    this.#process = process;
    this.#writer = new FrameWriter(process.channel);
    this.#heard = heard;
    this.#printed = printed((text) => heard.output(text), this.#reading);
    this.#raw = new RawOutput(
      process,
      (line) => {
        this.#printedRaw = true;
        this.#ranOutOfMemory ||= outOfMemory?.test(line) ?? false;
        heard.output(line);
      },
      this.#reading,
    );
    this.#reader = new FrameReader((type, payload) => this.#take(type, payload), this.#reading);
    process.channel.on('data', (chunk: Uint8Array) => this.#mind(this.#reader.push(chunk)));
    // An error here is a process that is gone: its end is what counts, and comes by itself.
    process.channel.on('error', () => {});
    this.#drained = finished(process.channel, { writable: false }).catch(() => {});
  }

  get ranOutOfMemory(): boolean {
    return this.#ranOutOfMemory;
  }

  get closed(): boolean {
    return this.#process.channel.destroyed || this.#process.channel.readableEnded;
  }

  get printedRaw(): boolean {
    return this.#printedRaw;
  }

  pause(): boolean {
    if (this.#pauses) this.#writer.write(encodePause());
    return this.#pauses;
  }

  recall(): void {
    this.#writer.write(encodeRecall());
  }

  credit(cost: number): void {
    this.#writer.write(encodeCredit(cost));
  }

  expect(version: FunctionVersion): Readonly<Record<string, string>> | undefined {
    if (!this.#expects || this.#known === undefined) return undefined;
    const expected = this.#known.get(version) ?? expectedOf(version);
    this.#known.set(version, expected);
    this.#expected = expected.variables;
    this.#writer.write(expected.frame);
    return expected.variables;
  }

  readAhead({ handler, variables, compiled }: ToRead): boolean {
    if (!this.#reads) return false;
    this.#expected = variables;
    const frame = encodeReadAhead({ handler, variables }, compiled);
    if (compiled === undefined) this.#writer.write(frame);
    else this.#writer.write(frame, compiled);
    return true;
  }

  init(...[handler, variables, { forTemplate, atOnce, compiled }]: Parameters<Conversation['init']>): void {
    const init = encodeInit({
      handler,
      variables: this.#expected === undefined ? variables : othersThan(this.#expected, variables),
      ...(forTemplate !== undefined && { template: true as const, imports: forTemplate.imports }),
      ...(atOnce > 1 && { atOnce }),
    });
    // Where its code has been read, it is at its event before that has been sent: it is woken for both.
    if (this.#hasRead) this.#writer.writeWithNext(init);
    else if (compiled === undefined) this.#writer.write(init);
    else this.#writer.write(encodeCompiledHead(compiled.byteLength), compiled, init);
  }

  invokeInSlot(request: InvokeRequest, slot: number): void {
    // What is late of one that is over is not taken for one of the same slot.
    const name = this.#nextNumber();
    this.#slots.set(name, { slot, printed: printed((text) => this.#heard.output(text, slot), this.#reading) });
    const head = headOf(request, false);
    head.slot = name;
    this.#writer.invoke(head, request.event, this.#isNumbered ? 0 : undefined, true);
  }

  get beginsOnceLoaded(): boolean {
    return this.#begins;
  }

  invokeOnceLoaded(request: InvokeRequest): void {
    this.#invoke(request, headOf(request, true), false);
  }

  invoke(request: InvokeRequest, ahead: boolean): void {
    this.#invoke(request, headOf(request, ahead), ahead);
  }

  #invoke(request: InvokeRequest, head: InvokeHead, mayWait: boolean): void {
    const number = this.#isNumbered ? this.#nextNumber() : undefined;
    if (number !== undefined) this.#numbers.push(number);
    if (request.taker !== undefined) head.streams = true;
    this.#writer.invoke(head, request.event, number, mayWait);
  }

  #makeNumbers(): void {
    this.#made = randomFillSync(new Uint32Array(numbersMade));
    this.#madeUsed = 0;
  }

  /** Not to be guessed by what runs inside, and never 0. */
  #nextNumber(): number {
    if (this.#madeUsed === this.#made.length) this.#makeNumbers();
    const number = this.#made[this.#madeUsed] ?? 0;
    this.#madeUsed += 1;
    return number === 0 ? 1 : number;
  }

  flushOutput(): void {
    for (const name of this.#slots.keys()) this.#flushSlot(name);
    flush(this.#printed);
    this.#raw.flush();
  }

  stopReading(): void {
    this.#reading.isStopped = true;
    this.#process.channel.pause();
    this.#raw.stopReading();
  }

  readOn(): void {
    this.#reading.isStopped = false;
    this.#readRest();
    this.#raw.readOn();
  }

  /** The rest of a frame, then that of what came with it, and then what comes. */
  #readRest(): void {
    if (this.#cut?.goOn() === false) return;
    this.#cut = undefined;
    if (!this.#reading.isStopped) this.#mind(this.#reader.goOn());
    if (!this.#reading.isStopped) this.#process.channel.resume();
  }

  #mind(breach: string | undefined): void {
    if (breach !== undefined) this.#heard.breach(breach);
  }

  async drained(): Promise<void> {
    await Promise.all([this.#drained, this.#raw.drained]);
  }

  close(): void {
    this.#process.channel.destroy();
  }

  /** Answers what is wrong with the frame, if anything. */
  #take(type: number, payload: Uint8Array): string | undefined {
    switch (type) {
      case fromRuntime.response:
      case fromRuntime.error:
        if (!this.#isNumbered) return this.#answer(type, payload, 0);
        if (!isAnswerTo(payload, this.#numbers.shift())) return 'an answer to something else than it was asked';
        return this.#answer(type, payload, numberBytes);
      case fromRuntime.fatal:
        return this.#answer(type, payload, 0);
      case fromRuntime.output:
        return this.#output(payload, this.#printed);
      case fromRuntime.ofSlot:
        return this.#ofSlot(payload);
      case fromRuntime.streamed:
        this.#heard.streamed(payload);
        return undefined;
      case fromRuntime.streamBegan:
        if (!this.#isNumbered) return this.#streamBegan(payload);
        if (!isAnswerTo(payload, this.#numbers[0]))
          return 'the beginning of an answer to something else than it was asked';
        return this.#streamBegan(payload.subarray(numberBytes));
      case fromRuntime.streamEnded:
        this.#heard.streamEnded();
        return undefined;
      case fromRuntime.gaveBack:
        if (payload.byteLength !== 4) return 'a number of given back invocations that is none';
        return this.#gaveBack(new DataView(payload.buffer, payload.byteOffset).getUint32(0));
      case fromRuntime.imported: {
        const names = parseNames(payload);
        if (names === undefined) return 'names of modules that are none';
        this.#heard.imported(names);
        return undefined;
      }
      case fromRuntime.compiled:
        // What it came in is used again.
        this.#heard.compiled(Uint8Array.from(payload));
        return undefined;
      case fromRuntime.hasRead:
        this.#hasRead = true;
        this.#heard.hasRead();
        return undefined;
      case fromRuntime.initError:
        return this.#error(payload, (error) => this.#heard.initFailed(error));
      case fromRuntime.ready:
        this.#heard.ready();
        return undefined;
      case fromRuntime.booted: {
        const [bits = 0] = payload;
        this.#isNumbered = (bits & numbered) !== 0;
        this.#begins = (bits & begins) !== 0;
        this.#pauses = (bits & pauses) !== 0;
        this.#expects = (bits & expects) !== 0;
        this.#reads = (bits & reads) !== 0;
        // Now, when nobody waits.
        this.#makeNumbers();
        this.#heard.booted();
        return undefined;
      }
      default:
        return `a frame of type ${type}`;
    }
  }

  /** What one of several says; of one that is over, only what it still prints. */
  #ofSlot(payload: Uint8Array): string | undefined {
    if (payload.byteLength < slotBytes) return 'a frame of an invocation that it does not name';
    const head = new DataView(payload.buffer, payload.byteOffset);
    const [name, type] = [head.getUint32(0), head.getUint8(4)];
    const known = this.#slots.get(name);
    const own = payload.subarray(slotBytes);
    if (own.byteLength > (bytesMaxOf.get(type) ?? 0)) return `a frame of type ${type} with ${own.byteLength} bytes`;
    switch (type) {
      case fromRuntime.response:
      case fromRuntime.error:
      case fromRuntime.fatal:
        if (known === undefined) return 'an answer to something else than it was asked';
        this.#flushSlot(name);
        return this.#answer(type, own, 0, known.slot);
      case fromRuntime.output:
        return this.#output(own, known?.printed ?? this.#printed);
      default:
        return `a frame of type ${type} of one invocation`;
    }
  }

  #flushSlot(name: number): void {
    const own = this.#slots.get(name);
    if (own !== undefined) flush(own.printed);
    this.#slots.delete(name);
  }

  #streamBegan(contentType: Uint8Array): undefined {
    this.#heard.streamBegan(contentType.byteLength === 0 ? undefined : Buffer.from(contentType).toString());
  }

  #gaveBack(count: number): undefined {
    this.#numbers.length = Math.max(0, this.#numbers.length - count);
    this.#heard.gaveBack(count);
  }

  /** `at`: where it begins, after its number. */
  #answer(type: number, payload: Uint8Array, at: number, slot?: number): string | undefined {
    if (type !== fromRuntime.response) {
      const fatal = type === fromRuntime.fatal;
      return this.#error(payload.subarray(at), (error) =>
        this.#heard.answered({ status: 'error', error, fatal }, slot),
      );
    }
    if (payload.byteLength < at + tookBytes) return 'a response without the time that it took';
    const answer = payload.subarray(at + tookBytes);
    this.#heard.answered({ status: 'response', payload: answer, tookUs: u32At(payload, at) }, slot);
    return undefined;
  }

  #output(payload: Uint8Array, to: Printed): string | undefined {
    const [kind = -1] = payload;
    const bytes = payload.subarray(1);
    switch (kind) {
      case outputKind.record:
        to.hear(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
        return undefined;
      case outputKind.stdout:
        this.#print(bytes, to.stdout);
        return undefined;
      case outputKind.stderr:
        this.#print(bytes, to.stderr);
        return undefined;
      default:
        return `output of kind ${kind}`;
    }
  }

  #print(bytes: Uint8Array, to: LineSplitter): void {
    if (!to.push(bytes)) this.#cut = to;
  }

  #error(payload: Uint8Array, hear: (error: FunctionError) => void): string | undefined {
    const error = parseFunctionError(payload);
    if (error === undefined) return 'an error that is not a JSON object with errorType and errorMessage';
    hear(error);
    return undefined;
  }
}

const headOf = (request: InvokeRequest, ahead: boolean): InvokeHead => ({
  requestId: request.requestId,
  arn: request.invokedFunctionArn,
  deadlineMs: request.deadlineMs,
  timeoutMs: ahead ? request.timeoutMs : null,
  traceId: request.traceId,
  clientContext: request.clientContext ?? null,
});

/** `number`: of what is to be answered; undefined: nothing is. */
const isAnswerTo = (payload: Uint8Array, number: number | undefined): boolean =>
  payload.byteLength >= numberBytes && u32At(payload, 0) === number;

/** What is in `variables`, and not the same in `known`, of which no name is missing there. */
function othersThan(
  known: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>>,
): Record<string, string> {
  const others: Record<string, string> = {};
  for (const name in variables) {
    const value = variables[name];
    if (value !== undefined && known[name] !== value) others[name] = value;
  }
  return others;
}

/** Names of modules: what a language could import by them, and nothing else. */
const importedName = /^[A-Za-z_][\w.]{0,199}$/;

function parseNames(payload: Uint8Array): string[] | undefined {
  try {
    const names: unknown = JSON.parse(Buffer.from(payload).toString());
    if (!Array.isArray(names)) return undefined;
    return names.filter((name): name is string => typeof name === 'string' && importedName.test(name));
  } catch {
    return undefined;
  }
}
