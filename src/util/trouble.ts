/** Something that goes on being wrong: it is said when it begins, and when it is over, however often it is met meanwhile. */
export class Trouble {
  readonly #say: (message: string) => void;
  #isOn = false;

  constructor(say: (message: string) => void) {
    this.#say = say;
  }

  met(message: string): void {
    if (!this.#isOn) this.#say(message);
    this.#isOn = true;
  }

  over(message: string): void {
    if (this.#isOn) this.#say(message);
    this.#isOn = false;
  }
}
