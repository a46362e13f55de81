/**
 * Memory for what waits: bytes of requests that are read whole and kept until they are answered, of all connections and
 * functions together. Who asks for more than is left is refused, and has cost nothing yet.
 */
export class ByteBudget {
  readonly #bytesMax: number;
  readonly #whole: ByteBudget | undefined;
  #taken = 0;

  /** `whole`: what is taken here is taken there, too. */
  constructor(bytesMax: number, whole?: ByteBudget) {
    this.#bytesMax = bytesMax;
    this.#whole = whole;
  }

  /** A part of it, for some of those who take: whatever they do, they leave the others the rest. */
  share(fraction: number): ByteBudget {
    return new ByteBudget(Math.floor(this.#bytesMax * fraction), this);
  }

  get taken(): number {
    return this.#taken;
  }

  /** False, and nothing taken, where so many are not left. */
  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#bytesMax || this.#whole?.take(bytes) === false) return false;
    this.#taken += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#taken -= bytes;
    this.#whole?.giveBack(bytes);
  }
}
