/** Hands out the numbers from 0 to `count` - 1; one that came back is used again as late as possible. */
export class NumberPool {
  readonly #free: number[];

  constructor(count: number) {
    this.#free = Array.from({ length: count }, (_, index) => index);
  }

  get left(): number {
    return this.#free.length;
  }

  take(): number | undefined {
    return this.#free.shift();
  }

  giveBack(number: number): void {
    this.#free.push(number);
  }
}
