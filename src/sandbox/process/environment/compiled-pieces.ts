/** What a process tells of what it has made of a function's code, while it tells it. */
export class CompiledPieces {
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;

  add(piece: Uint8Array): void {
    this.#bytes += piece.byteLength;
    if (this.#bytes <= compiledBytesMax) this.#pieces.push(piece);
    else this.#pieces.length = 0;
  }

  /** Of all that it told. */
  get bytes(): number {
    return this.#bytes;
  }

  /** All of them; none where there were more than are taken. */
  get pieces(): readonly Uint8Array[] {
    return this.#pieces;
  }
}

/** A large function of Java with some 8,000 classes: one of 1,800 is 27 MB. It is held in memory until it is on disk. */
export const compiledBytesMax = 128 * 1024 * 1024;
