import type { Reading } from '../channel/reading.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;

/** A longer line is cut into pieces: as much as one event of CloudWatch Logs held for years. */
const lineBytesMax = 256 * 1024;
/** A line that came in more pieces is put together early: a piece costs far more memory than the byte it may hold. */
const piecesMax = 512;

/** Cuts a stream of bytes into lines of text, without their line ends. Bytes that are not UTF-8 come out as U+FFFD. */
export class LineSplitter {
  readonly #emit: (line: string) => void;
  readonly #reading: Readonly<Reading> | undefined;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  /** What was there when reading was stopped; it begins with a line. */
  #rest: Uint8Array | undefined;

  /** `reading`: may be stopped by what is done with a line. */
  constructor(emit: (line: string) => void, reading?: Readonly<Reading>) {
    this.#emit = emit;
    this.#reading = reading;
  }

  /** `chunk` is kept until its line ends: it must not be written to again. False: reading was stopped, and there is more, for `goOn`. */
  push(chunk: Uint8Array): boolean {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      this.#add(chunk.subarray(from, end));
      this.#end();
      from = end + 1;
      if (this.#reading?.isStopped === true && from < chunk.length) {
        this.#rest = chunk.subarray(from);
        return false;
      }
    }
    this.#add(chunk.subarray(from));
    return true;
  }

  /** With what was there when it was stopped. False: it was stopped again. */
  goOn(): boolean {
    const rest = this.#rest;
    this.#rest = undefined;
    return rest === undefined || this.push(rest);
  }

  /** What there is of a line becomes one. */
  flush(): void {
    if (this.#bytes > 0) this.#end();
  }

  #add(part: Uint8Array): void {
    let rest = part;
    while (this.#bytes + rest.length > lineBytesMax) {
      const at = characterStart(rest, lineBytesMax - this.#bytes);
      this.#keep(rest.subarray(0, at));
      this.#end();
      rest = rest.subarray(at);
    }
    this.#keep(rest);
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#pieces.push(part);
    this.#bytes += part.length;
    if (this.#pieces.length > piecesMax) this.#pieces = [Buffer.concat(this.#pieces, this.#bytes)];
  }

  #end(): void {
    const [only] = this.#pieces;
    const whole = this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces, this.#bytes);
    this.#pieces = [];
    this.#bytes = 0;
    const ending = whole.at(-1) === carriageReturn ? 1 : 0;
    this.#emit(Buffer.from(whole.buffer, whole.byteOffset, whole.length - ending).toString());
  }
}

/** The last place at or before `at` where a UTF-8 character begins, if there is one near. */
function characterStart(bytes: Uint8Array, at: number): number {
  for (let back = 0; back < 4 && at - back > 0; back++) {
    if (((bytes[at - back] ?? 0) & 0xc0) !== 0x80) return at - back;
  }
  return at;
}
