/**
 * Memory for what waits: bytes of requests that are read whole and kept until they are answered, of all connections and
 * functions together. Who asks for more than is left is refused, and has cost nothing yet.
 */
export class ByteBudget {
  readonly #bytesMax: number;
  #taken = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get taken(): number {
    return this.#taken;
  }

  /** False, and nothing taken, where so many are not left. */
  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#bytesMax) return false;
    this.#taken += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#taken -= bytes;
  }
}
