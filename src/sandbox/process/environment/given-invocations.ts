import type { Clock, Timer } from '../../../util/clock.ts';
import type { InvokeOutcome, InvokeRequest } from '../../sandbox.ts';

export type Given = { request: InvokeRequest; settle: (outcome: InvokeOutcome) => void };

/** Invocations behind one that takes longer than this are called back, to run elsewhere. */
const recallMs = 5;

export type GivenInvocationsOptions = {
  clock: Clock;
  /** Asks for those back that have not begun: `gaveBack` comes of it. */
  recall(): void;
  /** Says what is to be begun as soon as the code is loaded. */
  sendEarly(request: InvokeRequest): void;
};

/**
 * What an environment was given to run, one after the other: the first runs, the others wait inside behind it, and are called
 * back where it takes long. The very first may be given while the code is loaded (`addEarly`), and is said as soon as it is heard.
 */
export class GivenInvocations {
  readonly #options: GivenInvocationsOptions;
  readonly #given: Given[] = [];
  /** The first one, where it could not be said yet. */
  #unsaid: InvokeRequest | undefined;
  #isHeard = false;
  /** Looks whether the one that runs holds up the others. */
  #patience: Timer | undefined;
  #isRecalling = false;
  #isClosed = false;

  constructor(options: GivenInvocationsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#given.length;
  }

  get first(): Given | undefined {
    return this.#given[0];
  }

  /** The answer to that counts from the end of what was given: nothing may be added to it meanwhile. */
  get isRecalling(): boolean {
    return this.#isRecalling;
  }

  /** To be sent by who adds it. */
  add(given: Given): void {
    this.#given.push(given);
    if (this.#given.length > 1) this.#patience ??= this.#watch();
  }

  /** While the code is loaded: only the first. */
  addEarly(given: Given): void {
    this.#given.push(given);
    if (this.#isHeard) this.#options.sendEarly(given.request);
    else this.#unsaid = given.request;
  }

  /** The code is being loaded, and what is said meanwhile is heard. */
  heard(): void {
    this.#isHeard = true;
    const request = this.takeUnsaid();
    if (request !== undefined) this.#options.sendEarly(request);
  }

  get hasUnsaid(): boolean {
    return this.#unsaid !== undefined;
  }

  /** It is the caller's to send from now on. */
  takeUnsaid(): InvokeRequest | undefined {
    const request = this.#unsaid;
    this.#unsaid = undefined;
    return request;
  }

  /** The first has been answered. Undefined: there was none. */
  answered(): Given | undefined {
    return this.#given.shift();
  }

  /** The last so many will not begin there. False: they are more than were asked for. */
  gaveBack(count: number): boolean {
    if (!this.#isRecalling || count > Math.max(0, this.#given.length - 1)) return false;
    this.#isRecalling = false;
    for (const { settle } of this.#given.splice(this.#given.length - count)) settle({ status: 'not_started' });
    return true;
  }

  /** None is called back any more. */
  close(): void {
    this.#isClosed = true;
    this.#patience?.cancel();
  }

  /** All that were not answered, which are the caller's to settle. */
  takeAll(): Given[] {
    return this.#given.splice(0);
  }

  #watch(): Timer {
    const first = this.#given[0];
    return this.#options.clock.schedule(recallMs, () => {
      this.#patience = undefined;
      if (this.#given.length < 2 || this.#isClosed || this.#isRecalling) return;
      if (this.#given[0] !== first) {
        this.#patience = this.#watch();
        return;
      }
      this.#isRecalling = true;
      this.#options.recall();
    });
  }
}
