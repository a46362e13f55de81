/** Room for the first lines; it doubles as it fills. */
const bytesFirst = 1_024;
/** What one UTF-16 code unit takes in UTF-8 at most. */
const bytesEachMax = 3;

/**
 * Text that grows at its end, as the bytes that it will be written as. A string put together from thousands of pieces is
 * a tree of them, which the collector copies again and again until it is written.
 */
export class GatheredText {
  #buffer = Buffer.allocUnsafeSlow(bytesFirst);
  #length = 0;

  add(text: string): void {
    if (this.#buffer.length - this.#length < text.length * bytesEachMax) this.#makeRoom(Buffer.byteLength(text));
    this.#length += this.#buffer.write(text, this.#length);
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #makeRoom(bytes: number): void {
    let room = this.#buffer.length;
    while (room - this.#length < bytes) room *= 2;
    if (room === this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(room);
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
