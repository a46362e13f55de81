import type { Writable } from 'node:stream';
import { invokeBytesMax, invokeHeadJson, writeInvoke, type InvokeHead } from './frame.ts';

/** Invocations in one write: with many more, the runtime would have nothing to do while they are put together. */
const gatheredMax = 4;
/** Up to here an event is copied behind its head, which is cheaper than a write of two pieces. */
const copiedBytesMax = 16 * 1024;

/**
 * Writes the platform's frames. A write is the dearest thing here, and a list of pieces dearer than one: invocations that are
 * handed over ahead in one turn of the event loop are put behind one another and go in few.
 */
export class FrameWriter {
  readonly #channel: Writable;
  #gathered: Buffer | undefined;
  #filled = 0;
  #count = 0;
  #isScheduled = false;
  #isHeld = false;

  constructor(channel: Writable) {
    this.#channel = channel;
  }

  /** At once, and together. */
  write(...pieces: readonly Uint8Array[]): void {
    this.#send();
    if (pieces.length > 1) this.#channel.cork();
    for (const piece of pieces) this.#channel.write(piece);
    if (pieces.length > 1) this.#channel.uncork();
    this.#letGo();
  }

  /** With what comes next, or at the end of this turn: whoever reads it is woken once for both. */
  writeWithNext(piece: Uint8Array): void {
    this.#send();
    this.#isHeld = true;
    this.#channel.cork();
    this.#channel.write(piece);
    setImmediate(() => this.#letGo());
  }

  #letGo(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#channel.uncork();
  }

  /** `mayWait`: until the end of this turn, for others. `number`: as `writeInvoke` has it. */
  invoke(head: InvokeHead, event: Uint8Array, number: number | undefined, mayWait: boolean): void {
    const json = invokeHeadJson(head);
    const headMax = invokeBytesMax(json);
    if (event.length > copiedBytesMax) {
      const before = Buffer.allocUnsafe(headMax);
      this.write(before.subarray(0, writeInvoke(before, 0, json, event.length, number)), event);
      return;
    }
    const room = headMax + event.length;
    if (this.#gathered !== undefined && this.#gathered.length - this.#filled < room) this.#send();
    // Those that come together are mostly alike.
    this.#gathered ??= Buffer.allocUnsafe(mayWait ? room * gatheredMax : room);
    const eventAt = writeInvoke(this.#gathered, this.#filled, json, event.length, number);
    this.#gathered.set(event, eventAt);
    this.#filled = eventAt + event.length;
    this.#count += 1;
    if (!mayWait || this.#count >= gatheredMax) this.#send();
    else this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#send();
    });
  }

  #send(): void {
    const gathered = this.#gathered;
    if (gathered === undefined) return;
    const bytes = gathered.subarray(0, this.#filled);
    this.#gathered = undefined;
    this.#filled = 0;
    this.#count = 0;
    this.#channel.write(bytes);
    this.#letGo();
  }
}
