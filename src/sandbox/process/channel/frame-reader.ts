import type { Reading } from './reading.ts';
import { bytesMaxOf, headerBytes, u32At } from './frame.ts';

/**
 * Cuts what comes from inside into frames. Everything that comes is taken for hostile: a type or a length that is not
 * allowed is found out from the header alone, before anything is kept.
 *
 *   header (5 bytes, perhaps in pieces) → payload (in the chunk itself, or gathered) → header …
 *
 * A payload that lies whole in one chunk is passed on without a copy; one that does not is copied once.
 */
export class FrameReader {
  readonly #take: (type: number, payload: Uint8Array) => string | undefined;
  readonly #header = Buffer.alloc(headerBytes);
  #headerFilled = 0;
  /** Of the payload that is gathered. */
  #type = 0;
  #payload: Buffer | undefined;
  #payloadFilled = 0;
  #breach: string | undefined;
  readonly #reading: Readonly<Reading> | undefined;
  /** What was there when reading was stopped. */
  #rest: Uint8Array | undefined;

  /** `take` gets each frame in order, and may answer what is wrong with it. `reading`: may be stopped by what is done with a frame. */
  constructor(take: (type: number, payload: Uint8Array) => string | undefined, reading?: Readonly<Reading>) {
    this.#take = take;
    this.#reading = reading;
  }

  /** With what was there when it was stopped. Answers as `push`. */
  goOn(): string | undefined {
    const rest = this.#rest;
    this.#rest = undefined;
    return rest === undefined ? this.#breach : this.push(rest);
  }

  /** Answers what breaches the protocol, if anything does; after that nothing more is taken. */
  push(chunk: Uint8Array): string | undefined {
    let at = 0;
    while (this.#breach === undefined) {
      if (this.#reading?.isStopped === true) {
        if (at < chunk.length) this.#rest = chunk.subarray(at);
        return undefined;
      }
      if (this.#payload !== undefined) {
        const part = chunk.subarray(at, at + this.#payload.length - this.#payloadFilled);
        this.#payload.set(part, this.#payloadFilled);
        this.#payloadFilled += part.length;
        at += part.length;
        if (this.#payloadFilled < this.#payload.length) return undefined;
        const payload = this.#payload;
        this.#payload = undefined;
        this.#breach = this.#take(this.#type, payload);
        continue;
      }
      let header: Uint8Array = chunk;
      let headerAt = at;
      if (this.#headerFilled === 0 && chunk.length - at >= headerBytes) at += headerBytes;
      else {
        if (at === chunk.length) return undefined;
        const part = chunk.subarray(at, at + headerBytes - this.#headerFilled);
        this.#header.set(part, this.#headerFilled);
        this.#headerFilled += part.length;
        at += part.length;
        if (this.#headerFilled < headerBytes) return undefined;
        this.#headerFilled = 0;
        header = this.#header;
        headerAt = 0;
      }
      const bytes = u32At(header, headerAt);
      const type = header[headerAt + 4] ?? 0;
      const bytesMax = bytesMaxOf.get(type);
      if (bytesMax === undefined) {
        this.#breach = `a frame of unknown type ${type}`;
      } else if (bytes > bytesMax) {
        this.#breach = `a frame of type ${type} with ${bytes} bytes, where at most ${bytesMax} are accepted`;
      } else if (chunk.length - at >= bytes) {
        this.#breach = this.#take(type, chunk.subarray(at, at + bytes));
        at += bytes;
      } else {
        this.#type = type;
        this.#payload = Buffer.allocUnsafeSlow(bytes);
        this.#payloadFilled = 0;
      }
    }
    return this.#breach;
  }
}
