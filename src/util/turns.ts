import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Lets one caller go on in each turn of the event loop: for work of a millisecond or two that must be done on this
 * thread, of which much may come at once, while requests wait to be answered.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  next(): Promise<void> {
    this.#last = this.#last.then(() => nextTurn());
    return this.#last;
  }
}
