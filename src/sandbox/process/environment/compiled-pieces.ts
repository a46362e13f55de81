/** What a process tells of what it has made of a function's code, while it tells it. */
export class CompiledPieces {
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** False: it is more than is taken. */
  add(piece: Uint8Array): boolean {
    if (this.#pieces.length === piecesMax || this.#bytes + piece.byteLength > compiledBytesMax) return false;
    this.#pieces.push(piece);
    this.#bytes += piece.byteLength;
    return true;
  }

  /** Of all that it told. */
  get bytes(): number {
    return this.#bytes;
  }

  get pieces(): readonly Uint8Array[] {
    return this.#pieces;
  }
}

/** A large function of Java with some 8,000 classes: one of 1,800 is 27 MB. It is held in memory until it is on disk. */
const compiledBytesMax = 128 * 1024 * 1024;
/** The runtime makes pieces of a mebibyte, and a small one or two: each costs memory besides its bytes. */
const piecesMax = 256;
